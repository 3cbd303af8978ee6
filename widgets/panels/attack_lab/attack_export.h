#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <optional>

#include "core/base/error.h"
#include "widgets/panels/attack_lab/attack_result.h"

class QAction;

namespace mimir {

class Session;

// Files of what Attack Lab shows. `storage` errors; an older file stays as it was then. `command` makes the attack again.

/// Lossless, 8 bit, rounded towards the clean picture, so inside the ball; command and step stand in text chunks.
Expected<void> write_adversarial_png(const QString& path, const AttackPath& walk, int step, const QString& command);

/// `clean` and `adversarial` fp32 [C, S, S] bit for bit, `label` int64, `probabilities` fp32 [K] where they are known; the
/// result as JSON, step and command as metadata.
Expected<void> write_adversarial_tensors(const QString& path, const AttackResult& result, const AttackPath& walk, int step, const QString& command);

/// The line to type in a shell that asks this question.
QString attack_command(const nlohmann::json& question);

/// What Attack Lab has on screen.
struct ShownAttack {
  std::shared_ptr<const AttackResult> result;
  AttackPath walk;
  int step = 0;
  bool whole = true;  ///< the walk is of the result; a walk of a sweep has no answer of its own
};

/// The action "Save picture" with its menu of files that can be written.
class AttackSaver : public QObject {
  Q_OBJECT

 public:
  using Shown = std::function<std::optional<ShownAttack>()>;

  AttackSaver(Session& session, Shown shown, std::function<QString()> command, QWidget* parent);

  QAction* action() const { return action_; }
  void copy_command();
  /// The kind follows from the ending: .png (the adversarial picture of the step), .safetensors (its exact values),
  /// .figure.png, .svg and .pdf (the figure of the whole answer).
  Expected<void> save(const QString& file) const;

 private:
  void save_as(const QString& suffix, const QString& filter);

  Session* session_;
  Shown shown_;
  std::function<QString()> command_;
  QWidget* window_;
  QAction* action_;
};

}  // namespace mimir
