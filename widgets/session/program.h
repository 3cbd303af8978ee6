#pragma once

#include <QDateTime>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/error.h"

namespace mimir {

/// The command line program `mimir`, which trains and knows every setting. Calls are processes of their own: nothing
/// here waits. Lives on the UI thread.
class Program : public QObject {
  Q_OBJECT

 public:
  /// Handed the document the program printed, or one sentence why there is none; the last lines of its error output
  /// are the error's detail.
  using Answer = std::function<void(const Expected<nlohmann::json>&)>;
  /// Told each line of the error output as it comes.
  using Heard = std::function<void(const QString&)>;

  /// `path` empty: find().
  explicit Program(QString path = {}, QObject* parent = nullptr);

  /// `mimir` beside the running executable, else $MIMIR_PROGRAM, else of PATH; empty if there is none.
  static QString find();
  const QString& path() const { return path_; }

  /// Runs `mimir ARGUMENTS --json`. The answer comes once, from the event loop, and not after `context` or the
  /// returned call is destroyed: destroying the call ends the process. An answer in JSON counts whatever the exit code.
  QPointer<QObject> ask(const QStringList& arguments, QObject* context, Answer answer, int limit_ms = kLimit, Heard heard = {});

  /// Asks a call to end by itself (SIGTERM), and ends it where it has not within a few seconds. Its answer, an error, comes
  /// all the same.
  static void stop(QObject* call);

  /// Remembered, also on disk, until the program's file, $MIMIR_DATA_DIR or a recipe it names changes.
  void describe(QObject* context, Answer answer);

  /// Starts a run that outlives the window: {event: "run", id, path}. `arguments` stand behind `mimir train`.
  void start_run(const QStringList& arguments, QObject* context, Answer answer);

  static constexpr int kLimit = 30'000;  ///< ms

 private:
  struct Identity {
    QString path;
    qint64 size = 0;
    qint64 modified = 0;  ///< ms since 1970
    QString data;         ///< $MIMIR_DATA_DIR
    bool operator==(const Identity&) const = default;
  };
  struct Description {
    Identity of;
    qint64 asked = 0;  ///< ms since 1970
    nlohmann::json document;
    bool is_current(const Identity& now) const;
  };
  Identity identity() const;
  std::optional<Description> stored_description(const Identity& identity) const;
  void store_description(const Description& description) const;

  QString path_;
  std::optional<Description> description_;
};

/// The words as one types them in a shell, quoted where that is needed.
QString shell_line(const QStringList& words);

}  // namespace mimir
