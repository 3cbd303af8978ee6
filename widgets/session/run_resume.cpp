#include "widgets/session/run_resume.h"

#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QProcess>
#include <QThread>
#include <QThreadPool>
#include <chrono>

#include "core/store/trainer_lock.h"
#include "core/store/workspace.h"
#include "widgets/session/program.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

constexpr std::chrono::milliseconds kLookEvery{50};
constexpr std::chrono::seconds kPatience{20};

/// Running, and not merely waiting to be buried.
bool alive(qint64 pid) {
  QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
  if (!file.open(QIODevice::ReadOnly)) return false;
  const QByteArray stat = file.readAll();
  const auto name_end = stat.lastIndexOf(')');
  const char state = name_end < 0 || name_end + 2 >= stat.size() ? 'X' : stat[name_end + 2];
  return state != 'Z' && state != 'X';
}

/// The last line written to `path` behind `from`, without the program's name; empty if there is none.
QString last_sentence(const QString& path, qint64 from) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly) || !file.seek(from)) return {};
  QString sentence = QString::fromUtf8(file.readAll()).trimmed().section(QLatin1Char('\n'), -1);
  if (sentence.startsWith(QLatin1String("mimir: "))) sentence.remove(0, 7);
  return sentence;
}

/// Blocks until a trainer holds the run (an empty sentence) or has given up (why).
QString start(const QString& program, const RunFolder& run, const QString& workspace) {
  if (program.isEmpty()) return RunResume::tr("there is no program mimir beside this one or in PATH");
  // Where a run that was started from the window writes what has no other place.
  const QString log = QString::fromStdString((run.path() / "trainer.log").string());
  const qint64 written = QFile(log).size();
  QProcess process;
  process.setProgram(program);
  process.setArguments({QStringLiteral("resume"), QString::fromStdString(run.path().string()), QStringLiteral("--quiet"), QStringLiteral("--workspace"), workspace});
  process.setStandardInputFile(QProcess::nullDevice());
  process.setStandardOutputFile(QProcess::nullDevice());
  process.setStandardErrorFile(log, QIODevice::Append);
  qint64 pid = 0;
  if (!process.startDetached(&pid)) return RunResume::tr("%1 cannot be started: %2").arg(program, process.errorString());
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < kPatience) {
    const TrainerState trainer = inspect_trainer(run);
    if (trainer.held && trainer.info && trainer.info->pid == pid) return {};
    if (!alive(pid)) {
      const QString sentence = last_sentence(log, written);
      return sentence.isEmpty() ? RunResume::tr("the trainer ended without a word") : sentence;
    }
    QThread::msleep(kLookEvery.count());
  }
  return RunResume::tr("the trainer has been started, but does not take the run; see %1").arg(log);
}

}  // namespace

bool resumable(const RunEntry& run) {
  const RunStatus status = run.condition.status;
  return run.problem.empty() && !run.annotations.trash && (status == RunStatus::stopped || status == RunStatus::failed || status == RunStatus::lost);
}

RunResume::RunResume(Session& session, QString program, QObject* parent)
    : QObject(parent), session_(&session), program_(program.isEmpty() ? Program::find() : std::move(program)) {}

void RunResume::resume(const RunEntry& run) {
  if (busy() || !resumable(run)) return;
  id_ = run.id;
  Q_EMIT busy_changed();
  const QString workspace = QString::fromStdString(session_->library().workspace().path().string());
  QThreadPool::globalInstance()->start([guard = QPointer<RunResume>(this), program = program_, id = run.id, name = run_name(run), folder = run.folder, workspace] {
    const QString why_not = start(program, folder, workspace);
    QMetaObject::invokeMethod(QCoreApplication::instance(), [guard, id, name, why_not] {
      if (!guard) return;
      guard->id_.clear();
      Q_EMIT guard->busy_changed();
      const bool ok = why_not.isEmpty();
      const QString sentence = ok ? tr("%1 goes on from its last checkpoint").arg(name) : tr("%1 does not go on: %2").arg(name, why_not);
      guard->session_->say(sentence);
      Q_EMIT guard->answered(id, ok, sentence);
    });
  });
}

}  // namespace mimir
