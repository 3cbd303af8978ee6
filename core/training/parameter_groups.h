#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

namespace mimir {

/// Parameters that share a weight decay and a factor of the learning rate.
struct ParameterGroup {
  std::vector<std::string> names;
  std::vector<at::Tensor> parameters;
  double weight_decay = 0;
  double learning_rate_scale = 1;
};

/// Pre-training: group 0 without decay (ndim <= 1 or a name ending ".bias"), group 1 the rest, class and mask token
/// included as published. Frozen parameters are in no group.
std::vector<ParameterGroup> weight_decay_groups(const torch::nn::Module& model, double weight_decay);

/// Layer of a classifier's parameter: 0 for cls_token, pos_embed and patch_embed, k+1 for blocks.k, depth+1 for the
/// rest (Bao et al. 2022, BEiT).
std::int64_t layer_id(const std::string& name, std::int64_t depth);

/// Fine-tuning: groups (layer, decay or not) in the order of first appearance; the learning rate of a layer is
/// scaled by layer_decay^(depth + 1 - layer). No decay for ndim <= 1, cls_token and pos_embed.
std::vector<ParameterGroup> layer_decay_groups(const torch::nn::Module& model, std::int64_t depth, double weight_decay,
                                               double layer_decay);

}  // namespace mimir
