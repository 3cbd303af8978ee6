#include "app/mimir/device.h"

#include "core/base/text.h"

namespace mimir {

Expected<Compute> compute_of(const Options& options) {
  ComputeRecipe recipe;
  recipe.device = options.field("compute.device");
  recipe.precision = options.field("compute.precision");
  recipe.threads = parse_integer(options.field("compute.threads")).value_or(0);
  return choose_compute(recipe);
}

}  // namespace mimir
