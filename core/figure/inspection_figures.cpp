#include "core/figure/inspection_figures.h"

#include <algorithm>
#include <cmath>

#include "core/figure/inspection_parts.h"
#include "core/figure/palette.h"
#include "core/figure/plot.h"

namespace mimir {
namespace {

using detail::kGap;
using detail::kMargin;
using detail::kTile;
using detail::kTileBottom;
using detail::kTileTop;
using detail::Sketch;
using detail::Values;

constexpr std::size_t kRows = 8;  ///< images that one figure shows
constexpr double kFirstRow = 60;  ///< below the title

std::vector<float> grid_of(std::span<const float> map) { return {map.begin(), map.end()}; }

/// A square map as a picture.
Expected<std::vector<std::byte>> square_png(std::span<const float> map, double low, double high, ColourScale colours) {
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(map.size()))));
  return map_png(map, side, side, low, high, colours);
}

/// [C, S, S] -> [S, S]: mean over the channels of adversarial - clean.
std::vector<float> perturbation(std::span<const float> clean, std::span<const float> adversarial, std::size_t channels) {
  const std::size_t pixels = clean.size() / channels;
  std::vector<float> mean(pixels);
  for (std::size_t i = 0; i < clean.size(); ++i) mean[i % pixels] += (adversarial[i] - clean[i]) / static_cast<float>(channels);
  return mean;
}

/// Five classes, clean above adversarial.
void draw_bars(Sketch& sketch, const Box& box, const nlohmann::json& result, const nlohmann::json& top) {
  const double row = box.height / 5;
  double y = box.y;
  for (const auto& entry : top) {
    sketch.text(box.x, y + 10, detail::class_name(result, entry[0]));
    const auto bar = [&](double top_edge, const nlohmann::json& share, const char* colour) {
      const double width = share.is_number() ? share.get<double>() * (box.width - 44) : 0;
      sketch.figure.add(Rect{{box.x, top_edge, std::max(width, 1.0), 6}, colour, {}, 1});
      sketch.figure.add(Text{{box.x + std::max(width, 1.0) + 4, top_edge + 6.5}, detail::percent(share), 9, palette::kText3, Anchor::start, Typeface::mono});
    };
    bar(y + 14, entry[1], palette::kClean);
    bar(y + 22, entry[2], palette::kAdversarial);
    y += row;
  }
}

/// values: of the steps from `first` on.
std::vector<Vec2> steps_of(std::span<const float> values, std::size_t first) {
  std::vector<Vec2> points;
  for (std::size_t i = 0; i < values.size(); ++i) points.push_back({static_cast<double>(first + i), static_cast<double>(values[i])});
  return points;
}

/// `branch`: what the path goes on with from step `left` on; empty: it goes on to its end.
Series curve(const char* label, const char* colour, std::span<const float> values, std::span<const float> branch, std::size_t left) {
  Series series;
  series.label = label;
  series.colour = colour;
  series.style = CurveStyle::exact;
  series.parts.push_back(steps_of(branch.empty() ? values : values.first(left + 1), 0));
  if (!branch.empty()) series.parts.push_back(steps_of(branch, left));
  return series;
}

std::string answer_line(const nlohmann::json& result, const nlohmann::json& image, const char* prefix) {
  const auto& prediction = image[std::string(prefix) + "prediction"];
  std::string line = detail::class_name(result, prediction) + "  " + detail::percent(image[std::string(prefix) + "probability"]);
  if (!image["label"].is_null()) line += prediction == image["label"] ? "  right" : "  wrong";
  return line;
}

}  // namespace

