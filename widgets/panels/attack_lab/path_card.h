#pragma once

#include <QTimer>
#include <nlohmann/json.hpp>

#include "widgets/panels/attack_lab/attack_result.h"
#include "widgets/theme/card.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSlider;
class QSpinBox;
class QToolButton;

namespace mimir {

class PopupForm;
class StepPlot;

/// The way of an attack: loss and margin at every step over the scrubber, the first flip marked; which restart is shown;
/// and how it may go on from the step that is shown.
class PathCard : public Card {
  Q_OBJECT

 public:
  explicit PathCard(Theme& theme, QWidget* parent = nullptr);

  /// `walk`: a restart's place, kBranch, or kRadius for a walk of a sweep, of which there is one only.
  void show_walk(const AttackResult& result, const AttackPath& path, int walk, int step);
  void set_step(int step);
  /// Moves the step by so many, or to the first (`far` < 0) or last one.
  void move_step(int by);
  void to_end(bool last);
  void toggle_play();
  void set_stale(bool stale);
  void set_progress(const QString& words);
  QSlider* slider() const { return slider_; }
  QToolButton* branch_button() const { return branch_; }

  static constexpr int kBranch = -1;
  static constexpr int kRadius = -2;

 Q_SIGNALS:
  void step_chosen(int step);
  void walk_chosen(int walk);
  /// Options branch-step, branch-objective, branch-step-size, branch-steps, as far as they are given.
  void branch_wanted(const nlohmann::json& options);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void make_branch_form(Theme& theme);
  void go_on();
  void show_position();

  Theme* theme_;
  StepPlot* plot_;
  QSlider* slider_;
  QHBoxLayout* slider_row_;
  QLabel* position_;
  QToolButton* play_;
  QComboBox* walks_;
  QToolButton* branch_;
  PopupForm* form_ = nullptr;
  QComboBox* objective_ = nullptr;
  QLineEdit* step_size_ = nullptr;
  QSpinBox* steps_ = nullptr;
  QPushButton* go_on_ = nullptr;
  QTimer timer_;
};

}  // namespace mimir
