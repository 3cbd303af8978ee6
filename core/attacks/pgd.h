#pragma once

#include <memory>

#include "core/attacks/attack.h"

namespace mimir {

/// Projected gradient ascent with all settings given (a step size of 0 is epsilon/4); fgsm and fgsm-rs are single
/// steps of it.
std::unique_ptr<Attack> make_pgd(const AttackOptions& options);

}  // namespace mimir
