#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/recipe.h"
#include "core/data/dataset.h"
#include "core/store/run_folder.h"
#include "core/store/run_writer.h"
#include "core/tensor/device.h"
#include "core/training/run_control.h"
#include "core/training/shard_pool.h"

namespace mimir {

/// Everything a stage works with; owned by the run.
struct StageContext {
  const Recipe& recipe;         ///< resolved
  const std::string& recipe_text;  ///< canonical, for checkpoints
  const RunFolder& folder;
  RunWriter& writer;      ///< segments and checkpoints
  Observer& observer;     ///< points, progress, pictures, messages: the writer's, and whoever else listens
  RunControl& control;
  const Dataset& data;
  const Compute& compute;
  ShardPool& pool;
  const Draws& draws;
};

/// A part of a run. Stages run in order; one that is finished already is passed over after a resume.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string name() const = 0;
  virtual std::int64_t total() const = 0;  ///< steps
  /// Builds models, loads what an earlier stage or an interrupted attempt left. Returns the steps already done.
  virtual Expected<std::int64_t> prepare() = 0;
  /// Runs from there to the end. `stopped` error if asked to; `diverged`, `storage`, … otherwise.
  virtual Expected<void> run() = 0;
};

}  // namespace mimir
