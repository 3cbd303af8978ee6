#pragma once

#include <memory>

#include "core/training/stage.h"

namespace mimir {

/// Pre-trains the masked autoencoder around the recipe's model, with probes.
Expected<std::unique_ptr<Stage>> make_pretrain_stage(const StageContext& context);

}  // namespace mimir
