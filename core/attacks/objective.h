#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "core/models/classifier.h"

namespace mimir {

/// What an attack maximises, at one point.
struct ObjectiveValue {
  at::Tensor per_sample;  ///< [B], larger = worse for the model
  at::Tensor total;       ///< [], what is differentiated: the sum, unless the objective couples the batch
  at::Tensor logits;      ///< [B, K] where the objective has them, else undefined
};

/// What is attacked. An attack asks for values and input gradients and never knows whether a classifier, a
/// masked autoencoder or anything else is behind them. One object belongs to one batch and one thread.
class Objective {
 public:
  virtual ~Objective() = default;
  /// images: [B, C, H, W] in [0,1], may require grad; attack_step counts from 0 within one run of the attack.
  virtual ObjectiveValue evaluate(const at::Tensor& images, int attack_step) = 0;
  /// Whether an image's gradient depends on the other images of the batch (HSIC, feature distance over the
  /// batch). Such an objective must not be split, and records keep the batch's composition.
  virtual bool couples_batch() const { return false; }
};

}  // namespace mimir
