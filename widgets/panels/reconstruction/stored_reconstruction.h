#pragma once

#include <QTimer>
#include <QWidget>

#include "widgets/panels/reconstruction/probe.h"
#include "widgets/session/session.h"

class QCheckBox;
class QHBoxLayout;
class QLabel;
class QListWidget;
class QSlider;
class QSpinBox;
class QStackedLayout;
class QToolButton;

namespace mimir {

class Card;
class EmptyState;
class MetricPlot;
class PictureView;
class SegmentedControl;

/// Reconstruction through training: the stored probe pictures of a pre-training run, one image of the fixed batch through the
/// epochs; the scrubber stands under the curve of the error, on its x axis. Below, all images of the batch.
class StoredReconstruction : public QWidget {
  Q_OBJECT

 public:
  explicit StoredReconstruction(Session& session);
  ~StoredReconstruction() override;
  bool has_pictures() const { return !stored_.empty(); }
  /// Whether the key moves through the pictures; it does so then.
  bool take_key(const QKeyEvent& event);

 Q_SIGNALS:
  void pictures_changed();  ///< also with the first of a run; not when there are none

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  struct Stored {
    std::int64_t step;
    std::filesystem::path file;
  };
  QWidget* make_content();
  QWidget* make_pictures();
  QWidget* make_training();
  QWidget* make_images();
  void update_record();
  void update_curve(const RunEntry& run, const RunRecord& record);
  /// By the user: another stored step, as near to `position` as there is one.
  void choose(int position);
  /// The stored step nearest to `step`.
  int nearest(std::int64_t step) const;
  void slide(int action);
  void show_position(int position);
  void show_images(const ProbeBatch& batch);
  void show_batch(const ProbeBatch& batch);
  void follow_cursor();
  void align_slider();

  Session* session_;
  ProbeStore probes_;
  QTimer play_timer_;
  std::vector<Stored> stored_;  ///< by step
  QString shown_run_;
  int position_ = 0;            ///< in stored_
  bool follow_end_ = true;
  std::shared_ptr<const ProbeBatch> batch_;  ///< what is on screen; stays until the next is there

  QStackedLayout* pages_ = nullptr;  ///< empty, content
  EmptyState* empty_ = nullptr;
  PictureView* clean_ = nullptr;
  PictureView* input_ = nullptr;
  PictureView* output_ = nullptr;
  PictureView* error_ = nullptr;
  MetricPlot* curve_ = nullptr;
  QSlider* slider_ = nullptr;
  QHBoxLayout* slider_row_ = nullptr;
  QToolButton* play_ = nullptr;
  QLabel* where_ = nullptr;
  QSpinBox* image_ = nullptr;
  QWidget* images_card_ = nullptr;
  QListWidget* images_ = nullptr;
  QCheckBox* paste_ = nullptr;
  SegmentedControl* scale_ = nullptr;
};

}  // namespace mimir
