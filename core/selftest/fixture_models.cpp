#include "core/selftest/fixture_models.h"

#include <torch/torch.h>

#include <cmath>
#include <stdexcept>

#include "core/models/initialisation.h"

namespace mimir::selftest {
namespace {

/// Entry k of the state dict by the formula of README §2, in double, cast to fp32.
at::Tensor formula_weight(const std::string& name, std::int64_t k, const at::Tensor& like, bool frozen_tables) {
  const at::Tensor i = at::arange(like.numel(), at::kLong);
  const at::Tensor c =
      at::cos(0.7 * i.to(at::kDouble) + 0.013 * (i * i).remainder(1009).to(at::kDouble) + 1.0 * static_cast<double>(k));
  at::Tensor value;
  if (is_norm(name) && name.ends_with(".weight")) value = 1 + 0.1 * c;
  else if (name.ends_with(".bias")) value = 0.05 * c;
  else if (name == "cls_token" || name == "mask_token" || (name == "pos_embed" && !frozen_tables)) value = 0.2 * c;
  else value = c * std::sqrt(2.0 / (static_cast<double>(like.numel()) / static_cast<double>(like.size(0))));
  return value.to(at::kFloat).view(like.sizes());
}

/// Also for the models without buffers, which all of them are.
void load(torch::nn::Module& model, const Fixture& fixture) {
  at::NoGradGuard no_grad;
  const bool formula = fixture.config.value("weights", "") == "formula";
  const bool autoencoder = fixture.kind.starts_with("mae_");
  std::int64_t k = 0;
  for (auto& parameter : model.named_parameters()) {
    const std::string& name = parameter.key();
    if (formula) {
      if (fixture.config["state_dict_order"][static_cast<std::size_t>(k)] != name) {
        throw std::runtime_error("entry " + std::to_string(k) + " of the state dict is " + name);
      }
      if (parameter.value().requires_grad()) parameter.value().copy_(formula_weight(name, k, parameter.value(), autoencoder));
    } else {
      parameter.value().copy_(fixture.tensor("param." + name));
    }
    ++k;
  }
  model.to(at::Device(fixture.device));
}

}  // namespace

VitOptions vit_options(const nlohmann::json& config) {
  VitOptions options;
  const auto read = [&](const char* key, std::int64_t& value) { value = config.value(key, value); };
  // The toy model of the attacks has its own words for some of them.
  read("patch", options.patch_size);
  read("dim", options.embed_dim);
  read("heads", options.num_heads);
  if (config.contains("classes")) options.num_classes = static_cast<std::int64_t>(config["classes"].size());
  read("img_size", options.img_size);
  read("patch_size", options.patch_size);
  read("embed_dim", options.embed_dim);
  read("depth", options.depth);
  read("num_heads", options.num_heads);
  read("num_classes", options.num_classes);
  read("decoder_embed_dim", options.decoder_embed_dim);
  read("decoder_depth", options.decoder_depth);
  read("decoder_num_heads", options.decoder_num_heads);
  options.mlp_ratio = config.value("mlp_ratio", options.mlp_ratio);
  options.global_pool = config.value("global_pool", options.global_pool);
  return options;
}

MaskedAutoencoder fixture_autoencoder(const Fixture& fixture) {
  MaskedAutoencoder model(vit_options(fixture.config));
  load(*model, fixture);
  return model;
}

VitClassifier fixture_classifier(const Fixture& fixture) {
  VitClassifier model(vit_options(fixture.config));
  load(*model, fixture);
  return model;
}

at::Tensor formula_images(const Fixture& fixture) {
  const std::int64_t batch = fixture.config["batch_size"], size = fixture.config["img_size"];
  const at::Tensor i = at::arange(batch * 3 * size * size, at::kLong);
  const at::Tensor x = 0.5 + 0.45 * at::cos(0.05 * i.to(at::kDouble) + 0.003 * (i * i).remainder(997).to(at::kDouble));
  return x.to(at::kFloat).view({batch, 3, size, size}).to(at::Device(fixture.device));
}

void check_parameter_gradients(Comparison& comparison, const Fixture& fixture, torch::nn::Module& model,
                               const at::Tensor& output, const std::vector<std::pair<std::string, at::Tensor>>& inputs) {
  std::vector<std::string> names;
  std::vector<at::Tensor> tensors;
  for (const auto& [name, tensor] : inputs) {
    names.push_back(name);
    tensors.push_back(tensor);
  }
  for (const auto& parameter : model.named_parameters()) {
    if (!parameter.value().requires_grad()) continue;
    names.push_back(parameter.key());
    tensors.push_back(parameter.value());
  }
  const auto gradients = torch::autograd::grad({output}, tensors, {}, /*retain_graph=*/true, /*create_graph=*/false,
                                               /*allow_unused=*/true);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (fixture.has("grad." + names[i])) comparison.check("grad." + names[i], gradients[i]);
  }
}

}  // namespace mimir::selftest
