#pragma once

#include <functional>
#include <memory>
#include <span>

#include "core/attacks/attack.h"
#include "core/base/recipe.h"
#include "core/base/registry.h"
#include "core/models/classifier.h"

namespace mimir {

/// The part of a batch that one thread has.
struct MethodBatch {
  at::Tensor images;                  ///< [b, C, H, W] in [0,1]
  at::Tensor labels;                  ///< [b] int64
  std::span<const std::int64_t> ids;  ///< [b]
  DrawKey key;                        ///< Purpose::finetune_attack and the step
  double epsilon_scale = 1;           ///< of the attack's epsilon and step size in this step; 0 = no attack
  ForwardContext attack_context;      ///< without drop path
  ForwardContext train_context;       ///< with it
  c10::Device timed = c10::Device(c10::kCPU);  ///< TrainBatch::timed
};

/// What a method makes of it. All tensors on the device; undefined where there is none.
struct MethodTerms {
  at::Tensor loss_sum;         ///< [], with its graph: the sum over the images
  at::Tensor natural_correct;  ///< [] how many are right on the clean images
  at::Tensor robust_correct;   ///< [] how many are right on the images attacked
  double attack_seconds = 0;   ///< spent attacking
  at::Tensor images;           ///< [b, C, H, W] what the model was trained on
};

/// How a classifier is trained: which images it sees and what the loss is. Stateless between steps; called from
/// several threads at once.
class Method {
 public:
  virtual ~Method() = default;
  virtual MethodTerms compute(ClassifierImpl& model, const MethodBatch& batch, const Draws& draws) const = 0;
  /// The attack that trained models of this method are validated with; none: PGD-10.
  virtual bool attacks() const { return true; }
};

struct MethodEntry {
  EntryInfo info;
  std::function<Expected<std::unique_ptr<Method>>(const FinetuneRecipe&)> make;
};
Registry<MethodEntry>& methods();

/// Sum over the batch of label-smoothing cross-entropy, (1-s) nll + s mean_c(-log p_c) (Szegedy et al. 2016).
at::Tensor smoothed_cross_entropy_sum(const at::Tensor& logits, const at::Tensor& labels, double smoothing);

/// [] number of right answers.
at::Tensor count_correct(const at::Tensor& logits, const at::Tensor& labels);

}  // namespace mimir
