#pragma once

#include <QObject>

#include "widgets/session/session.h"

namespace mimir {

/// Whether `mimir resume` may go on with it: nobody trains it, and it is not done.
bool resumable(const RunEntry& run);

/// Starts `mimir resume` as a process of its own that outlives the window, and says in one sentence what became of it:
/// the trainer's own where it refused. Never waits on the calling thread. Lives on the UI thread.
class RunResume : public QObject {
  Q_OBJECT

 public:
  /// `program` empty: as Program::find() finds it. `session` outlives it.
  explicit RunResume(Session& session, QString program = {}, QObject* parent = nullptr);

  /// Nothing while one is being resumed.
  void resume(const RunEntry& run);
  bool busy() const { return !id_.isEmpty(); }

 Q_SIGNALS:
  void busy_changed();
  /// `ok`: a trainer holds the run now.
  void answered(const QString& id, bool ok, const QString& sentence);

 private:
  Session* session_;
  QString program_;
  QString id_;  ///< of the run that is being resumed
};

}  // namespace mimir
