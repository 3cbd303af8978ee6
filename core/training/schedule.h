#pragma once

#include "core/base/recipe.h"

namespace mimir {

/// Linear warm-up from exactly 0, then half a cosine (He et al. 2022, code; MIMIR the same), over fractional epochs.
struct CosineSchedule {
  double peak = 0;
  double minimum = 0;
  double warmup_epochs = 0;
  double epochs = 1;

  double at(double epoch) const;
};

/// Peak = learning_rate, or base_learning_rate * batch_size * accumulate / 256.
CosineSchedule make_schedule(const OptimisationRecipe& recipe);

}  // namespace mimir
