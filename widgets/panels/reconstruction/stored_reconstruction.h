#pragma once

#include <QWidget>

#include "widgets/panels/reconstruction/probe.h"
#include "widgets/session/session.h"

class QStackedLayout;

namespace mimir {

class Card;
class EmptyState;
class ProbeImages;
class ProbePictures;
class ProbeScrubber;

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
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  struct Stored {
    std::int64_t step;
    std::filesystem::path file;
  };
  QWidget* make_content();
  void update_record();
  void update_curve(const RunEntry& run, const RunRecord& record);
  /// By the user.
  void choose(int position);
  void show_position(int position);
  void follow_cursor();

  Session* session_;
  ProbeStore probes_;
  std::vector<Stored> stored_;  ///< by step
  QString shown_run_;
  int position_ = 0;            ///< in stored_
  bool follow_end_ = true;

  QStackedLayout* pages_ = nullptr;  ///< empty, content
  EmptyState* empty_ = nullptr;
  ProbePictures* pictures_ = nullptr;
  ProbeScrubber* scrubber_ = nullptr;
  Card* images_card_ = nullptr;
  ProbeImages* images_ = nullptr;
};

}  // namespace mimir
