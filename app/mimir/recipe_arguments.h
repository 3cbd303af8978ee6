#pragma once

#include <string>
#include <vector>

#include "app/mimir/command.h"
#include "core/base/recipe.h"
#include "core/base/schema.h"

namespace mimir {

/// Applies `--set KEY=VALUE` in order and the common options that were typed (--device, --threads, --precision,
/// --seed). "data=PATH" also chooses the data set that can read PATH.
Expected<void> apply_arguments(Recipe& recipe, const std::vector<std::string>& sets, const Options& options);

/// All problems, with the names of the registries and the rules that only core knows.
std::vector<Problem> check_recipe(const Recipe& recipe);

/// Warnings on stderr; the first error as a `usage` Error, the others in its detail.
Expected<void> refuse_problems(const std::vector<Problem>& problems);

}  // namespace mimir
