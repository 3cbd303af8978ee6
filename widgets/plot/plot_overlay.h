#pragma once

#include "widgets/plot/custom_plot.h"

#include <vector>

#include "widgets/plot/plot_data.h"

namespace mimir {

class PlotCanvas;

/// A curve's value at the crosshair.
struct CursorValue {
  const PlotCurve* curve = nullptr;
  std::size_t index = 0;
};

/// Of the visible curves, the highest first.
std::vector<CursorValue> values_at(const PlotData& data, double x);
/// "0.0642 (raw 0.0671)"; without the bracket where nothing is smoothed.
QString cursor_value_text(const PlotData& data, const CursorValue& value);

/// Crosshair, pins, their values, the box of a zoom: drawn apart from the curves, as the pointer moves.
class PlotOverlay : public QCPLayerable {
 public:
  explicit PlotOverlay(PlotCanvas& canvas);

 protected:
  void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
  void draw(QCPPainter* painter) override;

 private:
  struct Row {
    QPen pen;
    QString name;
    QString value;
    QString extra;
  };
  void draw_line(QCPPainter* painter, double x, bool tag);
  void draw_dots(QCPPainter* painter, double x);
  std::vector<Row> rows_at(double x) const;
  std::vector<Row> rows_between(double from, double to) const;
  void draw_popover(QCPPainter* painter, double x, const QString& heading, std::vector<Row> rows);

  PlotCanvas* canvas_;
};

}  // namespace mimir
