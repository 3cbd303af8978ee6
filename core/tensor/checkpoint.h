#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/recipe.h"

namespace mimir {

/// Weights and what is needed to go on from them, as they stand in a .safetensors file.
struct Checkpoint {
  std::string stage;              ///< pretrain, finetune
  std::int64_t step = 0;          ///< finished updates of the stage
  std::int64_t epoch = 0;         ///< finished epochs
  ModelRecipe model;              ///< resolved: no size is 0
  std::vector<std::string> classes;  ///< of the data set it was trained on; empty in older files
  std::string recipe;             ///< canonical TOML of the run
  std::string state;              ///< JSON of what the stage keeps besides tensors (best accuracy so far)
  std::map<std::string, at::Tensor> tensors;  ///< "model.<timm name>", "optimizer.…", "ema.<timm name>"

  bool has(const std::string& prefix) const;
};

Expected<void> write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);
/// `input` error if it is not a checkpoint of this program.
Expected<Checkpoint> read_checkpoint(const std::filesystem::path& path);

/// [model] as flat JSON, and back.
nlohmann::json model_to_json(const ModelRecipe& model);
Expected<ModelRecipe> model_from_json(const nlohmann::json& json);

/// Copies of all parameters of a module as "<prefix><name>".
void store_parameters(const torch::nn::Module& module, const std::string& prefix, Checkpoint& checkpoint);

/// Fills every parameter of the module from "<prefix><name>". `mismatch` error that names the first tensor that is
/// missing or has another shape; nothing is changed then.
Expected<void> load_parameters(torch::nn::Module& module, const Checkpoint& checkpoint, const std::string& prefix);

}  // namespace mimir
