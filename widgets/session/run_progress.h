#pragma once

#include <QString>
#include <vector>

#include "widgets/session/run_library.h"

namespace mimir {

/// One stage of a run as the strip shows it.
struct StageProgress {
  QString stage;
  StageState state = StageState::waiting;
  std::int64_t step = 0;
  std::int64_t total = 0;   ///< steps; 0: not known yet
  std::int64_t epoch = 0;   ///< the one at work, from 1; 0: the stage has none, or has not begun
  std::int64_t epochs = 0;  ///< 0: the stage has none
  double share() const { return state == StageState::finished ? 1 : total > 0 ? std::min(1.0, static_cast<double>(step) / static_cast<double>(total)) : 0; }
};

/// How far a run is. Times are in seconds.
struct RunProgress {
  std::vector<StageProgress> stages;
  int current = -1;              ///< the stage at work or last at work; -1 before the first
  std::optional<double> elapsed; ///< of work: what lies between segments is left out; none before the first
  std::optional<double> eta;     ///< of the stage at work; none while it is measured, or nothing runs
  bool more_stages = false;      ///< stages wait whose time nobody has measured
};

/// `now`: seconds since 1970.
RunProgress progress_of(const RunEntry& run, double now);

/// Steps of an epoch and images of a step of one stage, by its recipe; 1 where the stage has none.
struct StagePace {
  double steps_per_epoch = 1;
  double images_per_step = 1;
};
StagePace pace_of(const RunEntry& run, const QString& stage);

}  // namespace mimir
