#include <torch/torch.h>

#include "core/base/text.h"
#include "core/inspection/attention.h"
#include "core/selftest/check.h"
#include "core/selftest/fixture_models.h"

namespace mimir::selftest {
namespace {

/// The same weights, read out from the class token: norm := fc_norm.
VitClassifier class_token_twin(const Fixture& toy) {
  VitOptions options = vit_options(toy.config);
  options.global_pool = false;
  VitClassifier model(options);
  at::NoGradGuard no_grad;
  for (auto& parameter : model->named_parameters()) {
    const std::string& name = parameter.key();
    parameter.value().copy_(toy.tensor("param." + (name.starts_with("norm.") ? "fc_" + name : name)));
  }
  model->to(at::Device(toy.device));
  return model;
}

/// [D] of [B, …] -> [B, D, …]
at::Tensor by_image(const std::vector<at::Tensor>& layers) { return at::stack(layers, 1); }

/// "rollout_max_0.9" under `prefix`, of a pass.
void check_rollouts(const Fixture& fixture, Comparison& comparison, const std::string& prefix, const AttentionPass& pass,
                    const at::Tensor& readout) {
  for (const std::string& name : fixture.names(prefix + "rollout_")) {
    const auto parts = split(name, '_');
    const auto fusion = parse_fusion(parts.at(0));
    const double discard = parse_number(parts.at(1)).value();
    // In fp32 the order of nearly equal entries is open at the limit of what is discarded.
    if (!fusion || (discard > 0 && readout.scalar_type() != at::kDouble)) continue;
    comparison.check(prefix + "rollout_" + name, patch_map(attention_rollout(pass.attention, *fusion, discard), readout));
  }
}

/// What depends on how the head reads the tokens: out.<variant>.*
AttentionPass check_variant(const Fixture& fixture, Comparison& comparison, const std::string& variant, VitClassifierImpl& model,
                            const at::Tensor& images) {
  const std::string prefix = "out." + variant + ".";
  const AttentionPass pass = attention_pass(model, images, {}, Graph::keep);
  const at::Tensor readout = readout_vector(model.options().global_pool, pass.tokens[0].size(1), images.options());
  const at::Tensor classes = pass.logits.detach().argmax(1);
  const std::vector<at::Tensor> gradients = attention_gradients(pass, classes);
  comparison.check(prefix + "logits", pass.logits);
  comparison.check(prefix + "class", classes);
  comparison.check(prefix + "raw", patch_map(pass.attention.back(), readout));
  comparison.check(prefix + "grad_rollout", patch_map(gradient_rollout(pass.attention, gradients), readout));
  comparison.check(prefix + "chefer", patch_map(relevance(pass.attention, gradients), readout));
  if (fixture.has(prefix + "grad_row_sum")) comparison.check(prefix + "grad_row_sum", by_image(gradients).sum(-1));
  check_rollouts(fixture, comparison, prefix, pass, readout);
  for (const at::Tensor& weights : pass.attention) {
    comparison.require("rows sum to 1", (weights.sum(-1) - 1).abs().max().item<double>() < 1e-5);
  }
  const at::Tensor fused = model.forward(images);
  comparison.require("the fused path answers the same", (fused - pass.logits).abs().max().item<double>() < 1e-4);
  return pass;
}

void check_attention(const Fixture& fixture, Comparison& comparison) {
  const Fixture toy = fixture.sibling("toy_classifier.safetensors");
  const at::Tensor clean = fixture.sibling("toy_batch.safetensors").tensor("in.images").index_select(0, fixture.tensor("in.index"));
  VitClassifier model = fixture_classifier(toy);
  VitClassifier twin = class_token_twin(toy);
  for (const at::ScalarType precision : {at::kFloat, at::kDouble}) {
    model->to(precision);
    twin->to(precision);
    const at::Tensor images = clean.to(precision);
    const AttentionPass pass = check_variant(fixture, comparison, "gap", *model, images);
    check_variant(fixture, comparison, "cls", *twin, images);
    comparison.check("out.attention", by_image(pass.attention));
    comparison.check("out.head_entropy", head_entropy(pass.attention));

    const AttentionPass adversarial = attention_pass(*model, fixture.tensor("in.adv").to(precision));
    const at::Tensor readout = readout_vector(model->options().global_pool, pass.tokens[0].size(1), images.options());
    comparison.check("out.adv.logits", adversarial.logits);
    const at::Tensor last = adversarial.attention.back();
    comparison.check("out.adv.attention_last", last.slice(0, 0, fixture.tensor("out.adv.attention_last").size(0)));
    check_rollouts(fixture, comparison, "out.adv.", adversarial, readout);
    const AttentionDistance distance = attention_distance(pass, adversarial);
    comparison.check("out.head_distance.tv", distance.total_variation);
    comparison.check("out.head_distance.frobenius", distance.frobenius);
  }
}

const bool registered = checks().add({{"attention", "Attention", "attacks.md, 13",
                                       "Attention of all layers and heads, rollouts, relevance, distance of heads.", {}},
                                      check_attention});

}  // namespace
}  // namespace mimir::selftest
