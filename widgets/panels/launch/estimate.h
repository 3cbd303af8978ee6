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
};

/// `steps`: as the trainer's check counts them, if it can. None where no run is similar: same model, data set, method,
/// attack steps, device and precision; for `evaluate` the same attacks.
std::optional<StageEstimate> estimate_stage(const Recipe& recipe, const std::string& stage, std::optional<std::int64_t> steps, const std::vector<RunEntry>& runs);

}  // namespace mimir
