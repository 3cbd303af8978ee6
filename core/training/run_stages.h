#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/training/stage.h"

namespace mimir {

/// A stage of a recipe and how it is made. Making may fail (data, model) and happens when its turn comes.
struct StagePlan {
  std::string name;
  std::function<Expected<std::unique_ptr<Stage>>(const StageContext&)> make;
};

/// Runs the stages in order, from wherever they were left; this is the border where exceptions of a run end: they
/// become an Error that names the stage. The writer has a segment for each stage that ran.
Expected<void> run_stages(const std::vector<StagePlan>& plans, const StageContext& context);

/// An exception of libtorch, memory or the standard library as an Error for people.
Error error_of_exception(std::exception_ptr exception, const std::string& where);

}  // namespace mimir
