#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/base/recipe.h"
#include "core/store/run_folder.h"

namespace mimir {

// The JSON of `runs list` and `runs show` (command-line.md, "JSON"). NaN and infinities are null.
// Errors: `storage` for a damaged run.db or annotations.json, `input` for a damaged recipe.

/// One entry of `runs list`: a handful of lookups, however long the run is.
Expected<nlohmann::json> run_list_json(const RunFolder& run);
/// The same plus environment, metrics in full, checkpoints and evaluations.
Expected<nlohmann::json> run_show_json(const RunFolder& run);

/// {data: {name: …}, pretrain: {attack: {…}}, …}: every field of every table that is there.
nlohmann::json recipe_json(const Recipe& recipe);

}  // namespace mimir
