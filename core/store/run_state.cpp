#include "core/store/run_state.h"

#include <array>

namespace mimir {
namespace {

// In the order of the enumerations; on disk, do not rename.
constexpr std::array kSegmentStates = {"starting", "running", "paused", "stopping", "finished", "stopped", "failed"};
constexpr std::array kStageStates = {"waiting", "running", "finished", "stopped", "failed"};
constexpr std::array kRunStatuses = {"queued", "starting", "running", "paused", "finished", "failed", "stopped", "lost"};

template <typename State, std::size_t N>
std::optional<State> parse(const std::array<const char*, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) return static_cast<State>(i);
  }
  return std::nullopt;
}

}  // namespace

const char* segment_state_name(SegmentState state) { return kSegmentStates[static_cast<std::size_t>(state)]; }
const char* stage_state_name(StageState state) { return kStageStates[static_cast<std::size_t>(state)]; }
const char* run_status_name(RunStatus status) { return kRunStatuses[static_cast<std::size_t>(status)]; }
std::optional<SegmentState> parse_segment_state(std::string_view name) { return parse<SegmentState>(kSegmentStates, name); }
std::optional<StageState> parse_stage_state(std::string_view name) { return parse<StageState>(kStageStates, name); }

std::vector<std::string> stage_names(const Recipe& recipe) {
  std::vector<std::string> names;
  if (recipe.pretrain) names.push_back("pretrain");
  if (recipe.finetune) names.push_back("finetune");
  if (recipe.evaluate) names.push_back("evaluate");
  return names;
}

}  // namespace mimir
