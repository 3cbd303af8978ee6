#include <torch/torch.h>

#include <numeric>
#include <stdexcept>

#include "core/attacks/reconstruction_objective.h"
#include "core/information/hsic.h"
#include "core/models/model_options.h"
#include "core/selftest/check.h"
#include "core/selftest/fixture_models.h"
#include "core/tensor/recorded_draws.h"
#include "core/training/finetune_step.h"
#include "core/training/gradients.h"
#include "core/training/optimizer.h"
#include "core/training/pretrain_step.h"
#include "core/training/schedule.h"

namespace mimir::selftest {
namespace {

CosineSchedule schedule_of(const nlohmann::json& config) {
  return {config["lr"], config["min_lr"], config["warmup_epochs"], config["epochs"]};
}

void check_schedule(const Fixture& fixture, Comparison& comparison) {
  const CosineSchedule schedule = schedule_of(fixture.config);
  const at::Tensor epochs = fixture.tensor("in.epoch").cpu();
  std::vector<double> rates;
  for (std::int64_t i = 0; i < epochs.size(0); ++i) rates.push_back(schedule.at(epochs[i].item<double>()));
  const at::Device device(fixture.device);
  const at::Tensor rate = at::tensor(rates, at::kDouble).to(device);
  comparison.check("out.lr", rate);
  const at::Tensor scales = at::tensor(fixture.config["lr_scales"].get<std::vector<double>>(), at::kDouble).to(device);
  comparison.check("out.group_lr", rate.unsqueeze(1) * scales);

  // The recipe's way to the peak: base rate times images per step / 256.
  OptimisationRecipe recipe;
  recipe.base_learning_rate = fixture.config["blr"];
  recipe.batch_size = fixture.config["effective_batch_size"];
  comparison.require("peak", std::abs(make_schedule(recipe).peak - schedule.peak) <= 1e-12 * schedule.peak);
}

void check_weight_decay_groups(const Fixture& fixture, Comparison& comparison) {
  MaskedAutoencoder model(vit_options(fixture.config));
  const auto groups = weight_decay_groups(*model, fixture.config["weight_decay"]);
  std::vector<double> decays;
  std::vector<std::int64_t> sizes;
  const auto& expected = fixture.config["group_params"];
  bool same = groups.size() == expected.size();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    decays.push_back(groups[i].weight_decay);
    sizes.push_back(static_cast<std::int64_t>(groups[i].names.size()));
    same = same && groups[i].names == expected[i].get<std::vector<std::string>>();
  }
  const at::Device device(fixture.device);
  comparison.require("group_params", same);
  comparison.check("out.group_weight_decay", at::tensor(decays, at::kDouble).to(device));
  comparison.check("out.group_size", at::tensor(sizes).to(device));
}

void check_layer_decay(const Fixture& fixture, Comparison& comparison) {
  const VitOptions options = vit_options(fixture.config);
  VitClassifier model(options);
  const auto groups = layer_decay_groups(*model, options.depth, fixture.config["weight_decay"], fixture.config["layer_decay"]);
  std::vector<std::int64_t> ids, indices;
  std::vector<double> scales, decays, group_scales, group_decays;
  for (const std::string& name : fixture.config["param_names"].get<std::vector<std::string>>()) {
    ids.push_back(layer_id(name, options.depth));
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (std::find(groups[g].names.begin(), groups[g].names.end(), name) == groups[g].names.end()) continue;
      indices.push_back(static_cast<std::int64_t>(g));
      scales.push_back(groups[g].learning_rate_scale);
      decays.push_back(groups[g].weight_decay);
    }
  }
  for (const ParameterGroup& group : groups) {
    group_scales.push_back(group.learning_rate_scale);
    group_decays.push_back(group.weight_decay);
  }
  const at::Device device(fixture.device);
  const auto doubles = [&](const std::vector<double>& values) { return at::tensor(values, at::kDouble).to(device); };
  comparison.check("out.layer_id", at::tensor(ids).to(device));
  comparison.check("out.group_index", at::tensor(indices).to(device));
  comparison.check("out.lr_scale", doubles(scales));
  comparison.check("out.weight_decay", doubles(decays));
  comparison.check("out.group_lr_scale", doubles(group_scales));
  comparison.check("out.group_weight_decay", doubles(group_decays));
}

/// What a trace records at each step.
struct Trace {
  std::vector<double> loss, reconstruction, information, learning_rate, grad_norm;
  std::vector<at::Tensor> checksums;  ///< [2] each: sum and sum of squares of the images trained on
  at::Tensor last_images;
};

