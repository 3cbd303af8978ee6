#pragma once

#include "widgets/plot/custom_plot.h"

namespace mimir {

class PlotCanvas;

/// What lies over the curves and belongs to the picture: values that are not finite, resumes, checkpoints, arrows to
/// what "ignore outliers" hides, and the sentence of an empty plot.
class PlotMarks : public QCPLayerable {
 public:
  explicit PlotMarks(PlotCanvas& canvas);

  struct Hit {
    enum class Kind { problem, checkpoint, newer } kind = Kind::problem;
    QString run;
    QString stage;
    qint64 step = 0;
    QString text;  ///< for the tooltip
  };
  /// What is drawn at a pixel.
  std::optional<Hit> hit(const QPointF& position) const;

 protected:
  void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
  void draw(QCPPainter* painter) override;

 private:
  void draw_segments(QCPPainter* painter);
  void draw_checkpoints(QCPPainter* painter);
  void draw_problems(QCPPainter* painter);
  void draw_notes(QCPPainter* painter);

  PlotCanvas* canvas_;
  struct Area {
    QRectF area;
    Hit hit;
  };
  std::vector<Area> areas_;
};

}  // namespace mimir
