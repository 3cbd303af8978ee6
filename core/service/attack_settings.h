#pragma once

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

/// `usage` error for an attack, a norm, an epsilon or a KEY=VALUE that there is none of.
Expected<AttackChoice> read_attack(const Settings& settings, bool objective_too);

/// {name, norm, epsilon, step_size, num_steps, random_start, restarts, noise_scale, objective, target}; null for none.
nlohmann::json attack_json(const AttackChoice& attack, bool objective_too);

}  // namespace mimir
