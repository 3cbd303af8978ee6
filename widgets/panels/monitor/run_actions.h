#pragma once

#include <QList>
#include <QObject>

#include "widgets/session/run_control.h"
#include "widgets/session/run_resume.h"
#include "widgets/session/session.h"

class QAction;

namespace mimir {

/// What can be done with the run that is looked at: checkpoint, pause or continue, stop; resume where nobody trains it.
/// Each is answered by the trainer, in a sentence.
class RunActions : public QObject {
  Q_OBJECT

 public:
  /// `window`: what a question is asked over.
  RunActions(Session& session, QWidget* window);

  /// Of a run at work or finished. Three at most are visible at a time.
  QList<QAction*> all() const { return {checkpoint_, pause_, stop_, again_}; }
  /// What helps with a run that ended too early; none is visible while one of all() is.
  QList<QAction*> after_end() const { return {change_, resume_}; }
  /// nullptr: none.
  void show_run(const RunEntry* run);

 private:
  QAction* make_again();
  void send(ControlCommand command, Stop when = Stop::after_step);
  void ask_to_stop_now();

  Session* session_;
  QWidget* window_;
  RunControl control_;
  RunResume resumer_;
  QAction* checkpoint_;
  QAction* pause_;
  QAction* stop_;
  QAction* again_;   ///< of a finished run
  QAction* change_;  ///< the same of one that ended too early
  QAction* resume_;
};

}  // namespace mimir
