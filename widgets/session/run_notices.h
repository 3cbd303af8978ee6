#pragma once

#include <QObject>
#include <QString>
#include <map>

#include "core/store/run_state.h"
#include "widgets/theme/status.h"

namespace mimir {

class Session;

/// One thing that has happened to a run.
struct RunNotice {
  QString run;    ///< its id
  QString title;  ///< "full2 finished"
  QString text;   ///< what it reached, or why and what to do
  Tone tone = Tone::ok;
};

/// Tells of runs that come to an end while the library looks on: finished, failed, diverged, lost. A stop that
/// somebody asked for is no news.
class RunNotices : public QObject {
  Q_OBJECT

 public:
  explicit RunNotices(Session& session, QObject* parent = nullptr);

 Q_SIGNALS:
  void noticed(const mimir::RunNotice& notice);

 private:
  void look();

  Session* session_;
  double begun_;  ///< seconds since 1970
  bool looked_ = false;
  std::map<QString, RunStatus> known_;
};

}  // namespace mimir
