#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/error.h"
#include "widgets/panels/attack_lab/attack_result.h"

class QAction;

namespace mimir {

class Session;

// Files of what Attack Lab shows. `storage` errors; an older file stays as it was then. `command` makes the very iterate again.

/// What Attack Lab has on screen.
struct ShownAttack {
  std::shared_ptr<const AttackResult> result;
  AttackPath walk;
  int step = 0;             ///< of the walk
  nlohmann::json question;  ///< that is answered with this iterate
  bool at_hand = false;     ///< `result` is such an answer

  /// As it is counted on screen: a branch's steps after those of the path that it leaves.
  int counted() const { return question.value("step", step); }
};

/// Lossless, 8 bit, rounded towards the clean picture, so inside the ball; command and step stand in text chunks.
Expected<void> write_adversarial_png(const QString& path, const ShownAttack& shown, const QString& command);

/// `clean` and `adversarial` fp32 [C, S, S] bit for bit, `label` int64, `probabilities` fp32 [K] where they are known; the
/// result as JSON, step and command as metadata.
Expected<void> write_adversarial_tensors(const QString& path, const ShownAttack& shown, const QString& command);

/// The line to type in a shell that asks this question. `worker`: what the worker says of itself, for its device and threads.
QString attack_command(const nlohmann::json& question, const nlohmann::json& worker);

/// Of an answer to `asked`: the question that is answered with one iterate of it, by `step` and `restart`. number: the restart,
/// PathCard::kBranch, or PathCard::kRadius; `step`: of the walk.
nlohmann::json question_of_iterate(const nlohmann::json& asked, const AttackResult& result, const AttackPath& walk, int number, int step);

/// The action "Save picture" with its menu of files that can be written. What is written is the iterate on screen.
class AttackSaver : public QObject {
  Q_OBJECT

 public:
  using Shown = std::function<std::optional<ShownAttack>()>;
  using Done = std::function<void(const Expected<void>&)>;

  AttackSaver(Session& session, Shown shown, std::function<QString()> command, QWidget* parent);

  QAction* action() const { return action_; }
  /// One dialog for the figure in any format.
  QAction* figure_action() const { return figure_; }
  void copy_command();
  /// The kind follows from the ending: .png (the adversarial picture of the step), .safetensors (its exact values),
  /// .figure.png, .svg and .pdf (its figure, which the worker is asked for unless it is at hand).
  void save(const QString& file, const Done& done);
  bool settled() const;

 private:
  void save_as(const QString& suffix, const QString& filters);
  QString command_of(const ShownAttack& shown) const;

  Session* session_;
  Shown shown_;
  std::function<QString()> command_;
  QWidget* window_;
  QAction* action_;
  QAction* figure_;
};

}  // namespace mimir
