#include "widgets/session/run_control.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include "widgets/format.h"

namespace mimir {
namespace {

constexpr std::chrono::seconds kPatience{10};

QString sentence_of(const ControlRequest& request, const ControlReply& reply) {
  if (!reply.message.empty()) return QString::fromStdString(reply.message);
  switch (request.command) {
    case ControlCommand::stop:
      return request.when == Stop::after_epoch ? RunControl::tr("Stopping after this epoch") : RunControl::tr("Stopping after this step");
    case ControlCommand::pause: return RunControl::tr("Pausing after this step");
    case ControlCommand::unpause: return RunControl::tr("Going on");
    case ControlCommand::checkpoint: return RunControl::tr("Writing a checkpoint after this step");
    case ControlCommand::status: return {};
  }
  return {};
}

}  // namespace

void RunControl::send(const QString& id, const RunFolder& run, const ControlRequest& request) {
  QThreadPool::globalInstance()->start([guard = QPointer<RunControl>(this), id, run, request] {
    const auto reply = send_control(run, request, kPatience);
    const bool ok = reply && reply->ok;
    const QString sentence = reply ? sentence_of(request, *reply) : sentence_text(reply.error().message);
    QMetaObject::invokeMethod(QCoreApplication::instance(), [guard, id, command = request.command, ok, sentence] {
      if (guard) Q_EMIT guard->answered(id, command, ok, sentence);
    });
  });
}

}  // namespace mimir
