#pragma once

#include <QTimer>
#include <QWidget>
#include <array>
#include <memory>
#include <optional>

#include "widgets/panels/attention/attention_maps.h"
#include "widgets/panels/panel.h"
#include "widgets/session/session.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedLayout;
class QVBoxLayout;

namespace mimir {

class AnswerStrip;
class AttentionControls;
class AttentionRow;
class Card;
class EmptyState;
class LayerStrip;
class LinePlot;
class MapGrid;
class SegmentedControl;

/// What the selected model attends to in the selected image: every layer and head, one of them large, clean and attacked in
/// lockstep, through the layers, and a second checkpoint beside it. Questions go to the worker; choosing among arrays that are there
/// repaints at once and asks nothing.
class AttentionPanel : public QWidget, public Panel {
  Q_OBJECT

 public:
  explicit AttentionPanel(Session& session);
  QList<QAction*> actions() const override { return {copy_command_, save_}; }
  QAction* save_action() const override { return save_; }
  QAction* figure_action() const override { return save_; }
  bool settled() const override;

  static constexpr int kSettleMs = 120;  ///< after the last change, before a question is asked

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  using Maps = std::shared_ptr<const AttentionMaps>;
  /// All maps of layers and heads for one query; kept while only layer, head or colours change.
  struct Tables {
    Maps maps;
    MapQuery query;
    std::array<std::shared_ptr<const MapTable>, 3> of;
    double largest = 0, largest_difference = 0;  ///< of clean and adversarial; of the difference
  };

  QWidget* make_content();
  QWidget* make_layers_card();
  void ask_soon();
  void ask();
  void ask_attacked();
  void ask_beside();
  void ask_faithfulness();
  nlohmann::json question() const;
  void answered(const std::shared_ptr<const WorkerAnswer>& answer);
  void show_problem(const QString& sentence);
  void update_pages();
  /// Between the grid and the pictures: few layers and heads are shown larger.
  void share_width();
  void repaint_views();
  void repaint_distances();
  void repaint_faithfulness();
  const Tables& tables(const Maps& maps, Tables& kept) const;
  MapQuery query() const;
  void choose_layer(int layer);
  void save_picture();

  Session* session_;
  QTimer settle_;
  bool dirty_ = true;             ///< asks when the place is shown
  Maps maps_, beside_;
  nlohmann::json shown_question_; ///< without the attack; what maps_ answers
  bool model_changed_ = false;    ///< since then, behind the same question
  bool attack_pending_ = false;
  QString problem_, beside_problem_;
  int layer_ = -1, head_ = 0;     ///< -1: the last
  Tables tables_, beside_tables_;
  std::shared_ptr<const WorkerAnswer> faithfulness_;

  QAction* copy_command_;
  QAction* save_;
  QStackedLayout* pages_ = nullptr;
  EmptyState* empty_ = nullptr;
  QPushButton* try_again_ = nullptr;
  QPushButton* open_history_ = nullptr;
  AnswerStrip* strip_ = nullptr;
  AttentionControls* controls_ = nullptr;
  QHBoxLayout* columns_ = nullptr;
  QVBoxLayout* right_ = nullptr;  ///< pictures, layers
  Card* grid_card_ = nullptr;
  Card* pictures_card_ = nullptr;
  Card* layers_card_ = nullptr;
  SegmentedControl* side_ = nullptr;
  MapGrid* grid_ = nullptr;
  AttentionRow* first_ = nullptr;
  AttentionRow* second_ = nullptr;
  QComboBox* measure_ = nullptr;
  SegmentedControl* below_ = nullptr;
  QStackedLayout* below_pages_ = nullptr;
  LinePlot* distances_ = nullptr;
  LayerStrip* layers_ = nullptr;
  LinePlot* curves_ = nullptr;
  QLabel* areas_ = nullptr;
};

}  // namespace mimir
