#pragma once

#include "widgets/plot/custom_plot.h"

#include "widgets/plot/series.h"

namespace mimir {

enum class TickKind { number, duration, clock };

/// Round ticks for linear and logarithmic axes, lengths of time and clock times; as many as the axis has room for.
class PlotTicker : public QCPAxisTicker {
 public:
  /// `room`: about how many ticks fit.
  void configure(TickKind kind, bool logarithmic, int room);
  void generate(const QCPRange& range, const QLocale& locale, QChar format, int precision, QVector<double>& ticks,
                QVector<double>* sub_ticks, QVector<QString>* labels) override;

 private:
  TickKind kind_ = TickKind::number;
  bool logarithmic_ = false;
  int room_ = 5;
};

/// A tick of an axis whose ticks are `step` apart: as many decimals as the step needs; from 10 000 on "50 k", "1.5 M".
QString tick_text(double value, double step);
/// As the tag at the crosshair shows it.
QString x_text(double x, XKind kind);
/// "optimiser step", "epoch", …
QString x_title(XKind kind);

}  // namespace mimir
