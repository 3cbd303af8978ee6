#include "widgets/panels/attack_lab/attack_asker.h"

#include <utility>

#include "core/base/text.h"
#include "widgets/format.h"

namespace mimir {
namespace {

constexpr std::size_t kKept = 48;  ///< answers
const QString kAttack = QStringLiteral("attack");
const QString kSearch = QStringLiteral("search");
const QString kSecond = QStringLiteral("second");
constexpr std::string_view kOfTransfer = "--transfer: ";  ///< before what the worker says of the second model
constexpr const char* kOfABranch[] = {"branch-step", "branch-objective", "branch-step-size", "branch-steps"};

}  // namespace

void leave_branch(nlohmann::json& question) {
  for (const char* option : kOfABranch) question.erase(option);
}

AttackAsker::AttackAsker(Session& session, QObject* parent) : QObject(parent), session_(&session) {}

AttackAsker::Result AttackAsker::answer_to(const nlohmann::json& question) const {
  const auto kept = kept_.find(question.dump());
  return kept == kept_.end() ? nullptr : kept->second;
}

void AttackAsker::ask(const nlohmann::json& question) {
  Q_EMIT working_changed(true);
  second_problems_.erase(question.dump());
  send(question, question.dump());
}

void AttackAsker::send(const nlohmann::json& question, const std::string& key) {
  session_->worker().ask(this, kAttack, "attack", question, [this, question, key](const Worker::Answer& answer) {
    // What is wrong with the second model says nothing of the first.
    if (answer->part == AnswerPart::error && question.contains("transfer") && answer->message.starts_with(kOfTransfer)) {
      second_problems_[key] = sentence_text(answer->message.substr(kOfTransfer.size()));
      nlohmann::json alone = question;
      alone.erase("transfer");
      return send(alone, key);
    }
    take(key, answer);
  });
}

void AttackAsker::take(const std::string& key, const Worker::Answer& answer) {
  if (answer->part == AnswerPart::progress) return Q_EMIT progressed(answer->result.value("done", 0), answer->result.value("total", 0));
  if (!answer->ends()) return;
  Q_EMIT working_changed(false);
  if (answer->part == AnswerPart::error) return Q_EMIT failed(*answer);
  if (answer->part != AnswerPart::final) return;
  auto read = read_attack(answer);
  if (!read) {
    WorkerAnswer wrong = *answer;
    wrong.message = read.error().message;
    return Q_EMIT failed(wrong);
  }
  keep(key, std::move(*read));
  Q_EMIT answered(key);
}

void AttackAsker::keep(const std::string& key, Result result) {
  if (kept_.insert_or_assign(key, std::move(result)).second) order_.push_back(key);
  while (order_.size() > kKept) {
    kept_.erase(order_.front());
    order_.pop_front();
  }
}

bool AttackAsker::asks() const { return session_->worker().asks(this, kAttack); }

void AttackAsker::cancel() { session_->worker().cancel(this, kAttack); }

void AttackAsker::cancel_all() {
  for (const QString& topic : {kAttack, kSearch, kSecond}) session_->worker().cancel(this, topic);
}

bool AttackAsker::settled() const {
  const Worker& worker = session_->worker();
  return !worker.asks(this, kAttack) && !worker.asks(this, kSearch) && !worker.asks(this, kSecond);
}

std::string AttackAsker::radii_key(nlohmann::json question) {
  if (question.empty()) return {};
  for (const char* other : {"epsilon", "trajectory", "transfer"}) question.erase(other);
  leave_branch(question);
  return question.dump();
}

const AttackAsker::Radii* AttackAsker::radii_of(const std::string& key) const {
  const auto found = radii_.find(key);
  return found == radii_.end() ? nullptr : &found->second;
}

void AttackAsker::ask_radii(const nlohmann::json& question, const AttackPath& of, const std::vector<double>& radii) {
  nlohmann::json asked = question;
  asked.erase("transfer");
  leave_branch(asked);
  asked["smallest-epsilon"] = true;
  asked["up-to"] = format_number(radii.back());
  std::string list;
  for (const double radius : radii) list += (list.empty() ? "" : ",") + format_number(radius);
  asked["sweep"] = list;
  const std::string key = radii_key(question);
  radii_[key] = {};
  Q_EMIT radii_changed(key);
  Q_EMIT search_progressed(key, tr("searching …"));
  const Search search{of, parse_number(question.value("epsilon", std::string())).value_or(of.epsilon), radii.back()};
  session_->worker().ask(this, kSearch, "attack", asked, [this, key, search](const Worker::Answer& answer) { take_radii(key, search, answer); });
}

void AttackAsker::take_radii(const std::string& key, const Search& search, const Worker::Answer& answer) {
  if (answer->part == AnswerPart::progress) {
    return Q_EMIT search_progressed(key, answer->message.empty() ? tr("searching …") : tr("searching … %1").arg(QString::fromStdString(answer->message)));
  }
  Radii& radii = radii_[key];
  const nlohmann::json& json = answer->result;
  if (answer->part == AnswerPart::better) {
    if (json.contains("at")) {
      if (auto walk = read_radius(answer, search.of, search.epsilon)) radii.walks.insert_or_assign(walk->epsilon, std::move(*walk));
    } else if (json.contains("broken") && json["broken"].is_boolean()) {
      radii.search.tried.push_back({json.value("epsilon", 0.0), json["broken"].get<bool>()});
    }
  }
  if (answer->part == AnswerPart::final && json.contains("images") && json["images"].is_array() && !json["images"].empty()) {
    const nlohmann::json& image = json["images"][0];
    radii.search.finished = true;
    radii.search.up_to = search.up_to;
    if (image.contains("smallest_epsilon") && image["smallest_epsilon"].is_number()) radii.search.smallest = image["smallest_epsilon"].get<double>();
  }
  if (answer->part == AnswerPart::error) session_->say(QString::fromStdString(answer->message));
  if (answer->ends()) Q_EMIT search_progressed(key, {});
  Q_EMIT radii_changed(key);
}

QString AttackAsker::second_problem(const nlohmann::json& question) const {
  const auto found = second_problems_.find(question.dump());
  return found == second_problems_.end() ? QString() : found->second;
}

AttackAsker::Result AttackAsker::second_answer_to(const nlohmann::json& question) {
  if (!second_problem(question).isEmpty()) return nullptr;
  nlohmann::json other = question;
  leave_branch(other);
  std::swap(other["run"], other["transfer"]);
  const std::string key = other.dump();
  const bool underway = second_asked_ == key && session_->worker().asks(this, kSecond);
  second_asked_ = key;
  if (const auto kept = seconds_.find(key); kept != seconds_.end()) return kept->second;
  if (!underway) session_->worker().ask(this, kSecond, "attack", other, [this, key](const Worker::Answer& answer) { take_second(key, answer); });
  return nullptr;
}

void AttackAsker::take_second(const std::string& key, const Worker::Answer& answer) {
  QString problem;
  if (answer->part == AnswerPart::final) {
    auto read = read_attack(answer);
    if (!read) problem = sentence_text(read.error().message);
    if (read && seconds_.size() >= kKept) seconds_.clear();
    if (read) seconds_[key] = std::move(*read);
  } else if (answer->part == AnswerPart::error) {
    problem = sentence_text(answer->message);
  } else {
    return;
  }
  if (second_asked_ != key) return;
  if (problem.isEmpty()) Q_EMIT second_answered();
  else Q_EMIT second_failed(problem);
}

}  // namespace mimir
