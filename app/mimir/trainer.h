#pragma once

#include "app/mimir/command.h"
#include "core/base/recipe.h"
#include "core/store/run_folder.h"
#include "core/training/run_stages.h"

namespace mimir {

/// The stages that a recipe has, in their order.
std::vector<StagePlan> stage_plans(const Recipe& recipe);

/// What of this machine and call a run's environment.json keeps.
nlohmann::json environment_json(const Recipe& recipe, int argc, const char* const* argv);

/// Trains in this process whatever of the run is not done yet: takes the run's lock, opens its record and control
/// socket, answers signals (once: stop after this step; twice: now), runs the stages, draws curves.svg and says one
/// sentence. Returns the exit code.
Expected<int> train_run(const RunFolder& run, const Recipe& recipe, const Options& options);

/// Starts `mimir resume RUN` as a process of its own that outlives this one.
Expected<void> train_detached(const RunFolder& run, const Options& options);

}  // namespace mimir