void record_step(Trace& trace, const BatchGradients& result, double learning_rate) {
  for (const StepMetric& metric : result.metrics) {
    const std::string name = metric.name;
    const double value = metric.value.to(at::kDouble).item<double>();
    if (name == "loss") trace.loss.push_back(value);
    if (name == "reconstruction") trace.reconstruction.push_back(value);
    if (name == "information") trace.information.push_back(value);
  }
  trace.learning_rate.push_back(learning_rate);
  trace.grad_norm.push_back(gradient_norm(result.gradients).to(at::kDouble).item<double>());
  const at::Tensor images = result.images.to(at::kDouble);
  trace.checksums.push_back(at::stack({images.sum(), images.square().sum()}));
  trace.last_images = result.images;
}

at::Tensor column(const std::vector<double>& values, const Fixture& fixture, at::ScalarType type = at::kFloat) {
  return at::tensor(values, at::kDouble).to(type).to(at::Device(fixture.device));
}

void check_final_parameters(const Fixture& fixture, Comparison& comparison, const torch::nn::Module& model) {
  for (const auto& parameter : model.named_parameters()) {
    const at::Tensor value = parameter.value().detach();
    if (fixture.has("final." + parameter.key())) comparison.check("final." + parameter.key(), value);
    const std::string name = "checksum." + parameter.key();
    if (!fixture.has(name)) continue;
    const at::Tensor flat = value.to(at::kDouble).flatten();
    const std::int64_t first = fixture.tensor(name).size(0) - 2;
    comparison.check(name, at::cat({at::stack({flat.sum(), flat.square().sum()}), flat.slice(0, 0, first)}));
  }
}

/// Mask and start noise of one step, as PretrainStep asks for them.
RecordedDraws trace_draws(const Fixture& fixture, std::int64_t step, double epsilon) {
  RecordedDraws draws;
  draws.record_uniform(Purpose::mask, 0, 0, fixture.tensor("in.mask_noise")[step]);
  draws.record_uniform(Purpose::pretrain_attack, 0, 0, uniform_of_noise(fixture.tensor("in.start_noise")[step], epsilon));
  if (fixture.has("in.attack_mask_noise")) {
    const at::Tensor masks = fixture.tensor("in.attack_mask_noise")[step];  // [steps, B, L]
    for (std::int64_t s = 0; s < masks.size(0); ++s) {
      draws.record_uniform(Purpose::pretrain_attack_mask, 0, static_cast<std::uint32_t>(s), masks[s]);
    }
  }
  return draws;
}

Trace run_pretrain_trace(const Fixture& fixture, MaskedAutoencoder& model, at::ScalarType type, bool official_fp32) {
  const auto& config = fixture.config;
  PretrainRecipe recipe;
  recipe.mode = config["form"];
  recipe.mask_ratio = config["mask_ratio"];
  recipe.norm_pix_loss = config["norm_pix_loss"];
  recipe.attack.epsilon = config["epsilon"];
  recipe.attack.step_size = config["step_size"];
  recipe.attack.num_steps = config["steps"];
  recipe.information.estimator = "hsic";
  recipe.information.weight = config["hsic_weight"];
  recipe.information.sigma = config["sigma"];
  recipe.information.precision = official_fp32 ? "official_fp32" : "fp64";
  AdamW optimizer(weight_decay_groups(*model, config["weight_decay"]), config["betas"][0], config["betas"][1], config["adam_eps"]);
  const CosineSchedule schedule = schedule_of(config);
  ShardPool pool(1);
  const at::Tensor skip = at::zeros({1}, at::TensorOptions().dtype(at::kFloat).device(at::Device(fixture.device)));

  Trace trace;
  const at::Tensor all = fixture.tensor("in.images").to(type);
  std::vector<std::int64_t> ids(static_cast<std::size_t>(all.size(1)));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  for (std::int64_t step = 0; step < config["num_steps"].get<std::int64_t>(); ++step) {
    const RecordedDraws draws = trace_draws(fixture, step, recipe.attack.epsilon);
    auto rule = PretrainStep::make(recipe, model, optimizer.parameters(), draws, pool, /*shards=*/1, {});
    if (!rule) throw ErrorException(std::move(rule.error()));
    TrainBatch batch;
    batch.ids = ids;
    batch.keep_images = true;
    batch.images = [&](std::span<const std::int64_t>) { return all[step]; };
    const BatchGradients result = rule->compute(batch);
    const double rate = schedule.at(static_cast<double>(step) / config["iterations_per_epoch"].get<double>());
    record_step(trace, result, rate);
    optimizer.step(rate, result.gradients, skip);
  }
  return trace;
}

