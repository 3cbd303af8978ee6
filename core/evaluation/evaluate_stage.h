#pragma once

#include <memory>

#include "core/tensor/checkpoint.h"
#include "core/models/vit.h"
#include "core/training/stage.h"

namespace mimir {

/// Scores the fine-tuned classifier (finetune-best, else finetune-last; its moving average if kept) on test images,
/// and writes evaluations/stage/report.json.
Expected<std::unique_ptr<Stage>> make_evaluate_stage(const StageContext& context);

/// A classifier as a checkpoint holds it, moving average if kept. `mismatch` for a pre-training checkpoint.
Expected<VitClassifier> classifier_from(const Checkpoint& checkpoint, c10::Device device);

}  // namespace mimir
