#include "core/models/layers.h"

#include <torch/torch.h>

#include "core/base/error.h"
#include "core/models/fused_linear.h"

namespace mimir {

LinearImpl::LinearImpl(std::int64_t in_features, std::int64_t out_features) {
  weight = register_parameter("weight", torch::empty({out_features, in_features}));
  bias = register_parameter("bias", torch::empty({out_features}));
}

at::Tensor LinearImpl::forward(const at::Tensor& x, const ForwardContext& context) {
  if (!context.bf16) return can_fuse_linear(x) ? fused_linear(x, weight, bias) : at::linear(x, weight, bias);
  return at::linear(x.to(at::kBFloat16), weight.to(at::kBFloat16), bias.to(at::kBFloat16));
}

LayerNormImpl::LayerNormImpl(std::int64_t dim) {
  weight = register_parameter("weight", torch::empty({dim}));
  bias = register_parameter("bias", torch::empty({dim}));
}

at::Tensor LayerNormImpl::forward(const at::Tensor& x) {
  return at::layer_norm(x, {weight.size(0)}, weight, bias, kLayerNormEpsilon);
}

PatchProjectionImpl::PatchProjectionImpl(std::int64_t in_chans, std::int64_t dim, std::int64_t patch_size) {
  weight = register_parameter("weight", torch::empty({dim, in_chans, patch_size, patch_size}));
  bias = register_parameter("bias", torch::empty({dim}));
}

at::Tensor take_tokens(const at::Tensor& x, const at::Tensor& ids) {
  return x.gather(1, ids.unsqueeze(-1).expand({-1, -1, x.size(2)}));
}

void check_cancelled(const at::Tensor& x, const ForwardContext& context) {
  if (!context.stop.connected()) return;
  const auto look = [stop = context.stop] {
    if (stop.cancelled()) throw ErrorException(Error{ErrorCode::stopped, "the computation was cancelled", {}});
  };
  look();
  if (x.requires_grad()) x.register_hook([look](const at::Tensor&) { look(); });
}

}  // namespace mimir
