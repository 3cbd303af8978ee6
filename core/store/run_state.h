#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/recipe.h"

namespace mimir {

/// A segment is one stretch of work on one stage: from a start or a resume to its end.
enum class SegmentState { starting, running, paused, stopping, finished, stopped, failed };
enum class StageState { waiting, running, finished, stopped, failed };
/// What a run is, as people read it.
enum class RunStatus { queued, starting, running, paused, finished, failed, stopped, lost };

/// The words stored in run.db and printed in JSON: "starting", …
const char* segment_state_name(SegmentState state);
const char* stage_state_name(StageState state);
const char* run_status_name(RunStatus status);
std::optional<SegmentState> parse_segment_state(std::string_view name);
std::optional<StageState> parse_stage_state(std::string_view name);

/// The names of the stages a recipe has, in the order in which they run.
std::vector<std::string> stage_names(const Recipe& recipe);

}  // namespace mimir