void check_pretrain_trace(const Fixture& fixture, Comparison& comparison) {
  // Constants of the published method, which no recipe changes: a file with others is said to be one.
  comparison.require("hsic_epsilon", fixture.config.value("hsic_epsilon", kHsicRidge) == kHsicRidge);
  comparison.require("attack_mask_ratio", fixture.config["form"] != "official" || fixture.config.value("attack_mask_ratio", kOfficialAttackMaskRatio) == kOfficialAttackMaskRatio);
  const bool official_fp32 = fixture.config.value("hsic_evaluation", "") == "official_fp32";
  MaskedAutoencoder model = fixture_autoencoder(fixture);
  const Trace trace = run_pretrain_trace(fixture, model, at::kFloat, official_fp32);
  comparison.check("out.loss", column(trace.loss, fixture));
  comparison.check("out.recon", column(trace.reconstruction, fixture));
  comparison.check("out.hsic", column(trace.information, fixture));
  comparison.check("out.lr", column(trace.learning_rate, fixture, at::kDouble));
  comparison.check("out.grad_norm", column(trace.grad_norm, fixture));
  comparison.check("out.x_adv_checksum", at::stack(trace.checksums));
  comparison.check("out.x_adv_last", trace.last_images);
  check_final_parameters(fixture, comparison, *model);

  MaskedAutoencoder exact = fixture_autoencoder(fixture);
  exact->to(at::kDouble);
  const Trace sharp = run_pretrain_trace(fixture, exact, at::kDouble, /*official_fp32=*/false);
  comparison.check("out.loss_fp64", column(sharp.loss, fixture, at::kDouble));
  comparison.check("out.hsic_fp64", column(sharp.information, fixture, at::kDouble));
}

void check_finetune_trace(const Fixture& fixture, Comparison& comparison) {
  const auto& config = fixture.config;
  VitClassifier model = fixture_classifier(fixture);
  FinetuneRecipe recipe;
  recipe.method = "pgd";
  recipe.drop_path = config["drop_path"];
  recipe.label_smoothing = config["label_smoothing"];
  recipe.attack.epsilon = config["epsilon"];
  recipe.attack.step_size = config["step_size"];
  recipe.attack.num_steps = config["steps"];
  const auto groups = layer_decay_groups(*model, model->options().depth, config["weight_decay"], config["layer_decay"]);
  double largest_scale = 0;
  for (const ParameterGroup& group : groups) largest_scale = std::max(largest_scale, group.learning_rate_scale);
  std::vector<double> scales;
  for (const std::string& name : config["param_names"].get<std::vector<std::string>>()) {
    for (const ParameterGroup& group : groups) {
      if (std::find(group.names.begin(), group.names.end(), name) != group.names.end()) scales.push_back(group.learning_rate_scale);
    }
  }
  comparison.check("out.lr_scale", column(scales, fixture, at::kDouble));

  AdamW optimizer(groups, config["betas"][0], config["betas"][1], config["adam_eps"]);
  const CosineSchedule schedule = schedule_of(config);
  ShardPool pool(1);
  const at::Tensor skip = at::zeros({1}, at::TensorOptions().dtype(at::kFloat).device(at::Device(fixture.device)));
  const at::Tensor all = fixture.tensor("in.images"), labels = fixture.tensor("in.labels"), noise = fixture.tensor("in.start_noise");
  std::vector<std::int64_t> ids(static_cast<std::size_t>(all.size(1)));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  Trace trace;
  const std::int64_t steps = config["num_steps"];
  for (std::int64_t step = 0; step < steps; ++step) {
    RecordedDraws draws;
    draws.record_uniform(Purpose::finetune_attack, 0, 0, uniform_of_noise(noise[step], recipe.attack.epsilon));
    auto rule = FinetuneStep::make(recipe, model, optimizer.parameters(), draws, pool, /*shards=*/1, {});
    if (!rule) throw ErrorException(std::move(rule.error()));
    TrainBatch batch;
    batch.ids = ids;
    batch.keep_images = true;
    batch.images = [&](std::span<const std::int64_t>) { return all[step]; };
    batch.labels = [&](std::span<const std::int64_t>) { return labels[step]; };
    const BatchGradients result = rule->compute(batch);
    const double rate = schedule.at(config["start_epoch"].get<double>() + static_cast<double>(step) / static_cast<double>(steps));
    record_step(trace, result, rate * largest_scale);
    optimizer.step(rate, result.gradients, skip);
  }
  comparison.check("out.loss", column(trace.loss, fixture));
  comparison.check("out.lr", column(trace.learning_rate, fixture, at::kDouble));
  comparison.check("out.grad_norm", column(trace.grad_norm, fixture));
  comparison.check("out.x_adv_checksum", at::stack(trace.checksums));
  comparison.check("out.x_adv_last", trace.last_images);
  check_final_parameters(fixture, comparison, *model);
}

const bool registered[] = {
    checks().add({{"schedule", "Learning rate", "MIMIR, code", ""}, check_schedule}),
    checks().add({{"weight_decay_groups", "Groups of pre-training", "MIMIR, code", ""}, check_weight_decay_groups}),
    checks().add({{"layer_decay", "Groups of fine-tuning", "MIMIR, code", ""}, check_layer_decay}),
    checks().add({{"pretrain_trace", "Steps of pre-training", "MIMIR, code", ""}, check_pretrain_trace}),
    checks().add({{"finetune_trace", "Steps of fine-tuning", "MIMIR, code", ""}, check_finetune_trace}),
};

}  // namespace
}  // namespace mimir::selftest
