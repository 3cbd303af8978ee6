#pragma once

#include <ATen/core/Tensor.h>

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/attacks/attack.h"
#include "core/attacks/losses.h"
#include "core/base/parameter.h"
#include "core/service/settings.h"

namespace mimir {

/// The attack that a request asks for.
struct AttackChoice {
  std::string name;  ///< "pgd-20", empty: none
  AttackOptions settings;
  Loss objective = Loss::ce;
  std::string target;  ///< as typed
};

/// Options attack, norm, epsilon, set; `objective_too`: also objective and target.
std::vector<Parameter> attack_parameters(std::string fallback, bool objective_too);

/// `usage` error for an attack, a norm, an epsilon or a KEY=VALUE that there is none of, and for an objective that leads to no target.
Expected<AttackChoice> read_attack(const Settings& settings, bool objective_too);

/// Of each image the class that it shall be taken for, [N] int64; undefined: no target is asked for. logits: [N, K] of the clean
/// images; labels: [N]. `usage` error for a class that there is none of, or that is an image's own label.
Expected<at::Tensor> find_targets(const AttackChoice& attack, const at::Tensor& logits, const at::Tensor& labels, const std::vector<std::string>& classes);

/// {name, norm, epsilon, step_size, num_steps, random_start, restarts, noise_scale, objective, target}; null for no attack, and for
/// what is no parameter of the attack.
nlohmann::json attack_json(const AttackChoice& attack, bool objective_too);

/// Of an attack that does not project: a sentence in result["notes"] if an image is outside of the epsilon ball. Both
/// [N, C, S, S].
void note_images_outside(nlohmann::json& result, const AttackChoice& attack, const at::Tensor& clean, const at::Tensor& adversarial);

}  // namespace mimir
