#pragma once

#include <QTimer>
#include <QWidget>

#include "widgets/panels/monitor/plot_plans.h"
#include "widgets/panels/panel.h"
#include "widgets/session/run_control.h"
#include "widgets/session/session.h"

class QComboBox;
class QLabel;
class QListView;
class QScrollArea;
class QSlider;
class QStackedLayout;
class QToolButton;

namespace mimir {

class Card;
class ConditionStrip;
class EventModel;
class LogView;
class PlotGrid;
class ProgressStrip;
class SegmentedControl;
class ShownRunModel;

/// Watches runs: progress over all stages, live plots, shown runs, events and log; pauses, stops and checkpoints.
class MonitorPanel : public QWidget, public Panel {
  Q_OBJECT

 public:
  explicit MonitorPanel(Session& session);
  ~MonitorPanel() override;

  QList<QAction*> actions() const override { return {checkpoint_, pause_, stop_}; }
  QList<QWidget*> side_columns() const override { return {side_}; }

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void make_actions();
  QWidget* make_tools();
  QWidget* make_side();
  QWidget* make_content();
  void choose_a_run();
  void update_run();
  void update_clock();
  void update_plots();
  void update_tools();
  void send(ControlCommand command, Stop when = Stop::after_step);
  const RunEntry* entry() const;
  /// The stage the plots show: the user's choice, else the one at work.
  QString stage() const;

  Session* session_;
  RunControl control_;
  QTimer clock_;

  QAction* checkpoint_;
  QAction* pause_;
  QAction* stop_;

  QStackedLayout* pages_ = nullptr;
  ProgressStrip* progress_ = nullptr;
  ConditionStrip* condition_ = nullptr;
  PlotGrid* plots_ = nullptr;
  QScrollArea* scroll_ = nullptr;
  QWidget* side_ = nullptr;
  QComboBox* x_ = nullptr;
  QSlider* smoothing_ = nullptr;
  QLabel* smoothing_value_ = nullptr;
  SegmentedControl* scale_ = nullptr;
  QComboBox* stages_ = nullptr;
  QComboBox* layouts_ = nullptr;
  QToolButton* link_ = nullptr;
  QString chosen_stage_;  ///< empty: the one at work

  ShownRunModel* shown_ = nullptr;
  Card* shown_card_ = nullptr;
  EventModel* events_ = nullptr;
  QListView* events_view_ = nullptr;
  QLabel* quiet_ = nullptr;  ///< stands for an empty list of events
  QLabel* alerts_ = nullptr;
  LogView* log_ = nullptr;
  QLabel* memory_ = nullptr;
  QLabel* rate_ = nullptr;
  QLabel* wait_ = nullptr;
  QLabel* heard_ = nullptr;
};

}  // namespace mimir
