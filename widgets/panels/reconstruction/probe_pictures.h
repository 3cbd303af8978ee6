#pragma once

#include <memory>

#include "widgets/panels/reconstruction/probe.h"
#include "widgets/theme/card.h"

class QCheckBox;
class QSpinBox;

namespace mimir {

class PictureView;
class SegmentedControl;

/// One image of a probe batch: clean, what the encoder saw, reconstruction and error, and how they are shown.
class ProbePictures : public Card {
  Q_OBJECT

 public:
  explicit ProbePictures(Theme& theme, QWidget* parent = nullptr);

  void show_batch(std::shared_ptr<const ProbeBatch> batch);
  /// Controls show nothing anew before the next batch; its pictures stay until then.
  void forget_batch() { batch_.reset(); }
  /// In the batch.
  int image() const;
  void set_image(int image);

 Q_SIGNALS:
  void image_changed(int image);

 private:
  void make_header(Theme& theme);
  void refresh();

  std::shared_ptr<const ProbeBatch> batch_;
  PictureView *clean_, *input_, *output_, *error_;
  QSpinBox* image_ = nullptr;
  QCheckBox* paste_ = nullptr;
  SegmentedControl* scale_ = nullptr;
};

}  // namespace mimir