Expected<Figure> attack_figure(const nlohmann::json& result, const NamedArrays& arrays) {
  auto clean = Values::of(arrays, "clean", 4), adversarial = Values::of(arrays, "adversarial", 4);
  auto loss = Values::of(arrays, "loss", 2), margins = Values::of(arrays, "margin", 2);
  for (auto* values : {&clean, &adversarial, &loss, &margins}) {
    if (!*values) return pass_on(*values);
  }
  const bool shown = result.contains("shown"), branched = shown && result["shown"]["branch"].get<bool>();
  auto branch_loss = branched ? Values::of(arrays, "branch_loss", 2) : loss, branch_margin = branched ? Values::of(arrays, "branch_margin", 2) : margins;
  for (auto* values : {&branch_loss, &branch_margin}) {
    if (!*values) return pass_on(*values);
  }
  const auto left = branched ? result["branch"]["step"].get<std::size_t>() : 0;
  const std::string of_step = shown ? fmt::format(", step {}", result["shown"]["step"].get<std::int64_t>()) : "";
  const auto& attack = result["attack"];
  const double epsilon = attack["epsilon"].get<double>();
  const std::int64_t side = clean->size(2);
  const auto channels = static_cast<std::size_t>(clean->size(1)), steps = static_cast<std::size_t>(loss->size(1));
  const std::size_t rows = std::min(kRows, static_cast<std::size_t>(clean->size(0)));
  Sketch sketch;
  sketch.figure.width = 2 * kMargin + 3 * (kTile + kGap) + 78 + 170 + kGap + 330;
  sketch.title(fmt::format("{} within {} {}", attack["name"].get<std::string>(), attack["norm"] == "linf" ? "L∞" : "L2", detail::level_text(epsilon)));
  double y = kFirstRow + kTileTop;
  for (std::size_t n = 0; n < rows; ++n, y += kTile + kTileTop + kTileBottom + kGap) {
    const auto& image = result["images"][n];
    const auto at = static_cast<std::int64_t>(n);
    const auto box = [&](int column) { return Box{kMargin + column * (kTile + kGap), y, kTile, kTile}; };
    const std::vector<float> signed_change = perturbation(clean->at(at), adversarial->at(at), channels);
    double reach = 0;
    for (const float value : signed_change) reach = std::max(reach, static_cast<double>(std::abs(value)));
    if (attack["norm"] == "linf") reach = epsilon;
    if (reach <= 0) reach = 1.0 / 255;
    sketch.tile(box(0), "original", detail::picture_of(clean->at(at), side),
                {answer_line(result, image, ""), "label " + detail::class_name(result, image["label"])});
    sketch.tile(box(1), "adversarial" + of_step, detail::picture_of(adversarial->at(at), side),
                {answer_line(result, image, "adversarial_"),
                 fmt::format("L∞ {}  L2 {}", detail::short_number(image["linf"]), detail::short_number(image["l2"]))});
    std::string smallest;
    if (image.contains("smallest_epsilon")) {
      smallest = image["smallest_epsilon"].is_null() ? "no success up to " + detail::level_text(image["up_to"].get<double>())
                                                     : fmt::format("smallest epsilon {:.3f}/255", 255 * image["smallest_epsilon"].get<double>());
    }
    sketch.tile(box(2), fmt::format("perturbation × {:.1f}", 1 / reach), square_png(signed_change, -reach, reach, ColourScale::diverging),
                {"mean of the channels", smallest});
    sketch.scale({box(2).right() + 8, y, 10, kTile}, -reach, reach, ColourScale::diverging, "change of the pixel");
    const double bars = box(2).right() + 78 + kGap;
    sketch.figure.add(Text{{bars, y - 7}, "clean over adversarial", 12, palette::kText, Anchor::start, Typeface::bold});
    draw_bars(sketch, {bars, y - 2, 160, kTile + 16}, result, image["top"]);
    Plot plot{"by step", "step", "objective, margin", {}, {}};
    const auto on = [&](const Expected<Values>& values) { return branched ? values->at(at) : std::span<const float>(); };
    plot.series = {curve("objective", palette::kCategories[0], loss->at(at), on(branch_loss), left),
                   curve("margin", palette::kCategories[1], margins->at(at), on(branch_margin), left)};
    if (shown) plot.breaks = {result["shown"]["step"].get<double>()};
    if (steps > 1) draw_plot(sketch.figure, plot, {bars + 170 + kGap - 10, y - kTileTop, 330, kTile + kTileTop + kTileBottom});
  }
  if (rows < static_cast<std::size_t>(clean->size(0))) {
    sketch.text(kMargin, y, fmt::format("{} more images are in the arrays.", static_cast<std::size_t>(clean->size(0)) - rows));
    y += 18;
  }
  sketch.caption(y, detail::caption_lines(result));
  if (!sketch.error) return pass_on(sketch.error);
  return std::move(sketch.figure);
}

