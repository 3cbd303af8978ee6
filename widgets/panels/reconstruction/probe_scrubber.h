#pragma once

#include <vector>

#include "widgets/theme/card.h"

class QHBoxLayout;
class QLabel;
class QSlider;
class QToolButton;

namespace mimir {

class MetricPlot;

/// The error through training, and under it, on the same x axis, a slider that stands only where pictures are stored; play,
/// one picture back and forward.
class ProbeScrubber : public Card {
  Q_OBJECT

 public:
  explicit ProbeScrubber(Theme& theme, QWidget* parent = nullptr);

  /// At which steps of the optimiser there are pictures, rising. A position is a place in this list.
  void set_steps(std::vector<std::int64_t> steps);
  /// Emits nothing. `words`: "epoch 12, step 3 400".
  void show_position(int position, const QString& words);
  /// From where it stands, as the user would.
  void step(int by);
  void step_to_end(bool last);
  void toggle_play();
  MetricPlot& curve() { return *curve_; }

 Q_SIGNALS:
  /// By the user or by playing.
  void chosen(int position);
  /// On the curve.
  void step_pointed_at(std::int64_t step);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  void make_transport(Theme& theme);
  void choose(int position);
  /// The position of the step nearest to this one.
  int nearest(std::int64_t step) const;
  void slide(int action);
  void align();

  QTimer play_timer_;
  std::vector<std::int64_t> steps_;
  int position_ = 0;
  MetricPlot* curve_;
  QSlider* slider_;
  QHBoxLayout* slider_row_;
  QToolButton* play_ = nullptr;
  QLabel* where_;
};

}  // namespace mimir
