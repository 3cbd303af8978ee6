#include "core/training/finetune_step.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/models/patches.h"
#include "core/tensor/arrays.h"
#include "core/training/gradients.h"
#include "core/training/stopwatch.h"

namespace mimir {

Expected<FinetuneStep> FinetuneStep::make(const FinetuneRecipe& recipe, VitClassifier model, std::vector<at::Tensor> parameters,
                                          const Draws& draws, ShardPool& pool, int shards, const ForwardContext& context) {
  const MethodEntry* entry = methods().find(recipe.method);
  if (!entry) return fail(ErrorCode::usage, "finetune.method: there is no method \"{}\"", recipe.method);
  auto method = entry->make(recipe);
  if (!method) return pass_on(method);
  FinetuneStep step(recipe, std::move(model), std::move(parameters), draws, pool);
  step.method_ = std::move(*method);
  step.shards_ = shards;
  step.context_ = context;
  return step;
}

FinetuneStep::FinetuneStep(FinetuneRecipe recipe, VitClassifier model, std::vector<at::Tensor> parameters, const Draws& draws,
                           ShardPool& pool)
    : recipe_(std::move(recipe)), model_(model.ptr()), parameters_(std::move(parameters)), draws_(&draws), pool_(&pool) {}

double FinetuneStep::epsilon_scale(double epoch) const {
  if (!method_->attacks() || epoch < recipe_.natural_epochs) return 0;
  if (recipe_.epsilon_warmup_epochs <= 0) return 1;
  return std::min(1.0, (epoch - recipe_.natural_epochs) / recipe_.epsilon_warmup_epochs);
}

bool FinetuneStep::drops_patches(double epoch) const {
  return recipe_.patch_drop_rate > 0 && (recipe_.patch_drop_epochs <= 0 || epoch < recipe_.patch_drop_epochs);
}

BatchGradients FinetuneStep::compute(const TrainBatch& batch) const {
  struct Shard {
    MethodTerms terms;
    std::vector<at::Tensor> gradients;
    PartSeconds seconds;
  };
  const auto ranges = split_batch(static_cast<std::int64_t>(batch.ids.size()), shards_);
  std::vector<Shard> shards(ranges.size());
  const double batch_size = static_cast<double>(batch.ids.size());

  pool_->run(static_cast<int>(ranges.size()), [&](int i) {
    const ShardRange& range = ranges[static_cast<std::size_t>(i)];
    Shard& shard = shards[static_cast<std::size_t>(i)];
    MethodBatch part;
    part.ids = batch.ids.subspan(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.size()));
    Stopwatch watch(batch.timed);
    part.images = batch.images(part.ids);
    part.labels = batch.labels(part.ids);
    shard.seconds.data = watch.lap();
    part.timed = batch.timed;
    part.key = {Purpose::finetune_attack, batch.draw_step};
    part.epsilon_scale = epsilon_scale(batch.epoch);
    part.attack_context = context_;
    if (drops_patches(batch.epoch)) {
      const at::Tensor noise = draw_uniform(*draws_, {Purpose::patch_drop, batch.draw_step}, part.ids, {model_->options().num_patches()});
      part.attack_context.ids_keep = make_patch_mask(noise.to(part.images.device()), recipe_.patch_drop_rate).ids_keep;
    }
    part.train_context = part.attack_context;
    part.train_context.drop_path =
        draw_drop_path(*draws_, batch.draw_step, part.ids, model_->options().depth, recipe_.drop_path);
    if (part.train_context.drop_path.defined()) {
      part.train_context.drop_path = part.train_context.drop_path.to(part.images.device());
    }
    shard.terms = method_->compute(*model_, part, *draws_);
    shard.seconds.attack = shard.terms.attack_seconds;
    shard.seconds.forward = watch.lap() - shard.terms.attack_seconds;
    shard.gradients = parameter_gradients({shard.terms.loss_sum}, {at::full_like(shard.terms.loss_sum, 1 / batch_size)}, parameters_);
    shard.terms.loss_sum = shard.terms.loss_sum.detach();
    shard.seconds.backward = watch.lap();
  });

  BatchGradients result;
  const auto mean = [&](at::Tensor MethodTerms::*term) {
    at::Tensor sum = shards[0].terms.*term;
    for (std::size_t i = 1; i < shards.size(); ++i) sum = sum + shards[i].terms.*term;
    return sum / batch_size;
  };
  result.loss = mean(&MethodTerms::loss_sum);
  result.metrics.push_back({"loss", result.loss});
  if (shards[0].terms.natural_correct.defined()) result.metrics.push_back({"train_natural_accuracy", mean(&MethodTerms::natural_correct)});
  if (shards[0].terms.robust_correct.defined()) result.metrics.push_back({"train_robust_accuracy", mean(&MethodTerms::robust_correct)});
  std::vector<at::Tensor> images;
  for (Shard& shard : shards) {
    if (batch.keep_images) images.push_back(shard.terms.images);
    add_gradients(result.gradients, std::move(shard.gradients));
    add_seconds(result.seconds, shard.seconds, pool_->threads());
  }
  if (batch.keep_images) result.images = at::cat(images);
  return result;
}

}  // namespace mimir