Expected<Figure> reconstruction_figure(const nlohmann::json& result, const NamedArrays& arrays) {
  auto clean = Values::of(arrays, "clean", 4), input = Values::of(arrays, "adversarial", 4), made = Values::of(arrays, "reconstruction", 4);
  auto mask = Values::of(arrays, "mask", 2), error = Values::of(arrays, "error", 3);
  for (auto* values : {&clean, &input, &made, &mask, &error}) {
    if (!*values) return pass_on(*values);
  }
  const std::int64_t side = clean->size(2), grid = result["grid"][0].get<std::int64_t>(), patch = side / grid;
  const std::size_t rows = std::min(kRows, static_cast<std::size_t>(clean->size(0)));
  double worst = 0;  // one scale for all: the largest error of the masked patches, what is pasted counts as 0
  for (std::size_t n = 0; n < rows; ++n) {
    for (const float value : error->at(static_cast<std::int64_t>(n))) worst = std::max(worst, static_cast<double>(std::sqrt(value)));
  }
  const bool attacked = result["attack"].is_object();
  Sketch sketch;
  sketch.figure.width = 2 * kMargin + 4 * kTile + 3 * kGap + 80;
  sketch.title(fmt::format("Reconstruction with {} of the patches masked", detail::percent(result["mask"]["ratio"])));
  double y = kFirstRow + kTileTop;
  for (std::size_t n = 0; n < rows; ++n, y += kTile + kTileTop + kTileBottom + kGap) {
    const auto at = static_cast<std::int64_t>(n);
    const auto& image = result["images"][n];
    const auto box = [&](int column) { return Box{kMargin + column * (kTile + kGap), y, kTile, kTile}; };
    std::vector<float> seen = grid_of(input->at(at)), pasted = grid_of(made->at(at)), root = grid_of(error->at(at));
    const auto removed = mask->at(at);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const auto pixel = static_cast<std::int64_t>(i) % (side * side);
      const auto place = static_cast<std::size_t>(pixel / side / patch * grid + pixel % side / patch);
      if (removed[place] != 0) seen[i] = 0.85F;
      else pasted[i] = input->at(at)[i];
    }
    for (float& value : root) value = std::sqrt(value);
    sketch.tile(box(0), "clean", detail::picture_of(clean->at(at), side), {"label " + detail::class_name(result, image["label"])});
    sketch.tile(box(1), attacked ? "encoder input, adversarial" : "encoder input", detail::picture_of(seen, side),
                {fmt::format("{} patches masked", image["masked"].get<std::int64_t>()),
                 attacked ? "attack gain " + detail::short_number(image["attack_gain"]) : ""});
    sketch.tile(box(2), "reconstruction", detail::picture_of(pasted, side),
                {"visible patches pasted", fmt::format("PSNR {} dB  SSIM {}", detail::short_number(image["psnr_masked"]), detail::short_number(image["ssim_masked"]))});
    sketch.tile(box(3), "error", square_png(root, 0, worst, ColourScale::magma),
                {"masked " + detail::short_number(image["error_masked"]), "visible " + detail::short_number(image["error_visible"])});
    sketch.scale({box(3).right() + 8, y, 10, kTile}, 0, worst, ColourScale::magma, "root of the squared error");
  }
  std::vector<std::string> lines = detail::caption_lines(result);
  const auto& drawn = result["mask"];
  lines.push_back(drawn["kind"] == "given" ? "Mask: chosen patches. PSNR and SSIM are of the masked patches."
                                           : fmt::format("Mask: {}, ratio {}, seed {}. PSNR and SSIM are of the masked patches.", drawn["kind"].get<std::string>(),
                                                         detail::short_number(drawn["ratio"]), drawn["seed"].get<std::int64_t>()));
  if (result["uses_ground_truth_statistics"].get<bool>()) {
    lines.push_back("The model predicts normalised patches: mean and variance of each true patch were used to show them.");
  }
  sketch.caption(y, lines);
  if (!sketch.error) return pass_on(sketch.error);
  return std::move(sketch.figure);
}

}  // namespace mimir
