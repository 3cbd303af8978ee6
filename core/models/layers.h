#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "core/models/classifier.h"

namespace mimir {

// The leaf layers of the models. libtorch's own draw their first weights from a global generator and take
// seconds for a large model; these leave their weights unset until initialise_*() or a checkpoint fills them.

/// timm's LayerNorm epsilon.
inline constexpr double kLayerNormEpsilon = 1e-6;

class LinearImpl : public torch::nn::Module {
 public:
  LinearImpl(std::int64_t in_features, std::int64_t out_features);
  /// x W^T + b over the last dimension: [..., in] -> [..., out]. In bf16 where the context says so; the result then
  /// is bf16 too, and adding it to an fp32 tensor gives fp32.
  at::Tensor forward(const at::Tensor& x, const ForwardContext& context);

  at::Tensor weight;  ///< [out, in]
  at::Tensor bias;    ///< [out]
};
TORCH_MODULE(Linear);

/// Over the last dimension, always in x's dtype (fp32 in training).
class LayerNormImpl : public torch::nn::Module {
 public:
  explicit LayerNormImpl(std::int64_t dim);
  at::Tensor forward(const at::Tensor& x);

  at::Tensor weight;  ///< [dim]
  at::Tensor bias;    ///< [dim]
};
TORCH_MODULE(LayerNorm);

/// The weights of a convolution whose stride is its kernel: used as a matrix product over patches.
class PatchProjectionImpl : public torch::nn::Module {
 public:
  PatchProjectionImpl(std::int64_t in_chans, std::int64_t dim, std::int64_t patch_size);

  at::Tensor weight;  ///< [dim, in_chans, p, p]
  at::Tensor bias;    ///< [dim]
};
TORCH_MODULE(PatchProjection);

/// Some tokens of each image: x [B, N, D], ids [B, M] -> [B, M, D].
at::Tensor take_tokens(const at::Tensor& x, const at::Tensor& ids);

/// Throws ErrorException(stopped) if the work was cancelled, and arranges that the backward pass through x looks
/// too. Called before both halves of every block.
void check_cancelled(const at::Tensor& x, const ForwardContext& context);

}  // namespace mimir
