#pragma once

#include <memory>

#include "core/attacks/attack.h"
#include "core/information/estimator.h"
#include "core/models/masked_autoencoder.h"
#include "core/training/batch.h"
#include "core/training/shard_pool.h"

namespace mimir {

/// The gradient of one step of MIMIR's pre-training (Xu et al. 2023, Alg. 1):
///   x_adv <- attack(x);  recon, z <- MAE(input x_adv, target x);  loss = recon + weight * information(z, x_adv).
/// A batch is cut into shards, each computed by one thread; the information couples the batch, so it is computed
/// once over the gathered latents and its gradient goes back into the shards. Sums are in shard order.
class PretrainStep {
 public:
  /// parameters: the optimiser's, in its order. Model, draws and pool must outlive the step. `usage` error where the
  /// recipe names an attack or estimator that there is none of.
  /// context: precision and stop token of every pass; with `now` compute() throws `stopped` within a block.
  static Expected<PretrainStep> make(const PretrainRecipe& recipe, MaskedAutoencoder model, std::vector<at::Tensor> parameters,
                                     const Draws& draws, ShardPool& pool, int shards, const ForwardContext& context);

  BatchGradients compute(const TrainBatch& batch) const;

  /// The adversarial images of one shard, all on the calling thread: [b, C, H, W]. `mask` is the training's.
  /// purpose: what the random start is drawn for. observe: see AttackRun.
  at::Tensor attack(const at::Tensor& images, const PatchMask& mask, const DrawKey& key, std::span<const std::int64_t> ids,
                    std::function<void(const AttackStep&)> observe = {}) const;

  const PretrainRecipe& recipe() const { return recipe_; }
  const Estimator* estimator() const { return estimator_.get(); }

 private:
  struct Shard;
  PretrainStep(PretrainRecipe recipe, MaskedAutoencoder model, std::vector<at::Tensor> parameters, const Draws& draws,
               ShardPool& pool);
  void forward(const TrainBatch& batch, const ShardRange& range, Shard& shard) const;
  void add_information(std::vector<Shard>& shards, BatchGradients& result) const;

  PretrainRecipe recipe_;
  std::shared_ptr<MaskedAutoencoderImpl> model_;
  std::vector<at::Tensor> parameters_;
  const Draws* draws_;
  ShardPool* pool_;
  int shards_ = 1;
  ForwardContext context_;
  bool official_ = false;
  std::unique_ptr<Attack> attack_;        ///< none for the plain masked autoencoder
  std::unique_ptr<Estimator> estimator_;  ///< none where there is no penalty
};

}  // namespace mimir
