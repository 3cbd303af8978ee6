#include "widgets/session/program.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QSaveFile>
#include <QStandardPaths>
#include <QTimer>
#include <algorithm>

namespace mimir {
namespace {

constexpr int kDetailLines = 20;
constexpr int kEndMs = 500;      ///< in which a process whose answer nobody waits for may clean up behind itself
constexpr int kStopMs = 5'000;   ///< the same, where its answer is waited for

std::string last_lines(const QByteArray& text) {
  QStringList lines = QString::fromUtf8(text).trimmed().split(QLatin1Char('\n'));
  while (lines.size() > kDetailLines) lines.removeFirst();
  return lines.join(QLatin1Char('\n')).toStdString();
}

Error error_of(ErrorCode code, const QString& message, const QByteArray& output = {}) {
  return {code, message.toStdString(), last_lines(output)};
}

/// Destroying it ends the process without a word to anybody.
class Call : public QProcess {
 public:
  using QProcess::QProcess;
  ~Call() override {
    disconnect();
    if (state() == NotRunning) return;
    terminate();
    if (waitForFinished(kEndMs)) return;
    kill();
    waitForFinished();
  }

  /// All of the error output until now.
  const QByteArray& read_errors() {
    errors_ += readAllStandardError();
    return errors_;
  }
  /// The whole lines since the last call.
  QStringList new_lines() {
    const qsizetype end = read_errors().lastIndexOf('\n') + 1;
    const QString text = QString::fromUtf8(errors_.mid(told_, std::max<qsizetype>(0, end - told_)));
    told_ = std::max(told_, end);
    return text.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
  }

 private:
  QByteArray errors_;
  qsizetype told_ = 0;
};

/// What the ended process says: its document, else the sentence it printed last.
Expected<nlohmann::json> answer_of(Call& process, const QString& command) {
  const QByteArray output = process.readAllStandardOutput(), errors = process.read_errors();
  if (process.exitStatus() == QProcess::CrashExit) {
    return tl::unexpected(error_of(ErrorCode::defect, Program::tr("%1 crashed; run it in a terminal to see more.").arg(command), errors));
  }
  nlohmann::json document = nlohmann::json::parse(output.begin(), output.end(), nullptr, false);
  if (!document.is_discarded()) return document;
  if (process.exitCode() == 0) {
    return tl::unexpected(error_of(ErrorCode::mismatch, Program::tr("%1 answered with something that is not JSON; is it another program of that name?").arg(command), output));
  }
  const auto code = static_cast<ErrorCode>(process.exitCode());
  QString sentence = QString::fromUtf8(errors).trimmed().section(QLatin1Char('\n'), -1);
  if (sentence.startsWith(QLatin1String("mimir: "))) sentence.remove(0, 7);
  if (sentence.isEmpty()) sentence = Program::tr("%1 ended with code %2 and without a word.").arg(command).arg(process.exitCode());
  return tl::unexpected(error_of(code, sentence, errors));
}

QString cache_file(const QString& program) {
  const QByteArray hash = QCryptographicHash::hash(program.toUtf8(), QCryptographicHash::Sha256).toHex().left(16);
  return QStandardPaths::writableLocation(QStandardPaths::CacheLocation) +
         QStringLiteral("/describe-%1.json").arg(QString::fromLatin1(hash));
}

}  // namespace

Program::Program(QString path, QObject* parent) : QObject(parent), path_(path.isEmpty() ? find() : std::move(path)) {}

QString Program::find() {
  const auto usable = [](const QString& path) { return QFileInfo(path).isFile() && QFileInfo(path).isExecutable(); };
  const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/mimir");
  if (usable(beside)) return beside;
  const QString named = qEnvironmentVariable("MIMIR_PROGRAM");
  if (!named.isEmpty() && usable(named)) return QFileInfo(named).absoluteFilePath();
  return QStandardPaths::findExecutable(QStringLiteral("mimir"));
}

QPointer<QObject> Program::ask(const QStringList& arguments, QObject* context, Answer answer, int limit_ms, Heard heard) {
  const QString command = QStringLiteral("mimir ") + arguments.value(0);
  auto* process = new Call(this);
  // The call ends with whoever waits for it.
  connect(context, &QObject::destroyed, process, [process] { delete process; });
  const auto finish = [process, answer](const Expected<nlohmann::json>& result) {
    process->disconnect();
    process->deleteLater();
    answer(result);
  };
  if (path_.isEmpty()) {
    QTimer::singleShot(0, process, [finish] {
      finish(tl::unexpected(error_of(ErrorCode::input, tr("The program mimir was not found beside the window, in $MIMIR_PROGRAM or in PATH; set MIMIR_PROGRAM to its path."))));
    });
    return process;
  }
  connect(process, &QProcess::finished, process, [process, command, finish] { finish(answer_of(*process, command)); });
  if (heard) {
    connect(process, &QProcess::readyReadStandardError, process, [process, heard] {
      for (const QString& line : process->new_lines()) heard(line);
    });
  }
  connect(process, &QProcess::errorOccurred, process, [this, process, finish](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart) finish(tl::unexpected(error_of(ErrorCode::input, tr("%1 cannot be started: %2.").arg(path_, process->errorString()))));
  });
  QTimer::singleShot(limit_ms, process, [process, command, finish, limit_ms] {
    const QByteArray errors = process->read_errors();
    process->disconnect();
    process->kill();
    finish(tl::unexpected(error_of(ErrorCode::stopped, tr("%1 gave no answer within %2 s and was ended.").arg(command).arg(limit_ms / 1000.0), errors)));
  });
  process->setStandardInputFile(QProcess::nullDevice());
  process->start(path_, arguments + QStringList{QStringLiteral("--json")});
  return process;
}

