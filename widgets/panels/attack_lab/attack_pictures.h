#pragma once

#include <QWidget>
#include <array>

#include "widgets/panels/attack_lab/attack_result.h"
#include "widgets/theme/theme.h"

namespace mimir {

class PictureView;
class SegmentedControl;

/// Original, adversarial and perturbation of one iterate, side by side; below them those of a second model, as large and on the
/// same scale. The same pixel is read in all.
class AttackPictures : public QWidget {
  Q_OBJECT

 public:
  explicit AttackPictures(Theme& theme, QWidget* parent = nullptr);

  /// `result`: for the clean prediction and the classes' names. `model`: whose it is; empty where it need not be said.
  void show_iterate(std::shared_ptr<const AttackResult> result, const AttackPath& path, int step, const QString& model);
  /// The second model's attack at one step.
  void show_second(std::shared_ptr<const AttackResult> result, int step, const QString& model);
  /// A second row with a sentence in place of what is not there.
  void show_no_second(const QString& sentence, const QString& model);
  void leave_second();
  bool two() const { return two_; }
  /// Which rows answer an older question.
  void set_stale(bool first, bool second);
  /// What the perturbation shows: the mean of the channels or one. For a tool row; owned by whoever takes it.
  SegmentedControl* channels() const { return channels_; }
  /// The least height at which the pictures are as large as in `size`, which may be no height at all.
  int height_for(const QSize& size) const;

  const PictureView& adversarial() const { return *rows_[0].adversarial; }
  const PictureView& perturbation() const { return *rows_[0].perturbation; }
  const PictureView& second_adversarial() const { return *rows_[1].adversarial; }
  const PictureView& second_perturbation() const { return *rows_[1].perturbation; }

  QSize minimumSizeHint() const override;

 private:
  struct Row {
    PictureView *original, *adversarial, *perturbation;
    std::shared_ptr<const AttackResult> result;
    std::optional<AttackPath> path;  ///< none: nothing is there yet
    int step = 0;
    QString model;
    std::array<PictureView*, 3> views() const { return {original, adversarial, perturbation}; }
  };

  void show_missing(Row& row, const QString& sentence);
  void set_two(bool two);
  void refresh();
  void show_row(const Row& row);
  void show_perturbations();
  void read_pixel(std::optional<QPoint> pixel);

  Theme* theme_;
  std::array<Row, 2> rows_;
  SegmentedControl* channels_;
  bool two_ = false;
};

}  // namespace mimir
