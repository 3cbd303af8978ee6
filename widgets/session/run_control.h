#pragma once

#include <QObject>
#include <QString>

#include "core/store/control.h"

namespace mimir {

/// Asks trainers to pause, stop and so on, without ever waiting for one on the calling thread. Lives on the UI thread.
class RunControl : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// The answer comes as `answered`, within 10 s also if the trainer says nothing.
  void send(const QString& id, const RunFolder& run, const ControlRequest& request);

 Q_SIGNALS:
  /// `ok` false: the trainer refused, or did not answer; `sentence` says which and why.
  void answered(const QString& id, mimir::ControlCommand command, bool ok, const QString& sentence);
};

}  // namespace mimir
