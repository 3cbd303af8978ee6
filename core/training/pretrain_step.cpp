#include "core/training/pretrain_step.h"

#include <torch/torch.h>

#include "core/attacks/reconstruction_objective.h"
#include "core/tensor/arrays.h"
#include "core/training/gradients.h"
#include "core/training/stopwatch.h"

namespace mimir {

/// What one thread holds between the forward and the backward pass.
struct PretrainStep::Shard {
  ShardRange range;
  at::Tensor adversarial;      ///< [b, C, H, W]
  at::Tensor latent;           ///< [b, 1+K, D], with its graph
  at::Tensor latent_gradient;  ///< of the weighted information, or undefined
  at::Tensor error_sum;        ///< [], with its graph: sum over the images
  at::Tensor at_bound;         ///< [] share of pixels at the bound
  at::Tensor zero_gradient;    ///< [] share of exact zeros in the attack's last gradient
  std::vector<at::Tensor> gradients;
  PartSeconds seconds;
};

Expected<PretrainStep> PretrainStep::make(const PretrainRecipe& recipe, MaskedAutoencoder model,
                                          std::vector<at::Tensor> parameters, const Draws& draws, ShardPool& pool, int shards,
                                          const ForwardContext& context) {
  PretrainStep step(recipe, std::move(model), std::move(parameters), draws, pool);
  step.shards_ = shards;
  step.context_ = context;
  step.official_ = recipe.mode == "official";
  if (recipe.method == "mae") return step;

  auto norm = parse_norm(recipe.attack.norm);
  if (!norm) return pass_on(norm);
  AttackOptions options;
  options.threat = {*norm, recipe.attack.epsilon};
  options.step_size = recipe.attack.step_size > 0 ? recipe.attack.step_size : 1.25 * recipe.attack.epsilon;
  options.num_steps = static_cast<int>(recipe.attack.num_steps);
  options.random_start = recipe.attack.random_start;
  auto attack = make_attack(recipe.attack.name, options);
  if (!attack) return pass_on(attack);
  step.attack_ = std::move(*attack);

  if (recipe.information.estimator != "none") {
    auto estimator_settings = estimator_options(recipe.information, recipe.mode);
    if (!estimator_settings) return pass_on(estimator_settings);
    auto estimator = make_estimator(recipe.information.estimator, *estimator_settings);
    if (!estimator) return pass_on(estimator);
    step.estimator_ = std::move(*estimator);
  }
  return step;
}

PretrainStep::PretrainStep(PretrainRecipe recipe, MaskedAutoencoder model, std::vector<at::Tensor> parameters,
                           const Draws& draws, ShardPool& pool)
    : recipe_(std::move(recipe)), model_(model.ptr()), parameters_(std::move(parameters)), draws_(&draws), pool_(&pool) {}

at::Tensor PretrainStep::attack(const at::Tensor& images, const PatchMask& mask, const DrawKey& key,
                                std::span<const std::int64_t> ids, std::function<void(const AttackStep&)> observe) const {
  if (!attack_) return images;
  AttackRun run{.draws = *draws_, .key = key, .ids = ids, .stop = context_.stop, .observe = std::move(observe)};
  if (official_) {
    OfficialReconstructionObjective objective(*model_, *draws_, ids,
                                              {.norm_pix_loss = recipe_.norm_pix_loss, .step = key.step, .context = context_});
    return attack_->run(objective, images, run);
  }
  const at::Tensor target = reconstruction_target(images, model_->options().patch_size, recipe_.norm_pix_loss);
  ReconstructionObjective objective(*model_, mask, target, context_);
  return attack_->run(objective, images, run);
}

void PretrainStep::forward(const TrainBatch& batch, const ShardRange& range, Shard& shard) const {
  const auto ids = batch.ids.subspan(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.size()));
  Stopwatch watch(batch.timed);
  const at::Tensor images = batch.images(ids);  // [b, C, H, W]
  shard.seconds.data = watch.lap();

  const VitOptions& options = model_->options();
  const at::Tensor noise = draw_uniform(*draws_, {Purpose::mask, batch.draw_step}, ids, {options.num_patches()});
  const PatchMask mask = make_patch_mask(noise.to(images.device()), recipe_.mask_ratio);
  std::function<void(const AttackStep&)> observe;
  if (batch.measure) {
    observe = [&shard](const AttackStep& step) {
      if (step.gradient.defined()) shard.zero_gradient = step.gradient.eq(0).to(at::kFloat).mean();
    };
  }
  shard.range = range;
  shard.adversarial = attack(images, mask, {Purpose::pretrain_attack, batch.draw_step}, ids, observe);
  shard.seconds.attack = watch.lap();
  if (batch.measure && attack_) {
    shard.at_bound = (shard.adversarial - images).abs().ge(recipe_.attack.epsilon - kBallTolerance).to(at::kFloat).mean();
  }
  shard.latent = model_->encode(shard.adversarial, mask, context_);
  const at::Tensor target = reconstruction_target(images, options.patch_size, recipe_.norm_pix_loss);
  shard.error_sum = model_->removed_error(shard.latent, mask, target, context_).sum();
  shard.seconds.forward = watch.lap();
}

