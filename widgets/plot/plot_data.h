#pragma once

#include <QPen>
#include <QString>
#include <map>
#include <vector>

#include "widgets/plot/series.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// A run as all plots show it.
struct PlotRun {
  QString id;
  QString name;
  int colour = 0;  ///< palette index; from 8 on the hues repeat with another dash
  int dash = 0;    ///< 1 dashed, 2 dotted, 3 dash-dot; 0: what the colour index asks for
  bool visible = true;
  bool emphasised = false;
  bool operator==(const PlotRun&) const = default;
};

/// What is measured: one thing, or the same thing on clean and on adversarial images.
enum class Measured { plain, clean, adversarial };

struct PlotCurve {
  QString run;
  Measured measured = Measured::plain;
  RunSeries series;
};

enum class ScaleKind { automatic, linear, logarithmic };

struct PlotOptions {
  XKind x = XKind::step;
  bool log_x = false;
  ScaleKind y = ScaleKind::automatic;  ///< automatic: logarithmic where all is positive and spans a factor of 30
  bool ignore_outliers = false;        ///< y from the 5th to the 95th percentile
  double smoothing = 0;                ///< beta in [0, 1); of step metrics
  bool replaced = false;               ///< show the tails that a resume has replaced, faintly
  bool checkpoints = true;
  bool x_title = false;
  bool operator==(const PlotOptions&) const = default;
};

/// All that a plot shows.
struct PlotData {
  QString title;
  QString unit;
  QString empty;           ///< the sentence shown while there is no point
  bool per_epoch = false;  ///< few, exact values: points are drawn, nothing is smoothed
  PlotOptions options;
  std::vector<PlotRun> runs;
  std::vector<PlotCurve> curves;
  std::map<QString, std::vector<CheckpointRow>> checkpoints;  ///< by run

  const PlotRun* find_run(const QString& id) const;
  PlotCurve* find_curve(const QString& run, Measured measured);
  /// Of visible runs, with points; in the order of the runs.
  std::vector<const PlotCurve*> visible_curves() const;
  bool paired() const;
  /// The run whose value stands in the header: the emphasised one, else the first visible.
  const PlotRun* leading_run() const;
  QString curve_name(const PlotCurve& curve) const;
  /// All that a plot shows in sentences, for people who do not see it: unit, axes, and of each curve its newest value,
  /// where it began, its range and what is not finite.
  QString words(bool log_y) const;
};

/// Colours and fonts of one drawing: the window's, or an export's own ground and size.
class PlotStyle {
 public:
  explicit PlotStyle(const Theme& theme) : theme_(&theme) {}
  PlotStyle(const Theme& theme, bool dark, double font_scale) : theme_(&theme), own_ground_(true), dark_(dark), scale_(font_scale) {}

  bool dark() const { return own_ground_ ? dark_ : theme_->dark(); }
  const Tokens& tokens() const { return dark() ? kDarkTokens : kLightTokens; }
  double scale() const { return scale_; }
  QFont font(const FontRole& role) const;
  double raw_opacity() const { return dark() ? 0.32 : 0.28; }
  /// Colour, dash and width of a curve.
  QPen pen(const PlotData& data, const PlotCurve& curve) const;

 private:
  const Theme* theme_;
  bool own_ground_ = false;
  bool dark_ = false;
  double scale_ = 1;
};

}  // namespace mimir
