#pragma once

#include "core/attacks/losses.h"
#include "core/attacks/objective.h"

namespace mimir {

struct ClassifierObjectiveOptions {
  Loss loss = Loss::ce;
  at::Tensor targets = {};    ///< [B] int64, for the targeted losses
  at::Tensor reference = {};  ///< [B, K] logits of the clean images, for kl; a constant
  ForwardContext context = {};
};

/// A loss of a classifier's logits, per image.
class ClassifierObjective final : public Objective {
 public:
  /// labels: [B] int64 (unused by kl and ce_targeted; may then be undefined). The model must outlive the objective.
  ClassifierObjective(ClassifierImpl& model, at::Tensor labels, ClassifierObjectiveOptions options = {});
  ObjectiveValue evaluate(const at::Tensor& images, int attack_step) override;

 private:
  ClassifierImpl& model_;
  at::Tensor labels_;
  ClassifierObjectiveOptions options_;
};

}  // namespace mimir
