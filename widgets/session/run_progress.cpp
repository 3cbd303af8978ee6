#include "widgets/session/run_progress.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

double number_in(const RunEntry& run, const QString& stage, const char* key) {
  const auto field = run.recipe.find(stage.toStdString() + "." + key);
  if (field == run.recipe.end()) return 0;
  return parse_number(field->second).value_or(0);
}

const StageRow* row_of(const RunEntry& run, const QString& stage) {
  const auto row = std::find_if(run.stages.begin(), run.stages.end(), [&](const StageRow& each) { return each.name == stage.toStdString(); });
  return row == run.stages.end() ? nullptr : &*row;
}

/// Those of the database; before it is there, those of the recipe, which wait.
std::vector<StageRow> stages_of(const RunEntry& run) {
  if (!run.stages.empty()) return run.stages;
  std::vector<StageRow> stages;
  for (const std::string name : {"pretrain", "finetune", "evaluate"}) {
    const auto field = run.recipe.lower_bound(name + ".");
    if (field == run.recipe.end() || !field->first.starts_with(name + ".")) continue;
    StageRow stage;
    stage.name = name;
    stages.push_back(std::move(stage));
  }
  return stages;
}

}  // namespace

StagePace pace_of(const RunEntry& run, const QString& stage) {
  StagePace pace;
  const StageRow* row = row_of(run, stage);
  const double epochs = number_in(run, stage, "epochs"), batch = number_in(run, stage, "batch_size");
  if (row && row->total > 0 && epochs > 0) pace.steps_per_epoch = std::max(1.0, static_cast<double>(row->total) / epochs);
  if (batch > 0) pace.images_per_step = batch;
  return pace;
}

RunProgress progress_of(const RunEntry& run, double now) {
  RunProgress progress;
  for (const StageRow& row : stages_of(run)) {
    StageProgress stage;
    stage.stage = QString::fromStdString(row.name);
    stage.state = row.state;
    stage.total = row.total;
    stage.epochs = static_cast<std::int64_t>(number_in(run, stage.stage, "epochs"));
    if (row.state == StageState::finished) {
      stage.step = row.total;
    } else if (run.heartbeat && run.heartbeat->stage == row.name) {
      stage.step = run.heartbeat->step;
      if (stage.total == 0) stage.total = run.heartbeat->total;
    }
    if (stage.epochs > 0 && row.state != StageState::waiting) {
      const double per_epoch = pace_of(run, stage.stage).steps_per_epoch;
      stage.epoch = std::min(stage.epochs, static_cast<std::int64_t>(static_cast<double>(stage.step) / per_epoch) + 1);
    }
    if (row.state != StageState::waiting) progress.current = static_cast<int>(progress.stages.size());
    progress.stages.push_back(stage);
  }
  for (const SegmentRow& segment : run.segments) {
    const bool open = !segment.ended.has_value();
    double end = segment.ended.value_or(now);
    // A trainer that died has worked until it was last heard of.
    if (open && !at_work(run)) end = run.condition.heard.value_or(segment.started);
    progress.elapsed = progress.elapsed.value_or(0) + std::max(0.0, end - segment.started);
  }
  if (at_work(run) && progress.current >= 0) {
    const StageProgress& stage = progress.stages[static_cast<std::size_t>(progress.current)];
    if (run.heartbeat && run.heartbeat->stage == stage.stage.toStdString() && run.condition.status == RunStatus::running) {
      progress.eta = run.heartbeat->eta;
      if (progress.eta) progress.eta = std::max(0.0, *progress.eta - std::max(0.0, now - run.heartbeat->time));
    }
    progress.more_stages = progress.current + 1 < static_cast<int>(progress.stages.size());
  }
  return progress;
}

}  // namespace mimir
