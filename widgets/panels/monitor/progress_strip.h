#pragma once

#include <QWidget>

#include "widgets/session/run_progress.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// All stages of a run with state, percent and epoch, and at the right step, elapsed time, time left and time of the
/// end. On a narrow strip only the stage at work is drawn. Painted; its accessible name says the same in words.
class ProgressStrip : public QWidget {
  Q_OBJECT

 public:
  explicit ProgressStrip(Theme& theme, QWidget* parent = nullptr);

  /// `now`: seconds since 1970.
  void show_progress(const RunProgress& progress, double now);
  QSize sizeHint() const override { return {640, 56}; }
  QSize minimumSizeHint() const override { return {320, 56}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Fact {
    QString label;
    QString value;
  };
  std::vector<Fact> facts() const;
  void paint_stage(QPainter& painter, const QRect& area, const StageProgress& stage, bool current) const;

  Theme* theme_;
  RunProgress progress_;
  double now_ = 0;
};

}  // namespace mimir
