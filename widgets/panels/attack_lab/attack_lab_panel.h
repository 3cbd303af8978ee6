#pragma once

#include <QTimer>
#include <QWidget>

#include "widgets/panels/attack_lab/attack_asker.h"
#include "widgets/panels/attack_lab/attack_export.h"
#include "widgets/panels/panel.h"
#include "widgets/session/program.h"
#include "widgets/session/session.h"

class QAction;
class QCheckBox;
class QGridLayout;
class QPushButton;
class QStackedLayout;

namespace mimir {

class AnswerStrip;
class AttackControls;
class AttackPictures;
class Card;
class CheckpointCombo;
class EmptyState;
class ImageBrowser;
class ImageChip;
class MeasuredCard;
class MessageStrip;
class PathCard;
class PredictionBars;
class SegmentedControl;
class TransferTable;

/// One picture attacked: what is asked at the left, original, adversarial and perturbation of any step of the path, how loss
/// and margin went, which classes were near, the smallest radius, and pictures to choose from. What was computed once is
/// kept and shown again at once.
class AttackLabPanel : public QWidget, public Panel {
  Q_OBJECT

 public:
  explicit AttackLabPanel(Session& session);
  ~AttackLabPanel() override;
  QList<QAction*> actions() const override;
  QAction* save_action() const override;
  QAction* figure_action() const override;
  QList<QWidget*> side_columns() const override { return {column_}; }
  bool settled() const override;

  /// Asks for the attack as it is set, unless its answer is here.
  void run();
  /// Attacks at every radius of the slider and searches for the smallest that succeeds.
  void find_smallest();
  const AttackResult* result() const { return result_.get(); }
  /// The walk on screen; nullptr: none.
  const AttackPath* walk() const { return walk_ ? &*walk_ : nullptr; }
  int step() const { return step_; }
  AttackControls& controls() { return *controls_; }
  PathCard& path() { return *path_card_; }
  /// Writes what is shown, see AttackSaver.
  void save(const QString& file, const std::function<void(const Expected<void>&)>& done);
  /// Makes the iterate on screen; while something was changed and is not answered, the attack as it is set.
  QString command() const;

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  using Result = AttackAsker::Result;

  QWidget* make_tools();
  QWidget* make_column();
  void make_cards();
  void make_actions();
  void connect_parts();
  void order_tabs(QWidget& tools);
  void arrange();

  /// All options of the attack as it is set; empty: there is nothing to attack.
  nlohmann::json question() const;
  std::optional<ShownAttack> shown() const;
  void changed();
  /// The answer to question().
  void answered(Result result);

  void show_result(Result result, int walk);
  void show_radius(const AttackPath& path);
  void show_step(int step);
  void show_radii();
  void show_models();
  void show_second();
  void show_nothing(const QString& line, const QString& sentence);
  void show_error(const WorkerAnswer& answer);
  void set_stale(bool stale);
  void set_working(bool working);

  Session* session_;
  Program program_;
  AttackAsker asker_;
  QTimer soon_;

  nlohmann::json branch_ = nlohmann::json::object();
  Result result_;                       ///< on screen
  nlohmann::json result_question_;      ///< what it answers
  bool search_next_ = false;            ///< for the smallest radius, once the attack is answered
  std::optional<AttackPath> walk_;
  int walk_number_ = 0;
  int step_ = 0;
  bool at_end_ = true;                  ///< the last step is shown of whatever comes
  bool pending_ = true;                 ///< something changed while out of sight
  std::int64_t side_ = 0;               ///< of the pictures, in pixels
  bool stale_ = true;                   ///< what is shown answers an older question

  QWidget* column_ = nullptr;
  QGridLayout* grid_ = nullptr;
  AttackControls* controls_ = nullptr;
  MessageStrip* problem_ = nullptr;
  QCheckBox* follow_ = nullptr;
  QPushButton* run_ = nullptr;
  MeasuredCard* measured_ = nullptr;
  MessageStrip* hint_ = nullptr;
  CheckpointCombo* checkpoint_ = nullptr;
  CheckpointCombo* second_ = nullptr;
  ImageChip* image_chip_ = nullptr;
  SegmentedControl* views_ = nullptr;
  QList<QWidget*> tool_labels_;         ///< hidden where the row has no room: every tool has a tooltip
  Card* pictures_card_ = nullptr;
  QStackedLayout* pages_ = nullptr;
  EmptyState* empty_ = nullptr;
  AnswerStrip* strip_ = nullptr;
  AttackPictures* pictures_ = nullptr;
  PathCard* path_card_ = nullptr;
  Card* prediction_card_ = nullptr;
  PredictionBars* bars_ = nullptr;
  TransferTable* transfer_ = nullptr;
  RadiusCard* radius_card_ = nullptr;
  Card* images_card_ = nullptr;
  ImageBrowser* browser_ = nullptr;
  AttackSaver* saver_ = nullptr;
  QAction* smallest_ = nullptr;
};

}  // namespace mimir
