#pragma once

#include "core/models/vit.h"
#include "core/training/batch.h"
#include "core/training/method.h"
#include "core/training/shard_pool.h"

namespace mimir {

/// The gradient of one step of fine-tuning: a method's loss over the shards of a batch, summed in shard order.
class FinetuneStep {
 public:
  /// context: precision and stop token of every pass; with `now` compute() throws `stopped` within a block.
  static Expected<FinetuneStep> make(const FinetuneRecipe& recipe, VitClassifier model, std::vector<at::Tensor> parameters,
                                     const Draws& draws, ShardPool& pool, int shards, const ForwardContext& context);
  BatchGradients compute(const TrainBatch& batch) const;

  /// Share of the recipe's epsilon at a fractional epoch: 0 during natural_epochs, then a linear rise over
  /// epsilon_warmup_epochs, then 1.
  double epsilon_scale(double epoch) const;
  /// Whether images of a fractional epoch lose patches.
  bool drops_patches(double epoch) const;
  const Method& method() const { return *method_; }

 private:
  FinetuneStep(FinetuneRecipe recipe, VitClassifier model, std::vector<at::Tensor> parameters, const Draws& draws, ShardPool& pool);

  FinetuneRecipe recipe_;
  std::shared_ptr<VitClassifierImpl> model_;
  std::vector<at::Tensor> parameters_;
  const Draws* draws_;
  ShardPool* pool_;
  int shards_ = 1;
  ForwardContext context_;
  std::unique_ptr<Method> method_;
};

}  // namespace mimir
