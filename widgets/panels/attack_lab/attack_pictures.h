#pragma once

#include <QWidget>

#include "widgets/panels/attack_lab/attack_result.h"
#include "widgets/theme/theme.h"

namespace mimir {

class PictureView;
class SegmentedControl;

/// Original, adversarial and perturbation of one iterate, side by side; the same pixel is read in all three.
class AttackPictures : public QWidget {
  Q_OBJECT

 public:
  explicit AttackPictures(Theme& theme, QWidget* parent = nullptr);

  /// `result`: for the clean prediction and the classes' names.
  void show_iterate(std::shared_ptr<const AttackResult> result, const AttackPath& path, int step);
  void set_stale(bool stale);
  /// What the perturbation shows: the mean of the channels or one. For a tool row; owned by whoever takes it.
  SegmentedControl* channels() const { return channels_; }

  const PictureView& adversarial() const { return *adversarial_; }
  const PictureView& perturbation() const { return *perturbation_; }

 private:
  void refresh();
  void show_perturbation();
  void read_pixel(std::optional<QPoint> pixel);

  Theme* theme_;
  PictureView* original_;
  PictureView* adversarial_;
  PictureView* perturbation_;
  SegmentedControl* channels_;
  std::shared_ptr<const AttackResult> result_;
  std::optional<AttackPath> path_;
  int step_ = 0;
};

}  // namespace mimir
