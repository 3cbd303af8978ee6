#pragma once

#include <memory>

#include "core/training/stage.h"

namespace mimir {

/// Fine-tunes the classifier: from finetune.from, else from this run's pre-training, else from scratch.
Expected<std::unique_ptr<Stage>> make_finetune_stage(const StageContext& context);

}  // namespace mimir
