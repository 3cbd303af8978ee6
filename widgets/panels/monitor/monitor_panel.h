#pragma once

#include <QTimer>
#include <QWidget>

#include "widgets/panels/monitor/plot_plans.h"
#include "widgets/panels/panel.h"
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
class RunActions;
class SegmentedControl;
class ShownRunModel;
class StatusPill;
class SystemCard;

/// Watches runs: progress over all stages, live plots, shown runs, system, events and log; pauses, stops, checkpoints
/// and resumes.
class MonitorPanel : public QWidget, public Panel {
  Q_OBJECT

 public:
  explicit MonitorPanel(Session& session);
  ~MonitorPanel() override;

  QList<QAction*> actions() const override;
  QList<QWidget*> side_columns() const override { return {side_}; }
  bool settled() const override;

 protected:
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* make_tools();
  Card* make_shown_runs();
  Card* make_events();
  QWidget* make_side();
  QWidget* make_content();
  /// In a narrow window the side is narrower, and the log is behind a tab of the events.
  void fold();
  void choose_a_run();
  void update_run();
  void update_clock();
  void update_plots();
  void update_tools();
  const RunEntry* entry() const;
  /// The stage the plots show: the user's choice, else the one at work.
  QString stage() const;

  Session* session_;
  RunActions* actions_;
  QTimer clock_;

  QStackedLayout* pages_ = nullptr;
  ProgressStrip* progress_ = nullptr;
  ConditionStrip* condition_ = nullptr;
  PlotGrid* plots_ = nullptr;
  QScrollArea* scroll_ = nullptr;
  QComboBox* x_ = nullptr;
  QSlider* smoothing_ = nullptr;
  QLabel* smoothing_value_ = nullptr;
  SegmentedControl* scale_ = nullptr;
  QComboBox* stages_ = nullptr;
  QComboBox* layouts_ = nullptr;
  QToolButton* link_ = nullptr;
  QToolButton* checkpoints_ = nullptr;
  QString chosen_stage_;  ///< empty: the one at work

  QWidget* side_ = nullptr;
  ShownRunModel* shown_ = nullptr;
  Card* shown_card_ = nullptr;
  Card* events_card_ = nullptr;
  Card* log_card_ = nullptr;
  SegmentedControl* event_tabs_ = nullptr;  ///< events or log, where they share a card
  EventModel* events_ = nullptr;
  QListView* events_view_ = nullptr;
  QLabel* quiet_ = nullptr;  ///< stands for an empty list of events
  StatusPill* alerts_ = nullptr;
  LogView* log_ = nullptr;
  SystemCard* system_ = nullptr;
};

}  // namespace mimir
