#pragma once

#include <QWidget>

#include "widgets/panels/panel.h"
#include "widgets/session/run_resume.h"
#include "widgets/session/session.h"

class QLabel;
class QLineEdit;
class QStackedWidget;
class QUndoCommand;

namespace mimir {

class EmptyState;
class RunDetail;
class RunTable;
class SelectionBar;
class ViewsList;

/// All runs of the workspace: views | table | detail.
class HistoryPanel : public QWidget, public Panel {
  Q_OBJECT

 public:
  explicit HistoryPanel(Session& session);

  QList<QAction*> actions() const override;
  QAction* save_action() const override { return save_note_; }
  QList<QWidget*> side_columns() const override;

 private:
  QAction* add_action(const char* picture, const QString& text, const QList<QKeySequence>& keys, void (HistoryPanel::*work)());
  void make_actions();
  QWidget* make_middle();
  void make_detail();
  void refresh();
  void show_count();
  void show_selection();
  void show_detail();
  void show_menu(const QPoint& at);
  void push(QUndoCommand* command);
  void copy(const QString& text);
  void open_folder(const QString& id);
  void open_in(const QString& place, const QString& id);

  // The actions.
  void star();
  void tag();
  void rename();
  void trash();
  void restore();
  void monitor();
  void resume();
  void run_again();
  void copy_command();
  void folder();

  Session& session_;
  ViewsList* views_;
  QLineEdit* search_;
  QLabel* count_;
  QStackedWidget* pages_;  // table, or why there is none
  EmptyState* empty_;
  RunTable* table_;
  SelectionBar* bar_;
  RunDetail* detail_;
  QAction *star_, *tag_, *rename_, *trash_, *restore_, *monitor_, *again_, *resume_, *copy_command_, *folder_, *save_note_;
  QList<QAction*> look_;  ///< into its model: the places that do
  RunResume resumer_;
  QString detail_id_;
  bool begun_ = false;  ///< the session's run has been selected once
};

}  // namespace mimir