void PretrainStep::add_information(std::vector<Shard>& shards, BatchGradients& result) const {
  std::vector<at::Tensor> latents, images;
  std::vector<std::int64_t> sizes;
  for (const Shard& shard : shards) {
    latents.push_back(shard.latent.detach().flatten(1));
    images.push_back(shard.adversarial.flatten(1));
    sizes.push_back(shard.range.size());
  }
  const at::Tensor latent = at::cat(latents).requires_grad_();  // [B, (1+K) D]
  const at::Tensor value = estimator_->value(latent, at::cat(images));
  const double batch = static_cast<double>(latent.size(0));
  const double weight = recipe_.information.weight / (recipe_.information.scale_by_batch ? batch : 1);

  at::Tensor usable = value.detach().isfinite();
  if (official_) usable = usable & value.detach().ne(0);
  const at::Tensor applied = at::where(usable, weight, 0.0);  // [] fp64
  const at::Tensor weighted = at::where(usable, value.detach() * weight, 0.0).to(result.loss.scalar_type());
  if (weight > 0) {
    at::Tensor gradient = torch::autograd::grad({value}, {latent})[0] * applied;
    gradient = at::where(usable, gradient, at::zeros_like(gradient)).to(latent.scalar_type());
    const auto parts = gradient.split_with_sizes(sizes);
    for (std::size_t i = 0; i < shards.size(); ++i) shards[i].latent_gradient = parts[i].view(shards[i].latent.sizes());
  }
  result.loss = result.loss + weighted;
  result.metrics.push_back({"information", value.detach()});
  result.metrics.push_back({"information_weighted", weighted});
  result.metrics.push_back({"penalty_skipped", usable.logical_not().to(at::kFloat)});
}

BatchGradients PretrainStep::compute(const TrainBatch& batch) const {
  const auto ranges = split_batch(static_cast<std::int64_t>(batch.ids.size()), shards_);
  std::vector<Shard> shards(ranges.size());
  const int count = static_cast<int>(ranges.size());
  const auto at_index = [&](int i) -> Shard& { return shards[static_cast<std::size_t>(i)]; };
  pool_->run(count, [&](int i) { forward(batch, ranges[static_cast<std::size_t>(i)], at_index(i)); });

  const double batch_size = static_cast<double>(batch.ids.size());
  BatchGradients result;
  at::Tensor error = shards[0].error_sum.detach();
  for (std::size_t i = 1; i < shards.size(); ++i) error = error + shards[i].error_sum.detach();
  const at::Tensor reconstruction = error / batch_size;
  result.loss = reconstruction;
  result.metrics.push_back({"reconstruction", reconstruction});
  Stopwatch watch(batch.timed);
  if (estimator_) add_information(shards, result);
  result.seconds.information = watch.lap();

  pool_->run(count, [&](int i) {
    Shard& shard = at_index(i);
    Stopwatch of_shard(batch.timed);
    std::vector<at::Tensor> outputs{shard.error_sum};
    std::vector<at::Tensor> output_gradients{at::full_like(shard.error_sum, 1 / batch_size)};
    if (shard.latent_gradient.defined()) {
      outputs.push_back(shard.latent);
      output_gradients.push_back(shard.latent_gradient);
    }
    shard.gradients = parameter_gradients(outputs, output_gradients, parameters_);
    shard.latent = at::Tensor();
    shard.error_sum = at::Tensor();
    shard.seconds.backward = of_shard.lap();
  });
  std::vector<at::Tensor> images;
  for (Shard& shard : shards) {
    if (batch.keep_images) images.push_back(shard.adversarial);
    add_gradients(result.gradients, std::move(shard.gradients));
    add_seconds(result.seconds, shard.seconds, pool_->threads());
  }
  if (batch.keep_images) result.images = at::cat(images);
  result.metrics.push_back({"loss", result.loss});

  const auto weighted_mean = [&](at::Tensor Shard::*share) {
    at::Tensor sum = shards[0].*share * static_cast<double>(shards[0].range.size());
    for (std::size_t i = 1; i < shards.size(); ++i) sum = sum + shards[i].*share * static_cast<double>(shards[i].range.size());
    return sum / batch_size;
  };
  if (shards[0].at_bound.defined()) result.metrics.push_back({"attack_saturation", weighted_mean(&Shard::at_bound)});
  if (shards[0].zero_gradient.defined()) result.metrics.push_back({"attack_zero_gradient", weighted_mean(&Shard::zero_gradient)});
  return result;
}

}  // namespace mimir
