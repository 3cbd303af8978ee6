#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/store/run_rows.h"
#include "core/store/trainer_lock.h"

namespace mimir {

inline constexpr double kStaleAfter = 30;   ///< seconds without a heartbeat
inline constexpr double kLostAfter = 120;   ///< the same, of a trainer on another host

/// A run's status and what is needed to say it in words.
struct RunCondition {
  RunStatus status = RunStatus::queued;
  std::string stage;                  ///< the one at work, or last at work; empty before the first
  std::optional<std::string> code;    ///< of failed and stopped
  std::optional<std::string> reason;
  bool stopping = false;              ///< running, and asked to stop
  bool stale = false;                 ///< there should be a heartbeat, but there was none for 30 s
  std::optional<double> heard;        ///< the last heartbeat
};

/// What the status follows from.
struct RunEvidence {
  bool database = false;  ///< run.db is there and has its tables
  TrainerState trainer;
  std::vector<StageRow> stages;
  std::vector<SegmentRow> segments;  ///< the oldest first
  std::optional<HeartbeatRow> heartbeat;
};

/// A trainer's lock on this host is certain; a trainer on another host is believed by its heartbeat. A free lock
/// leaves what the last segment says: finished only if every stage is; what was left open is lost.
/// `now`: seconds since 1970; `host`: this machine's name.
RunCondition judge_run(const RunEvidence& evidence, double now, const std::string& host);

}  // namespace mimir
