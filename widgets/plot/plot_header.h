#pragma once

#include <QWidget>

#include "widgets/plot/plot_data.h"

class QToolButton;

namespace mimir {

struct PlotNotes;

/// The row above a plot: name, unit, what was left out, the current value, the menu; for pairs a legend below. Painted.
class PlotHeader : public QWidget {
  Q_OBJECT

 public:
  PlotHeader(const PlotData& data, PlotStyle style, QWidget* parent);

  QToolButton* menu_button() const { return button_; }
  void set_notes(const QString& notes);
  const QString& notes() const { return notes_; }
  /// Of the leading run, of both of a pair: "3.41 / 4.06".
  static QString current_value(const PlotData& data);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {100, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  const PlotData* data_;
  PlotStyle style_;
  QToolButton* button_;
  QString notes_;
};

/// "Bucketed 1 : 12 · 3 values ≤ 0 not shown"; empty where all is shown as it is.
QString notes_text(const PlotNotes& notes);

/// The dashes of clean and adversarial with their words, from the left; returns the width.
double draw_pair_legend(QPainter& painter, const PlotStyle& style, const PlotData& data, QPointF left_middle);

}  // namespace mimir
