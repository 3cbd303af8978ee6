#pragma once

#include <ATen/core/Tensor.h>

namespace mimir {

// Linear layers on the kernels of this CPU. Differentiable once; bit-equal for any number of threads.

/// Whether the two below can be used: fp32 on the CPU, and enough rows to be worth arranging the weights for.
bool can_fuse_linear(const at::Tensor& x);

/// x W^T + b over the last dimension: x [..., in], weight [out, in], bias [out] -> [..., out].
at::Tensor fused_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// gelu(x W1^T + b1) W2^T + b2, the exact form of gelu, within 3e-7 (1 + |x|) of libtorch's. Its derivative is computed
/// beside the value and multiplied into the hidden gradient where that is summed: the wide arrays pass once.
/// weight1 [hidden, in], weight2 [out, hidden] -> [..., out].
at::Tensor fused_mlp(const at::Tensor& x, const at::Tensor& weight1, const at::Tensor& bias1, const at::Tensor& weight2,
                     const at::Tensor& bias2);

}  // namespace mimir
