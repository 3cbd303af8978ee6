#pragma once

#include <QObject>
#include <QProcess>
#include <QStringList>
#include <memory>

#include "core/store/worker_protocol.h"

namespace mimir {

/// The worker's process and its frames, on Worker's thread. After `ended` nothing comes until the next start().
class WorkerLink : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;
  ~WorkerLink() override;

  void start(const QStringList& command);
  /// Dropped if there is no process: who asks is told by `ended`.
  void send(const WorkerRequest& request);
  /// Ends the process; `ended` says `why`.
  void give_up(const QString& why);

 Q_SIGNALS:
  void started(qint64 process_id);
  void answered(const std::shared_ptr<const mimir::WorkerAnswer>& answer);
  /// `can_start` false: the command itself does not work.
  void ended(const QString& sentence, bool can_start);

 private:
  void read();
  void finish(const QString& sentence, bool can_start);

  std::unique_ptr<QProcess> process_;
  FrameReader frames_;
  QByteArray errors_;  ///< the end of its error output
  bool heard_ = false; ///< it has said something that is an answer
};

}  // namespace mimir
