#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "widgets/image/patch_view.h"
#include "widgets/panels/reconstruction/reconstruction_answer.h"

namespace mimir {

/// All that a row of four pictures shows.
struct ReconstructionView {
  std::shared_ptr<const ReconstructionAnswer> answer;  ///< nullptr: nothing yet
  std::vector<bool> removed;   ///< as it is drawn now; newer than the answer's while one is on its way
  bool paste = true;
  bool patch_lines = true;
  bool shared_scale = true;
  bool stale = false;          ///< the answer is of an older question
  QString name;                ///< of the model, where two rows are shown
  QString attack;              ///< "PGD, 8/255"; empty: the encoder sees the clean image
  QString missing;             ///< the sentence where there is no answer
};

/// Clean, what the encoder saw, reconstruction and error of one image. The mask is edited on any of them.
class ReconstructionRow : public QWidget {
  Q_OBJECT

 public:
  explicit ReconstructionRow(Theme& theme, QWidget* parent = nullptr);
  void show_view(ReconstructionView view);
  void set_tool(PatchTool tool);
  PatchView& input() { return *views_[1]; }
  void set_pixel(std::optional<QPoint> pixel);
  /// As high as the pictures are that fit beside each other.
  QSize sizeHint() const override;

  static constexpr double kSharedScale = 0.5;  ///< the error that the brightest colour stands for, of the range of a pixel

 Q_SIGNALS:
  void patches_painted(const std::vector<int>& patches, bool removed, bool begins);
  void pixel_hovered(std::optional<QPoint> pixel);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void show_missing();
  void update_facts();

  Theme* theme_;
  ReconstructionView shown_;
  std::array<PatchView*, 4> views_;  ///< clean, input, reconstruction, error
  std::optional<QPoint> pixel_;
};

}  // namespace mimir
