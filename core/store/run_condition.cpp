#include "core/store/run_condition.h"

#include <algorithm>

namespace mimir {
namespace {

/// Whether the trainer is alive as far as anyone here can tell.
bool alive(const RunEvidence& evidence, double now, const std::string& host) {
  const TrainerState& trainer = evidence.trainer;
  if (trainer.held) return true;
  if (!trainer.info || trainer.info->host == host) return false;
  const double heard = std::max(trainer.info->started, evidence.heartbeat ? evidence.heartbeat->time : 0);
  return now - heard <= kLostAfter;
}

bool all_finished(const std::vector<StageRow>& stages) {
  return !stages.empty() && std::all_of(stages.begin(), stages.end(), [](const StageRow& s) { return s.state == StageState::finished; });
}

RunStatus while_alive(const RunEvidence& evidence) {
  if (evidence.segments.empty()) return RunStatus::starting;
  switch (evidence.segments.back().state) {
    case SegmentState::starting: return RunStatus::starting;
    case SegmentState::paused: return RunStatus::paused;
    case SegmentState::stopped: return RunStatus::stopped;
    // Left by the trainer before: this one has not opened its segment yet.
    case SegmentState::failed: return evidence.segments.back().code == "lost" ? RunStatus::starting : RunStatus::failed;
    case SegmentState::finished: return all_finished(evidence.stages) ? RunStatus::finished : RunStatus::running;
    case SegmentState::running:
    case SegmentState::stopping: return RunStatus::running;
  }
  return RunStatus::running;
}

RunStatus when_gone(const RunEvidence& evidence) {
  if (!evidence.database) return evidence.trainer.file ? RunStatus::lost : RunStatus::queued;
  if (all_finished(evidence.stages)) return RunStatus::finished;
  if (evidence.segments.empty()) return RunStatus::lost;
  const SegmentRow& last = evidence.segments.back();
  if (last.state == SegmentState::stopped) return RunStatus::stopped;
  if (last.state == SegmentState::failed && last.code != "lost") return RunStatus::failed;
  return RunStatus::lost;
}

}  // namespace

RunCondition judge_run(const RunEvidence& evidence, double now, const std::string& host) {
  RunCondition condition;
  const bool living = alive(evidence, now, host);
  condition.status = living ? while_alive(evidence) : when_gone(evidence);
  if (evidence.heartbeat) condition.heard = evidence.heartbeat->time;
  if (!evidence.segments.empty()) {
    const SegmentRow& last = evidence.segments.back();
    condition.stage = last.stage;
    condition.stopping = living && last.state == SegmentState::stopping;
    if (condition.status == RunStatus::failed || condition.status == RunStatus::stopped) {
      condition.code = last.code;
      condition.reason = last.reason;
    }
  }
  condition.stale = living && condition.heard && now - *condition.heard > kStaleAfter &&
                    (condition.status == RunStatus::running || condition.status == RunStatus::paused || condition.status == RunStatus::starting);
  return condition;
}

}  // namespace mimir
