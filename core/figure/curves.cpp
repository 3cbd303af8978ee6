#include "core/figure/curves.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/figure/palette.h"
#include "core/figure/plot.h"
#include "core/figure/svg.h"
#include "core/store/annotations.h"

namespace mimir {
namespace {

constexpr double kWidth = 1040;
constexpr double kMargin = 20;
constexpr double kGap = 14;
constexpr double kHeader = 64;
constexpr double kPlotHeight = 260;
constexpr const char* kDashed = "6 3";

struct Curve {
  const char* metric;
  const char* label;
  const char* colour;
  const char* dash = "";
};

struct Panel {
  const char* title;
  const char* quantity;  ///< of the y axis; the unit is the first curve's
  std::vector<Curve> curves;
  CurveStyle style = CurveStyle::noisy;
};

/// In reading order. Clean is solid and adversarial dashed, each in its own colour, as in the window.
const std::vector<Panel>& panels() {
  using namespace palette;
  static const std::vector<Panel> all = {
      {"Pre-training loss", "loss", {{"pretrain/loss", "loss", kCategories[0]}, {"pretrain/reconstruction", "reconstruction", kCategories[1], kDashed}}},
      {"Information between adversarial image and latent", "information", {{"pretrain/information", "information", kCategories[2]}}},
      {"Reconstruction of the probe images", "squared error",
       {{"pretrain/probe/reconstruction_clean", "clean", kClean}, {"pretrain/probe/reconstruction_adversarial", "adversarial", kAdversarial, kDashed}}, CurveStyle::markers},
      {"HSIC of the probe images", "HSIC",
       {{"pretrain/probe/hsic_clean", "clean", kClean}, {"pretrain/probe/hsic_adversarial", "adversarial", kAdversarial, kDashed}}, CurveStyle::markers},
      {"Fine-tuning loss", "loss", {{"finetune/loss", "loss", kCategories[0]}}},
      {"Accuracy on training batches", "accuracy",
       {{"finetune/train_natural_accuracy", "natural", kClean}, {"finetune/train_robust_accuracy", "robust", kAdversarial}}},
      {"Accuracy on held-out images", "accuracy",
       {{"finetune/natural_accuracy", "natural", kClean}, {"finetune/robust_accuracy", "robust (PGD)", kAdversarial, kDashed},
        {"finetune/fgsm_accuracy", "FGSM", kCategories[3], "1.5 2.5"}}, CurveStyle::markers},
      {"Pre-training learning rate", "learning rate", {{"pretrain/learning_rate", "learning rate", kCategories[4]}}, CurveStyle::exact},
      {"Fine-tuning learning rate", "learning rate", {{"finetune/learning_rate", "learning rate", kCategories[4]}}, CurveStyle::exact},
      {"Pre-training speed", "speed", {{"pretrain/images_per_second", "speed", kCategories[5]}}},
      {"Fine-tuning speed", "speed", {{"finetune/images_per_second", "speed", kCategories[5]}}},
  };
  return all;
}

/// One part for each segment, without what a resume has replaced.
std::vector<std::vector<Vec2>> parts_of(const std::vector<Point>& points, const std::vector<SegmentRow>& segments) {
  std::map<std::int32_t, std::vector<Vec2>> parts;
  for (const Point& point : without_superseded(points, segments)) parts[point.segment].push_back({static_cast<double>(point.step), point.value});
  std::vector<std::vector<Vec2>> result;
  for (auto& [segment, part] : parts) result.push_back(std::move(part));
  return result;
}

/// Where later segments of a stage began.
std::vector<double> breaks_of(const std::string& stage, const std::vector<SegmentRow>& segments) {
  std::set<double> breaks;
  bool first = true;
  for (const SegmentRow& segment : segments) {
    if (segment.stage != stage) continue;
    if (!first) breaks.insert(static_cast<double>(segment.first_step));
    first = false;
  }
  return {breaks.begin(), breaks.end()};
}

/// A plot without series where nothing of the panel was recorded.
Expected<Plot> make_plot(const Panel& panel, RunReader& reader, const std::map<std::string, MetricInfo>& metrics,
                         const std::vector<SegmentRow>& segments) {
  Plot plot{panel.title, "step", "", {}};
  for (const Curve& curve : panel.curves) {
    const auto metric = metrics.find(curve.metric);
    if (metric == metrics.end()) continue;
    auto points = reader.points(curve.metric);
    if (!points) return pass_on(points);
    if (points->empty()) continue;
    plot.series.push_back({curve.label, curve.colour, curve.dash, parts_of(*points, segments), panel.style});
    plot.y_label = fmt::format("{} [{}]", panel.quantity, metric->second.unit);
    plot.breaks = breaks_of(std::string(metric->first.substr(0, metric->first.find('/'))), segments);
  }
  return plot;
}

std::string shown_name(const RunFolder& run) {
  const auto annotations = read_annotations(run);
  return annotations && !annotations->name.empty() ? annotations->name : run.name();
}

}  // namespace

Expected<Figure> curves_figure(RunReader& reader) {
  auto condition = reader.condition();
  if (!condition) return pass_on(condition);
  auto segments = reader.segments();
  if (!segments) return pass_on(segments);
  auto listed = reader.metrics();
  if (!listed) return pass_on(listed);
  std::map<std::string, MetricInfo> metrics;
  for (MetricInfo& metric : *listed) metrics.emplace(metric.name, metric);

  std::vector<Plot> plots;
  for (const Panel& panel : panels()) {
    auto plot = make_plot(panel, reader, metrics, *segments);
    if (!plot) return pass_on(plot);
    if (!plot->series.empty()) plots.push_back(std::move(*plot));
  }

  const std::string name = shown_name(reader.run());
  const auto rows = static_cast<double>(std::max<std::size_t>(1, (plots.size() + 1) / 2));
  Figure figure{kWidth, kHeader + rows * (kPlotHeight + kGap) - kGap + kMargin, "Curves of the run " + name, {}};
  figure.add(Rect{{0, 0, figure.width, figure.height}, palette::kCanvas});
  figure.add(Text{{kMargin, 30}, name, 18, palette::kText, Anchor::start, Typeface::bold});
  std::string facts = fmt::format("{}  ·  {}", reader.run().id(), reader.run().date());
  // While its trainer draws it the lock is held, and "running" would be wrong for ever.
  if (condition->status != RunStatus::running && condition->status != RunStatus::starting) facts += fmt::format("  ·  {}", run_status_name(condition->status));
  if (condition->status == RunStatus::failed && condition->reason) facts += ": " + *condition->reason;
  figure.add(Text{{kMargin, 50}, facts, 12, palette::kText3});

  const double width = (kWidth - 2 * kMargin - kGap) / 2;
  for (std::size_t i = 0; i < plots.size(); ++i) {
    const double x = kMargin + static_cast<double>(i % 2) * (width + kGap);
    const double y = kHeader + static_cast<double>(i / 2) * (kPlotHeight + kGap);
    draw_plot(figure, plots[i], {x, y, width, kPlotHeight});
  }
  if (plots.empty()) figure.add(Text{{kWidth / 2, kHeader + kPlotHeight / 2}, "Nothing was recorded.", 13, palette::kText3, Anchor::middle});
  return figure;
}

Expected<void> write_curves(const RunFolder& run) {
  RunReader reader(run);
  auto figure = curves_figure(reader);
  if (!figure) return pass_on(figure);
  return write_svg_file(run.curves(), *figure);
}

}  // namespace mimir
