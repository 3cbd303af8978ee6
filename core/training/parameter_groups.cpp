#include "core/training/parameter_groups.h"

#include <charconv>
#include <cmath>
#include <map>
#include <utility>

namespace mimir {

std::vector<ParameterGroup> weight_decay_groups(const torch::nn::Module& model, double weight_decay) {
  std::vector<ParameterGroup> groups(2);
  groups[1].weight_decay = weight_decay;
  for (const auto& parameter : model.named_parameters()) {
    if (!parameter.value().requires_grad()) continue;
    const bool decays = parameter.value().dim() > 1 && !parameter.key().ends_with(".bias");
    groups[decays].names.push_back(parameter.key());
    groups[decays].parameters.push_back(parameter.value());
  }
  return groups;
}

std::int64_t layer_id(const std::string& name, std::int64_t depth) {
  if (name == "cls_token" || name == "pos_embed" || name.starts_with("patch_embed.")) return 0;
  constexpr std::string_view kBlocks = "blocks.";
  if (!name.starts_with(kBlocks)) return depth + 1;
  std::int64_t block = 0;
  std::from_chars(name.data() + kBlocks.size(), name.data() + name.size(), block);
  return block + 1;
}

std::vector<ParameterGroup> layer_decay_groups(const torch::nn::Module& model, std::int64_t depth, double weight_decay,
                                               double layer_decay) {
  std::vector<ParameterGroup> groups;
  std::map<std::pair<std::int64_t, bool>, std::size_t> index;
  for (const auto& parameter : model.named_parameters()) {
    if (!parameter.value().requires_grad()) continue;
    const std::string& name = parameter.key();
    const bool decays = parameter.value().dim() > 1 && name != "cls_token" && name != "pos_embed";
    const std::int64_t layer = layer_id(name, depth);
    const auto [place, is_new] = index.emplace(std::pair(layer, decays), groups.size());
    if (is_new) {
      groups.push_back({{}, {}, decays ? weight_decay : 0.0, std::pow(layer_decay, static_cast<double>(depth + 1 - layer))});
    }
    groups[place->second].names.push_back(name);
    groups[place->second].parameters.push_back(parameter.value());
  }
  return groups;
}

}  // namespace mimir
