#include "core/training/schedule.h"

#include <cmath>
#include <numbers>

namespace mimir {

double CosineSchedule::at(double epoch) const {
  if (epoch < warmup_epochs) return peak * epoch / warmup_epochs;
  if (epochs <= warmup_epochs) return peak;
  const double progress = (epoch - warmup_epochs) / (epochs - warmup_epochs);
  return minimum + (peak - minimum) * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

CosineSchedule make_schedule(const OptimisationRecipe& recipe) {
  const double images = static_cast<double>(recipe.batch_size * recipe.accumulate);
  const double peak = recipe.learning_rate > 0 ? recipe.learning_rate : recipe.base_learning_rate * images / 256;
  return {peak, recipe.min_learning_rate, recipe.warmup_epochs, static_cast<double>(recipe.epochs)};
}

}  // namespace mimir
