#pragma once

#include <torch/nn/module.h>

#include "core/base/stop_token.h"

namespace mimir {

/// How a forward pass is computed; nothing of it is state of the model, so passes on several threads share one
/// model. There is no train or eval mode: what differs in training (drop path) is in here.
struct ForwardContext {
  bool bf16 = false;          ///< matrix products in bfloat16; norms, softmax, sums and losses stay in fp32
  StopToken stop = {};        ///< looked at before every half of a block, forward and backward
  at::Tensor drop_path = {};  ///< [2 * depth, B] factor of each residual branch (0 or 1/keep); undefined = keep all
  at::Tensor ids_keep = {};   ///< [B, K] int64, the patches that the model sees; undefined = all
};

/// Any image classifier. Passed as std::shared_ptr<ClassifierImpl>.
class ClassifierImpl : public torch::nn::Module {
 public:
  /// images: [B, C, H, W] in [0,1], never normalised outside. Returns logits [B, K].
  virtual at::Tensor forward(const at::Tensor& images, const ForwardContext& context = {}) = 0;
  /// All tokens after the last block, before pooling and norm: [B, T, D].
  virtual at::Tensor features(const at::Tensor& images, const ForwardContext& context = {}) = 0;
  virtual std::int64_t num_classes() const = 0;
};
using Classifier = std::shared_ptr<ClassifierImpl>;

}  // namespace mimir
