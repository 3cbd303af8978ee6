#pragma once

#include "core/base/error.h"
#include "core/base/recipe.h"
#include "core/base/registry.h"
#include "core/models/vit.h"

namespace mimir {

/// A named architecture; the masked autoencoder around it is "mae_" + id.
struct ModelEntry {
  EntryInfo info;
  VitOptions options;  ///< embed_dim, depth, num_heads, mlp_ratio are the name's; the rest are defaults
};
Registry<ModelEntry>& models();

/// What a recipe's [model] table means: the name's sizes, overridden by every size that is not 0.
/// num_classes 0 takes `data_classes`. `usage` error where sizes do not fit each other.
Expected<VitOptions> resolve_model(const ModelRecipe& recipe, std::int64_t data_classes);

/// The recipe's table with every 0 filled in, as stored in runs and checkpoints.
ModelRecipe resolved_recipe(const ModelRecipe& recipe, const VitOptions& options);

}  // namespace mimir
