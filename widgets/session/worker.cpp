#include "widgets/session/worker.h"

#include <QCoreApplication>
#include <utility>

#include "widgets/session/program.h"
#include "widgets/session/worker_link.h"

namespace mimir {
namespace {

constexpr int kRestMs = 300;

}  // namespace

Worker::Worker(QStringList command, QObject* parent) : QObject(parent), command_(std::move(command)), link_(new WorkerLink) {
  thread_.setObjectName(QStringLiteral("worker"));
  link_->moveToThread(&thread_);
  connect(&thread_, &QThread::finished, link_, &QObject::deleteLater);
  connect(link_, &WorkerLink::answered, this, &Worker::answered);
  connect(link_, &WorkerLink::ended, this, &Worker::died);
  connect(link_, &WorkerLink::started, this, [this](qint64 id) { process_id_ = id; });
  hello_limit_.setSingleShot(true);
  hello_limit_.setInterval(kHelloMs);
  connect(&hello_limit_, &QTimer::timeout, this, [this] {
    QMetaObject::invokeMethod(link_, [link = link_, why = tr("The worker did not say hello within %1 s.").arg(kHelloMs / 1000)] { link->give_up(why); });
  });
  again_.setSingleShot(true);
  again_.setInterval(kRestMs);
  connect(&again_, &QTimer::timeout, this, &Worker::start);
  thread_.start();
}

Worker::~Worker() {
  thread_.quit();
  thread_.wait();
}

QStringList Worker::local_command(const QString& workspace) {
  const QString program = Program::find();
  if (program.isEmpty()) return {};
  return {program, QStringLiteral("serve"), QStringLiteral("--workspace"), workspace};
}

void Worker::wake() {
  if (state_ != State::idle && state_ != State::failed) return;
  deaths_ = 0;
  start();
}

void Worker::start() {
  if (command_.isEmpty()) {
    // From the event loop, as every other failure.
    QMetaObject::invokeMethod(
        this, [this] { died(tr("The program mimir was not found beside the window, in $MIMIR_PROGRAM or in PATH; set MIMIR_PROGRAM to its path."), false); },
        Qt::QueuedConnection);
  } else {
    QMetaObject::invokeMethod(link_, [link = link_, command = command_] { link->start(command); });
    hello_limit_.start();
  }
  set_state(State::starting);
}

std::int64_t Worker::ask(QObject* asker, const QString& topic, std::string kind, nlohmann::json options, Handler handler, NamedArrays arrays) {
  if (const auto older = find(asker, topic); older != questions_.end()) {
    take_back(older->first);
    forget(older);
  }
  const std::int64_t id = next_id_++;
  Question& question = questions_[id];
  question.request = {id, std::move(kind), std::move(options), std::move(arrays)};
  question.asker = asker;
  question.topic = topic;
  question.handler = std::move(handler);
  question.destroyed = connect(asker, &QObject::destroyed, this, [this, id] {
    take_back(id);
    forget(questions_.find(id));
  });
  if (state_ == State::ready) {
    send(question);
  } else {
    wake();
  }
  return id;
}

void Worker::cancel(QObject* asker, const QString& topic) {
  const auto question = find(asker, topic);
  if (question == questions_.end() || question->second.cancelled) return;
  question->second.cancelled = true;
  if (question->second.sent) {
    take_back(question->first);
  } else {
    QMetaObject::invokeMethod(
        this, [this, id = question->first] { end_with(id, AnswerPart::cancelled, {}, {}); }, Qt::QueuedConnection);
  }
}

bool Worker::asks(const QObject* asker, const QString& topic) const { return const_cast<Worker*>(this)->find(asker, topic) != questions_.end(); }

void Worker::send(Question& question) {
  question.sent = true;
  QMetaObject::invokeMethod(link_, [link = link_, request = question.request] { link->send(request); });
}

void Worker::set_state(State state) {
  if (state_ == state) return;
  state_ = state;
  Q_EMIT state_changed();
}

Worker::Questions::iterator Worker::find(const QObject* asker, const QString& topic) {
  return std::find_if(questions_.begin(), questions_.end(), [&](const auto& each) { return each.second.asker == asker && each.second.topic == topic; });
}

void Worker::forget(Questions::iterator question) {
  if (question == questions_.end()) return;
  disconnect(question->second.destroyed);
  questions_.erase(question);
}

void Worker::take_back(std::int64_t id) {
  const auto question = questions_.find(id);
  if (question == questions_.end() || !question->second.sent) return;
  WorkerRequest request;
  request.id = id;
  request.kind = "cancel";
  QMetaObject::invokeMethod(link_, [link = link_, request] { link->send(request); });
}

void Worker::end_with(std::int64_t id, AnswerPart part, const QString& message, const std::string& code) {
  const auto question = questions_.find(id);
  if (question == questions_.end()) return;
  auto answer = std::make_shared<WorkerAnswer>();
  answer->id = id;
  answer->kind = question->second.request.kind;
  answer->part = part;
  answer->message = message.toStdString();
  answer->code = code;
  const Handler handler = std::move(question->second.handler);
  forget(question);
  handler(answer);
}

void Worker::answered(const Answer& answer) {
  if (answer->part == AnswerPart::hello) return greeted(answer);
  const auto question = questions_.find(answer->id);
  if (answer->ends()) deaths_ = 0;
  if (question == questions_.end()) return;  // taken back
  const Handler handler = question->second.handler;
  if (answer->ends()) forget(question);
  handler(answer);
}

void Worker::greeted(const Answer& answer) {
  hello_limit_.stop();
  hello_ = answer->result;
  sentence_.clear();
  set_state(State::ready);
  for (auto& [id, question] : questions_) send(question);
}

void Worker::died(const QString& sentence, bool can_start) {
  hello_limit_.stop();
  process_id_ = 0;
  sentence_ = sentence;
  if (!can_start || ++deaths_ >= kMostDeaths) return give_up(can_start ? tr("%1 It died %2 times in a row and is left alone until it is asked again.").arg(sentence).arg(deaths_) : sentence);
  set_state(State::starting);
  // The oldest is the one it was at; it may be the cause.
  std::vector<std::int64_t> over;
  bool first = true;
  for (auto& [id, question] : questions_) {
    if (question.cancelled || (first && question.sent && question.asked_again)) over.push_back(id);
    if (first && question.sent) question.asked_again = true;
    first = first && !question.sent;
    question.sent = false;
  }
  again_.start();
  Q_EMIT said(tr("%1 It has been started again.").arg(sentence));
  for (const std::int64_t id : over) {
    const bool cancelled = questions_.contains(id) && questions_.at(id).cancelled;
    end_with(id, cancelled ? AnswerPart::cancelled : AnswerPart::error, cancelled ? QString() : sentence, cancelled ? "" : error_code_name(ErrorCode::defect));
  }
}

void Worker::give_up(const QString& sentence) {
  sentence_ = sentence;
  set_state(State::failed);
  Q_EMIT said(sentence);
  std::vector<std::int64_t> ids;
  for (const auto& [id, question] : questions_) ids.push_back(id);
  for (const std::int64_t id : ids) end_with(id, AnswerPart::error, sentence, error_code_name(ErrorCode::defect));
}

}  // namespace mimir
