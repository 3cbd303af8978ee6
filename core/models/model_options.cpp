#include "core/models/model_options.h"

namespace mimir {
namespace {

bool add(const char* id, const char* label, std::int64_t dim, std::int64_t depth, std::int64_t heads, double mlp_ratio) {
  VitOptions options;
  options.embed_dim = dim;
  options.depth = depth;
  options.num_heads = heads;
  options.mlp_ratio = mlp_ratio;
  return models().add({{id, label, "Xu et al., MIMIR, code; Dosovitskiy et al. 2021",
                        fmt::format("ViT of width {}, depth {} and {} heads; the encoder of mae_{}.", dim, depth, heads, id)},
                       options});
}

const bool registered[] = {
    add("vit_ti", "ViT-Tiny", 192, 12, 3, 4),
    add("vit_tiny", "ViT-Tiny", 192, 12, 3, 4),
    add("vit_small", "ViT-Small", 384, 12, 6, 4),
    add("vit_small_ds", "ViT-Small (Debenedetti et al.)", 768, 8, 8, 3),
    add("vit_base", "ViT-Base", 768, 12, 12, 4),
    add("vit_large", "ViT-Large", 1024, 24, 16, 4),
};

}  // namespace

Registry<ModelEntry>& models() {
  static Registry<ModelEntry> registry;
  return registry;
}

Expected<VitOptions> resolve_model(const ModelRecipe& recipe, std::int64_t data_classes) {
  const ModelEntry* entry = models().find(recipe.name);
  if (!entry) return fail(ErrorCode::usage, "model.name: there is no model \"{}\"", recipe.name);
  VitOptions options = entry->options;
  const auto take = [](auto& size, auto given) {
    if (given != 0) size = given;
  };
  options.img_size = recipe.img_size;
  options.patch_size = recipe.patch_size;
  options.global_pool = recipe.global_pool;
  take(options.embed_dim, recipe.embed_dim);
  take(options.depth, recipe.depth);
  take(options.num_heads, recipe.num_heads);
  take(options.mlp_ratio, recipe.mlp_ratio);
  take(options.num_classes, data_classes);
  take(options.num_classes, recipe.num_classes);
  take(options.decoder_embed_dim, recipe.decoder_embed_dim);
  take(options.decoder_depth, recipe.decoder_depth);
  take(options.decoder_num_heads, recipe.decoder_num_heads);

  if (options.patch_size < 1 || options.img_size % options.patch_size != 0) {
    return fail(ErrorCode::usage, "model.patch_size: {} does not divide img_size {}", options.patch_size, options.img_size);
  }
  const auto check_heads = [](const char* field, std::int64_t dim, std::int64_t heads) -> Expected<void> {
    if (dim % 4 != 0) return fail(ErrorCode::usage, "model.{}: width {} is not a multiple of 4", field, dim);
    if (dim % heads != 0) return fail(ErrorCode::usage, "model.{}: {} heads do not divide width {}", field, heads, dim);
    return {};
  };
  if (auto ok = check_heads("num_heads", options.embed_dim, options.num_heads); !ok) return pass_on(ok);
  if (auto ok = check_heads("decoder_num_heads", options.decoder_embed_dim, options.decoder_num_heads); !ok) return pass_on(ok);
  if (data_classes > 0 && options.num_classes < data_classes) {
    return fail(ErrorCode::mismatch, "model.num_classes: the data set has {} classes, the model only {}", data_classes,
                options.num_classes);
  }
  return options;
}

ModelRecipe resolved_recipe(const ModelRecipe& recipe, const VitOptions& options) {
  ModelRecipe resolved = recipe;
  resolved.embed_dim = options.embed_dim;
  resolved.depth = options.depth;
  resolved.num_heads = options.num_heads;
  resolved.mlp_ratio = options.mlp_ratio;
  resolved.num_classes = options.num_classes;
  resolved.decoder_embed_dim = options.decoder_embed_dim;
  resolved.decoder_depth = options.decoder_depth;
  resolved.decoder_num_heads = options.decoder_num_heads;
  return resolved;
}

}  // namespace mimir
