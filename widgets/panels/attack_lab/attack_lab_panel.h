#pragma once

#include <QTimer>
#include <QWidget>
#include <deque>
#include <map>

#include "widgets/panels/attack_lab/attack_result.h"
#include "widgets/panels/attack_lab/radius_card.h"
#include "widgets/panels/panel.h"
#include "widgets/session/program.h"
#include "widgets/session/session.h"

class QAction;
class QCheckBox;
class QGridLayout;
class QLabel;
class QPushButton;
class QStackedLayout;

namespace mimir {

class AttackControls;
class AttackPictures;
class Card;
class CheckpointCombo;
class EmptyState;
class ImageBrowser;
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
  /// Writes what is shown; the kind follows from the ending: .png (the adversarial picture of the step),
  /// .safetensors (its exact values), .figure.png, .svg and .pdf (the figure of the whole answer).
  Expected<void> save(const QString& file) const;
  QString command() const;

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  using Result = std::shared_ptr<const AttackResult>;

  QWidget* make_tools();
  QWidget* make_column();
  Card* make_measured();
  void make_cards();
  void make_actions();
  void connect_parts();
  void arrange();

  /// All options of the attack as it is set; empty: there is nothing to attack.
  nlohmann::json question() const;
  std::string grid_key() const;
  void changed();
  void ask(const nlohmann::json& question);
  void answered(const std::string& key, const Worker::Answer& answer);
  void ask_second(const nlohmann::json& question);
  void searched(const std::string& key, const AttackPath& of, const Worker::Answer& answer);
  void keep(const std::string& key, Result result);

  void show_result(Result result, int walk);
  void show_radius(const AttackPath& path);
  void show_step(int step);
  void show_measured();
  void show_radii();
  void show_image_chip();
  void show_nothing(const QString& line, const QString& sentence);
  void show_error(const WorkerAnswer& answer);
  void set_stale(bool stale);
  void set_working(bool working);
  void open_picture();
  void save_as(const QString& suffix, const QString& filter);

  Session* session_;
  Program program_;
  QTimer soon_;

  std::map<std::string, Result> kept_;  ///< by question
  std::deque<std::string> order_;       ///< the oldest first
  struct Grid {
    std::map<double, AttackPath> walks;
    RadiusSearch search;
  };
  std::map<std::string, Grid> grids_;   ///< by question without radius
  nlohmann::json branch_ = nlohmann::json::object();
  Result result_;                       ///< on screen
  std::string result_key_;
  std::string result_grid_;             ///< the same without radius
  bool search_next_ = false;            ///< for the smallest radius, once the attack is answered
  std::optional<AttackPath> walk_;
  int walk_number_ = 0;
  int step_ = 0;
  bool at_end_ = true;                  ///< the last step is shown of whatever comes
  bool pending_ = true;                 ///< something changed while out of sight

  QWidget* column_ = nullptr;
  QGridLayout* grid_ = nullptr;
  AttackControls* controls_ = nullptr;
  MessageStrip* problem_ = nullptr;
  QCheckBox* follow_ = nullptr;
  QPushButton* run_ = nullptr;
  QLabel* measured_[5] = {};
  MessageStrip* hint_ = nullptr;
  CheckpointCombo* checkpoint_ = nullptr;
  CheckpointCombo* second_ = nullptr;
  QPushButton* image_chip_ = nullptr;
  SegmentedControl* views_ = nullptr;
  QList<QWidget*> tool_labels_;         ///< hidden where the row has no room: every tool has a tooltip
  Card* pictures_card_ = nullptr;
  QStackedLayout* pages_ = nullptr;
  EmptyState* empty_ = nullptr;
  MessageStrip* strip_ = nullptr;
  AttackPictures* pictures_ = nullptr;
  PathCard* path_card_ = nullptr;
  Card* prediction_card_ = nullptr;
  PredictionBars* bars_ = nullptr;
  TransferTable* transfer_ = nullptr;
  RadiusCard* radius_card_ = nullptr;
  Card* images_card_ = nullptr;
  ImageBrowser* browser_ = nullptr;
  QAction* save_ = nullptr;
  QAction* smallest_ = nullptr;
};

}  // namespace mimir
