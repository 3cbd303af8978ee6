#pragma once

#include <QObject>
#include <deque>
#include <map>
#include <string>

#include "widgets/panels/attack_lab/attack_result.h"
#include "widgets/panels/attack_lab/radius_card.h"
#include "widgets/session/session.h"

namespace mimir {

/// The question without the options of a branch.
void leave_branch(nlohmann::json& question);

/// Asks the worker for attacks, for the radii around them and for the same attack on a second model, and keeps what came: what
/// was asked once is there at once. Questions are those of the kind `attack` with trajectory.
class AttackAsker : public QObject {
  Q_OBJECT

 public:
  using Result = std::shared_ptr<const AttackResult>;
  /// One attack at many radii.
  struct Radii {
    std::map<double, AttackPath> walks;
    RadiusSearch search;
  };

  explicit AttackAsker(Session& session, QObject* parent = nullptr);

  /// nullptr: not answered, or so long ago that it is forgotten. An answer without the second model where that one cannot be shown
  /// the picture: second_problem() says why.
  Result answer_to(const nlohmann::json& question) const;
  void ask(const nlohmann::json& question);
  /// An answer to ask() is on its way.
  bool asks() const;
  void cancel();

  /// The question without its radius.
  static std::string radii_key(nlohmann::json question);
  /// nullptr: not asked for.
  const Radii* radii_of(const std::string& key) const;
  /// Attacks at every one of `radii`, the smallest first, and bisects up to the last. `of`: an answer to the same question, for its clean picture.
  void ask_radii(const nlohmann::json& question, const AttackPath& of, const std::vector<double>& radii);

  /// The question's attack on the model that it is shown to (`transfer`), shown to the question's own. nullptr: it is asked
  /// for, and second_answered or second_failed follows; or the second model has a problem.
  Result second_answer_to(const nlohmann::json& question);
  /// Why the second model of a question that was answered takes no part; empty: it does.
  QString second_problem(const nlohmann::json& question) const;

  void cancel_all();
  /// Nothing is on its way.
  bool settled() const;

 Q_SIGNALS:
  /// Of ask().
  void working_changed(bool working);
  void progressed(int done, int total);
  void answered(const std::string& question);
  void failed(const WorkerAnswer& answer);
  /// Walks or tries have come.
  void radii_changed(const std::string& key);
  /// Empty: the search is over.
  void search_progressed(const std::string& key, const QString& words);
  /// To what was wanted last.
  void second_answered();
  void second_failed(const QString& sentence);

 private:
  void send(const nlohmann::json& question, const std::string& key);
  void take(const std::string& key, const Worker::Answer& answer);
  void take_second(const std::string& key, const Worker::Answer& answer);
  /// What the radii were asked with.
  struct Search {
    AttackPath of;
    double epsilon = 0;  ///< of the attack
    double up_to = 0;
  };
  void take_radii(const std::string& key, const Search& search, const Worker::Answer& answer);
  void keep(const std::string& key, Result result);

  Session* session_;
  std::map<std::string, Result> kept_;  ///< by question
  std::deque<std::string> order_;       ///< the oldest first
  std::map<std::string, Radii> radii_;  ///< by radii_key()
  std::map<std::string, Result> seconds_;  ///< by the question that was asked
  std::map<std::string, QString> second_problems_;  ///< by the question of the first model
  std::string second_asked_;            ///< the one that was wanted last
};

}  // namespace mimir