void Program::stop(QObject* call) {
  auto* process = qobject_cast<QProcess*>(call);
  if (!process) return;
  process->terminate();
  QTimer::singleShot(kStopMs, process, &QProcess::kill);
}

void Program::describe(QObject* context, Answer answer) {
  const Identity now = identity();
  if (!description_ || !description_->is_current(now)) description_ = stored_description(now);
  if (description_) {
    QTimer::singleShot(0, context, [answer, document = description_->document] { answer(document); });
    return;
  }
  const qint64 asked = QDateTime::currentMSecsSinceEpoch();
  ask({QStringLiteral("describe")}, context, [this, now, asked, answer](const Expected<nlohmann::json>& result) {
    if (result) {
      description_ = Description{now, asked, *result};
      store_description(*description_);
    }
    answer(result);
  });
}

void Program::start_run(const QStringList& arguments, QObject* context, Answer answer) {
  ask(QStringList{QStringLiteral("train")} + arguments + QStringList{QStringLiteral("--detach")}, context,
      [answer](const Expected<nlohmann::json>& result) {
        if (result && !(result->is_object() && result->contains("id"))) {
          answer(tl::unexpected(error_of(ErrorCode::mismatch, tr("mimir train answered without the run's id."))));
          return;
        }
        answer(result);
      });
}

Program::Identity Program::identity() const {
  const QFileInfo file(path_);
  return {path_, file.size(), file.lastModified().toMSecsSinceEpoch(), qEnvironmentVariable("MIMIR_DATA_DIR")};
}

bool Program::Description::is_current(const Identity& now) const {
  if (of != now) return false;
  const auto unchanged = [&](const QFileInfo& file) { return file.exists() && file.lastModified().toMSecsSinceEpoch() <= asked; };
  const nlohmann::json presets = document.is_object() ? document.value("presets", nlohmann::json::array()) : nlohmann::json::array();
  return std::all_of(presets.begin(), presets.end(), [&](const nlohmann::json& preset) {
    const QFileInfo file(preset.is_object() ? QString::fromStdString(preset.value("path", std::string())) : QString());
    return unchanged(file) && unchanged(QFileInfo(file.absolutePath()));  // the folder: a recipe was added or removed
  });
}

std::optional<Program::Description> Program::stored_description(const Identity& identity) const {
  QFile file(cache_file(identity.path));
  if (!file.open(QIODevice::ReadOnly)) return std::nullopt;
  const QByteArray bytes = file.readAll();
  const nlohmann::json stored = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!stored.is_object() || !stored.contains("description")) return std::nullopt;
  const auto text = [&](const char* key) { return QString::fromStdString(stored.value(key, std::string())); };
  Description description{{text("path"), stored.value("size", qint64(-1)), stored.value("modified", qint64(-1)), text("data")},
                          stored.value("asked", qint64(0)),
                          stored.at("description")};
  return description.is_current(identity) ? std::optional(std::move(description)) : std::nullopt;
}

void Program::store_description(const Description& description) const {
  const nlohmann::json stored = {{"path", description.of.path.toStdString()}, {"size", description.of.size},   {"modified", description.of.modified},
                                 {"data", description.of.data.toStdString()}, {"asked", description.asked}, {"description", description.document}};
  const QString path = cache_file(description.of.path);
  QDir().mkpath(QFileInfo(path).absolutePath());
  QSaveFile file(path);
  // Without a place for the cache the program is asked again at the next start.
  if (file.open(QIODevice::WriteOnly) && file.write(QByteArray::fromStdString(stored.dump())) >= 0) file.commit();
}

QString shell_line(const QStringList& words) {
  static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./~-]+$"));
  QStringList quoted;
  for (QString word : words) {
    if (!plain.match(word).hasMatch()) word = QLatin1Char('\'') + word.replace(QLatin1Char('\''), QLatin1String("'\\''")) + QLatin1Char('\'');
    quoted << word;
  }
  return quoted.join(QLatin1Char(' '));
}

}  // namespace mimir
