#pragma once

#include "core/attacks/attack.h"

namespace mimir {

// What the attacks of the PGD family are made of.

/// Throws ErrorException(stopped) if the work shall be given up.
void check_stop(const AttackRun& run);

/// Value and input gradient of the objective at `images`, told to run.observe. Detached; parameters get no
/// gradient. Works under NoGradGuard too. Checks run.stop first.
AttackStep evaluate_with_gradient(Objective& objective, const at::Tensor& images, int restart, int step, const AttackRun& run);
/// Value alone, at the last iterate.
AttackStep evaluate_last(Objective& objective, const at::Tensor& images, int restart, int step, const AttackRun& run);

/// A random point of the ball, clipped to the box. L-infinity: clean + U(-epsilon, epsilon). L2: a normal direction
/// of length U(0,1) epsilon (uniform in the radius, not in the volume); the radius is drawn with the key's target
/// rank at its largest, so that it shares no bits with the direction.
at::Tensor random_start(const at::Tensor& clean, const ThreatModel& threat, const AttackRun& run, int restart);

/// images + step_size * sign(g), sign(0) = 0, or for L2 + step_size * g / (|g| + 1e-10). Not projected.
at::Tensor ascend(const at::Tensor& images, const at::Tensor& gradient, double step_size, Norm norm);

/// Settings as registry entries describe them.
Parameter step_size_parameter(std::string default_text, std::string source);

}  // namespace mimir
