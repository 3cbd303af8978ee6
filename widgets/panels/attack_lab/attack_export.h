#pragma once

#include <QString>

#include "core/base/error.h"
#include "widgets/panels/attack_lab/attack_result.h"

namespace mimir {

// Files of what Attack Lab shows. `storage` errors; an older file stays as it was then. `command` makes the attack again.

/// Lossless, 8 bit, rounded towards the clean picture, so inside the ball; command and step stand in text chunks.
Expected<void> write_adversarial_png(const QString& path, const AttackPath& walk, int step, const QString& command);

/// `clean` and `adversarial` fp32 [C, S, S] bit for bit, `label` int64, `probabilities` fp32 [K] where they are known; the
/// result as JSON, step and command as metadata.
Expected<void> write_adversarial_tensors(const QString& path, const AttackResult& result, const AttackPath& walk, int step, const QString& command);

}  // namespace mimir
