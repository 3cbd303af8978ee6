#include "widgets/session/worker_link.h"

#include <unistd.h>

#include <csignal>

namespace mimir {
namespace {

constexpr qsizetype kKeptErrors = 4096;
constexpr int kNice = 5;  ///< the window and trainings go first

/// The last line that says something, without the program's name before it.
QString last_sentence(const QByteArray& output) {
  QString line = QString::fromUtf8(output).trimmed().section(QLatin1Char('\n'), -1).trimmed();
  if (line.startsWith(QLatin1String("mimir: "))) line.remove(0, 7);
  while (line.endsWith(QLatin1Char('.'))) line.chop(1);
  return line;
}

}  // namespace

WorkerLink::~WorkerLink() {
  if (!process_) return;
  process_->disconnect();
  process_->kill();
  process_->waitForFinished();
}

void WorkerLink::start(const QStringList& command) {
  process_ = std::make_unique<QProcess>();
  frames_ = {};
  errors_.clear();
  heard_ = false;
  process_->setChildProcessModifier([] { [[maybe_unused]] const int priority = nice(kNice); });
  connect(process_.get(), &QProcess::started, this, [this] { Q_EMIT started(process_->processId()); });
  connect(process_.get(), &QProcess::readyReadStandardOutput, this, &WorkerLink::read);
  connect(process_.get(), &QProcess::readyReadStandardError, this, [this] { errors_ = (errors_ + process_->readAllStandardError()).right(kKeptErrors); });
  connect(process_.get(), &QProcess::errorOccurred, this, [this, program = command.value(0)](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart) finish(tr("The worker %1 cannot be started: %2.").arg(program, process_->errorString()), false);
  });
  connect(process_.get(), &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
    errors_ = (errors_ + process_->readAllStandardError()).right(kKeptErrors);
    if (status == QProcess::CrashExit) {  // then the code is the signal's number
      finish(code == SIGKILL ? tr("The worker was killed: out of memory, or from outside.") : tr("The worker crashed (signal %1).").arg(code), true);
      return;
    }
    const QString said = last_sentence(errors_);
    // What ends by itself before it has said anything would do so again.
    if (code == static_cast<int>(ErrorCode::out_of_memory)) finish(tr("The worker ran out of memory."), heard_);
    else finish(said.isEmpty() ? tr("The worker ended with code %1.").arg(code) : tr("The worker ended with code %1: %2.").arg(code).arg(said), heard_);
  });
  process_->start(command.value(0), command.mid(1));
}

void WorkerLink::send(const WorkerRequest& request) {
  if (!process_) return;
  const std::vector<std::byte> frame = encode_frame(request);
  process_->write(reinterpret_cast<const char*>(frame.data()), static_cast<qint64>(frame.size()));
}

void WorkerLink::give_up(const QString& why) {
  if (process_) finish(why, true);
}

void WorkerLink::read() {
  const QByteArray bytes = process_->readAllStandardOutput();
  frames_.append(std::as_bytes(std::span(bytes.data(), static_cast<std::size_t>(bytes.size()))));
  const auto nonsense = [this](const Error& error) {
    finish(tr("The worker said something that is not an answer: %1.").arg(QString::fromStdString(error.message)), true);
  };
  for (;;) {
    const auto document = frames_.next();
    if (!document) return nonsense(document.error());
    if (!*document) return;
    auto answer = decode_answer(**document);
    if (!answer) return nonsense(answer.error());
    heard_ = true;
    Q_EMIT answered(std::make_shared<const WorkerAnswer>(std::move(*answer)));
  }
}

void WorkerLink::finish(const QString& sentence, bool can_start) {
  // Not destroyed at once: this runs inside one of its signals.
  QProcess* gone = process_.release();
  gone->disconnect();
  gone->setParent(this);
  gone->kill();
  connect(gone, &QProcess::finished, gone, &QObject::deleteLater);
  if (gone->state() == QProcess::NotRunning) gone->deleteLater();
  Q_EMIT ended(sentence, can_start);
}

}  // namespace mimir
