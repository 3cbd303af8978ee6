#pragma once

#include <QTimer>
#include <QWidget>
#include <memory>

#include "widgets/panels/reconstruction/mask_edit.h"
#include "widgets/panels/reconstruction/reconstruction_row.h"
#include "widgets/session/session.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QSlider;
class QSpinBox;
class QStackedLayout;

namespace mimir {

class AnswerStrip;
class AttackFields;
class Card;
class CheckpointCombo;
class EmptyState;
class ImageBrowser;
class SegmentedControl;
class StatusPill;

/// The selected image through the selected masked autoencoder, with a mask that is drawn or made by hand, clean or attacked; a
/// second model beside it with the same mask. A mask edit is drawn at once; the reconstruction comes from the worker, and a newer
/// edit takes the older question back.
class LiveReconstruction : public QWidget {
  Q_OBJECT

 public:
  explicit LiveReconstruction(Session& session, QWidget* parent = nullptr);

  /// Checkpoint, image and what stands beside: placed by the owner.
  QWidget* header() const { return header_; }
  /// Nothing that it has asked for is on its way.
  bool settled() const;
  /// A figure of the answer; nothing without one.
  void save_picture();
  /// What is drawn now; empty before the first answer.
  const std::vector<bool>& removed() const { return removed_; }
  const std::shared_ptr<const ReconstructionAnswer>& answer() const { return answer_; }

  static constexpr int kSettleMs = 60;  ///< after the last change, before a question is asked

 Q_SIGNALS:
  void answer_changed();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* make_header();
  QWidget* make_mask_card();
  QWidget* make_input_card();
  QWidget* make_view_card();
  QWidget* make_column();
  void ask_soon();
  void ask();
  void ask_beside();
  nlohmann::json question(const QString& run) const;
  void answered(const std::shared_ptr<const WorkerAnswer>& answer);
  void update_pages();
  void repaint_views();
  void show_mask_controls();
  /// By the user: on the undo stack.
  void change_mask(MaskChoice mask, int gesture);
  void apply_mask(const MaskChoice& mask);
  void paint_patches(const std::vector<int>& patches, bool removed, bool begins);
  void set_tool(PatchTool tool);
  void swap_patches();
  void draw_new();

  Session* session_;
  QTimer settle_;
  bool dirty_ = true;
  MaskChoice mask_;
  bool mask_chosen_ = false;    ///< by the user; until then kind, ratio and seed are the run's
  std::vector<bool> removed_;
  int gesture_ = 0;
  std::shared_ptr<const ReconstructionAnswer> answer_, beside_;
  bool pending_ = false, beside_pending_ = false;
  QString problem_, beside_problem_;

  QWidget* header_ = nullptr;
  QStackedLayout* pages_ = nullptr;
  EmptyState* empty_ = nullptr;
  QPushButton* try_again_ = nullptr;
  QPushButton* own_checkpoint_ = nullptr;
  QPushButton* open_history_ = nullptr;
  AnswerStrip* strip_ = nullptr;
  Card* pictures_ = nullptr;
  Card* images_ = nullptr;
  ImageBrowser* browser_ = nullptr;
  StatusPill* statistics_ = nullptr;
  StatusPill* edited_ = nullptr;
  ReconstructionRow* first_ = nullptr;
  ReconstructionRow* second_ = nullptr;
  CheckpointCombo* checkpoint_ = nullptr;
  CheckpointCombo* beside_choice_ = nullptr;
  QSpinBox* image_ = nullptr;
  SegmentedControl* tools_ = nullptr;
  QLabel* share_ = nullptr;
  QSlider* ratio_ = nullptr;
  QComboBox* kind_ = nullptr;
  QSpinBox* seed_ = nullptr;
  AttackFields* attack_ = nullptr;
  QCheckBox* paste_ = nullptr;
  QCheckBox* lines_ = nullptr;
  SegmentedControl* scale_ = nullptr;
  QLabel* error_masked_ = nullptr;
  QLabel* error_visible_ = nullptr;
  QLabel* gain_ = nullptr;
};

}  // namespace mimir
