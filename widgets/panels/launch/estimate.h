#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "widgets/session/run_library.h"

namespace mimir {

/// How long a stage will take, from the newest run that did the same work per image.
struct StageEstimate {
  double seconds = 0;
  std::optional<std::int64_t> steps;  ///< where only the earlier run knows how many images there are
  QString run;                        ///< the name of that run
  bool scaled = false;                ///< its attack took another number of steps: the time is in proportion to them
};

/// `steps`: as the trainer's check counts them, if it can. None where no run is similar: same model, data set, method,
/// device and precision; for `evaluate` the same attacks. A run with the same number of attack steps is preferred.
std::optional<StageEstimate> estimate_stage(const Recipe& recipe, const std::string& stage, std::optional<std::int64_t> steps, const std::vector<RunEntry>& runs);

/// How much memory it will take, from the newest run that was similar in all stages and held as many images at a time.
struct MemoryEstimate {
  double bytes = 0;  ///< most that the trainer was heard to have resident
  QString run;
};
std::optional<MemoryEstimate> estimate_memory(const Recipe& recipe, const std::vector<RunEntry>& runs);

/// The newest finished run whose folder is likely to be as large: similar in all stages.
const RunEntry* run_of_like_size(const Recipe& recipe, const std::vector<RunEntry>& runs);

}  // namespace mimir
