#include "widgets/plot/plot_data.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"
#include "widgets/plot/plot_ticker.h"

namespace mimir {
namespace {

constexpr double kLine = 1.8;
constexpr double kEmphasised = 2.0;

/// In px; QPen counts in widths.
QList<qreal> dash_pattern(int dash, double width) {
  QList<qreal> pattern;
  switch (dash) {
    case 1: pattern = {6, 3}; break;
    case 2: pattern = {1.5, 2.5}; break;
    case 3: pattern = {6, 2.5, 1.5, 2.5}; break;
    default: break;
  }
  for (qreal& length : pattern) length /= width;
  return pattern;
}

}  // namespace

const PlotRun* PlotData::find_run(const QString& id) const {
  const auto run = std::find_if(runs.begin(), runs.end(), [&](const PlotRun& r) { return r.id == id; });
  return run == runs.end() ? nullptr : &*run;
}

PlotCurve* PlotData::find_curve(const QString& run, Measured measured) {
  const auto curve = std::find_if(curves.begin(), curves.end(),
                                  [&](const PlotCurve& c) { return c.run == run && c.measured == measured; });
  return curve == curves.end() ? nullptr : &*curve;
}

std::vector<const PlotCurve*> PlotData::visible_curves() const {
  std::vector<const PlotCurve*> visible;
  for (const PlotRun& run : runs) {
    if (!run.visible) continue;
    for (const Measured measured : {Measured::plain, Measured::clean, Measured::adversarial}) {
      for (const PlotCurve& curve : curves) {
        if (curve.run == run.id && curve.measured == measured && !curve.series.empty()) visible.push_back(&curve);
      }
    }
  }
  return visible;
}

bool PlotData::paired() const {
  return std::any_of(curves.begin(), curves.end(), [](const PlotCurve& c) { return c.measured != Measured::plain; });
}

const PlotRun* PlotData::leading_run() const {
  const PlotRun* first = nullptr;
  for (const PlotRun& run : runs) {
    if (!run.visible) continue;
    if (run.emphasised) return &run;
    if (!first) first = &run;
  }
  return first;
}

QString PlotData::curve_name(const PlotCurve& curve) const {
  const PlotRun* run = find_run(curve.run);
  const QString name = run ? run->name : curve.run;
  switch (curve.measured) {
    case Measured::clean: return QCoreApplication::translate("mimir::PlotData", "%1, clean").arg(name);
    case Measured::adversarial: return QCoreApplication::translate("mimir::PlotData", "%1, adversarial").arg(name);
    case Measured::plain: break;
  }
  return name;
}

QString PlotData::words(bool log_y) const {
  const auto text = [](const char* source) { return QCoreApplication::translate("mimir::PlotData", source); };
  QStringList sentences;
  if (!unit.isEmpty()) sentences += unit;
  const auto curves = visible_curves();
  if (curves.empty()) return (sentences += empty).join(QStringLiteral(". "));
  if (log_y) sentences += text("y is logarithmic");
  for (const PlotCurve* curve : curves) {
    const RunSeries& series = curve->series;
    const std::size_t last = series.size() - 1;
    QStringList parts;
    const bool smooths = series.smoothing() > 0 && !per_epoch && std::isfinite(series.value(last));
    const QString raw = number_text(series.value(last)), where = x_title(options.x) + QLatin1Char(' ') + x_text(series.x(last, options.x), options.x);
    if (smooths) parts += text("%1: %2, raw %3, at %4").arg(curve_name(*curve), number_text(series.smoothed(last)), raw, where);
    else parts += text("%1: %2 at %3").arg(curve_name(*curve), raw, where);
    if (last > 0) parts += text("began at %1").arg(number_text(series.value(0)));
    const Extremes range = series.extremes(0, series.size());
    if (last > 0 && range.lowest != Extremes::kNone) parts += text("between %1 and %2").arg(number_text(series.value(range.lowest)), number_text(series.value(range.highest)));
    if (const std::size_t problems = series.problems_above().size() + series.problems_below().size()) parts += problems == 1 ? text("1 value is not finite") : text("%1 values are not finite").arg(problems);
    sentences += parts.join(QStringLiteral(", "));
  }
  return sentences.join(QStringLiteral(". "));
}

QFont PlotStyle::font(const FontRole& role) const {
  QFont font = theme_->font(role);
  font.setPixelSize(qRound(font.pixelSize() * scale_));
  return font;
}

QPen PlotStyle::pen(const PlotData& data, const PlotCurve& curve) const {
  const PlotRun* run = data.find_run(curve.run);
  const auto visible = std::count_if(data.runs.begin(), data.runs.end(), [](const PlotRun& r) { return r.visible; });
  const Tokens& t = tokens();
  const int index = run ? run->colour : 0;
  std::uint32_t colour = t.runs[static_cast<std::size_t>(std::max(0, index)) % t.runs.size()];
  int dash = run && run->dash ? run->dash : std::max(0, index) / static_cast<int>(t.runs.size()) % 4;
  if (curve.measured != Measured::plain) {
    // Clean and adversarial differ by dash; in colours of their own where no runs are compared.
    if (visible < 2) colour = curve.measured == Measured::clean ? t.clean : t.adversarial;
    dash = curve.measured == Measured::clean ? 0 : 1;
  }
  QPen pen(Theme::colour(colour), (run && run->emphasised ? kEmphasised : kLine) * scale_);
  pen.setJoinStyle(Qt::RoundJoin);
  pen.setCapStyle(dash ? Qt::FlatCap : Qt::RoundCap);
  if (dash) pen.setDashPattern(dash_pattern(dash, kLine));
  return pen;
}

}  // namespace mimir
