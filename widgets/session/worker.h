#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QThread>
#include <QTimer>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "core/store/worker_protocol.h"

namespace mimir {

class WorkerLink;

/// The process that computes what needs a model: `mimir serve`, here or behind a command such as `ssh HOST mimir serve`.
/// It is started by the first question and again when it dies; its frames are read, decoded and written on a thread of
/// its own. Lives on the UI thread and never waits, but for its destructor, which ends the process.
class Worker : public QObject {
  Q_OBJECT

 public:
  /// Shared, so that who shows an answer's arrays can keep them without a copy.
  using Answer = std::shared_ptr<const WorkerAnswer>;
  using Handler = std::function<void(const Answer&)>;
  enum class State {
    idle,      ///< not started yet
    starting,
    ready,
    failed,    ///< cannot be started, or died kMostDeaths times in a row; the next question tries again
  };

  /// `command`: the program and its arguments; empty: none was found, which every question is told.
  explicit Worker(QStringList command, QObject* parent = nullptr);
  ~Worker() override;

  /// Of this machine: `mimir` as Program finds it, with `serve` and the workspace; empty if there is no such program.
  static QStringList local_command(const QString& workspace);

  /// Takes effect at the next start of the process.
  void set_command(QStringList command) { command_ = std::move(command); }
  const QStringList& command() const { return command_; }

  /// Starts the process if there is none, so that the first question need not wait for it.
  void wake();

  /// Sends a question. A newer one of the same asker and topic takes the older back: that one's handler is not called any
  /// more. Otherwise the handler gets every part, the last one with ends(), from the event loop and not after the asker is
  /// destroyed. A worker that dies over a question is asked once more; if it dies again, the part is an error.
  /// Returns the question's id.
  std::int64_t ask(QObject* asker, const QString& topic, std::string kind, nlohmann::json options, Handler handler, NamedArrays arrays = {});
  /// The handler still gets the ending part, `cancelled` if it came in time.
  void cancel(QObject* asker, const QString& topic);
  bool asks(const QObject* asker, const QString& topic) const;

  State state() const { return state_; }
  /// Why it died or cannot be started; empty once a process has said hello.
  const QString& sentence() const { return sentence_; }
  /// What the process said of itself (build, device, threads, kinds); empty before its first hello.
  const nlohmann::json& hello() const { return hello_; }
  /// Of the process; 0: none.
  qint64 process_id() const { return process_id_; }

  static constexpr int kMostDeaths = 3;
  static constexpr int kHelloMs = 60'000;  ///< how long a process may take to say hello

 Q_SIGNALS:
  void state_changed();
  /// One sentence for people: it died and has been started again, or is given up.
  void said(const QString& sentence);

 private:
  struct Question {
    WorkerRequest request;
    QObject* asker = nullptr;
    QString topic;
    Handler handler;
    QMetaObject::Connection destroyed;
    bool sent = false;
    bool asked_again = false;
    bool cancelled = false;
  };
  using Questions = std::map<std::int64_t, Question>;  ///< in the order they are computed

  void start();
  void send(Question& question);
  void set_state(State state);
  Questions::iterator find(const QObject* asker, const QString& topic);
  void forget(Questions::iterator question);
  void take_back(std::int64_t id);
  void end_with(std::int64_t id, AnswerPart part, const QString& message, const std::string& code);
  void answered(const Answer& answer);
  void greeted(const Answer& answer);
  void died(const QString& sentence, bool can_start);
  void give_up(const QString& sentence);

  QStringList command_;
  QThread thread_;
  WorkerLink* link_;  ///< lives on thread_
  State state_ = State::idle;
  QString sentence_;
  nlohmann::json hello_;
  qint64 process_id_ = 0;
  int deaths_ = 0;  ///< since the last question that was answered to its end
  std::int64_t next_id_ = 1;
  Questions questions_;
  QTimer hello_limit_;
  QTimer again_;  ///< a short rest between a death and the next start
};

}  // namespace mimir
