#pragma once

#include <ATen/core/Tensor.h>

namespace mimir {

/// Whether linear_gelu() can be used: fp32 on the CPU.
bool can_fuse_gelu(const at::Tensor& x);

/// gelu(x W^T + b), the exact form, over the last dimension: x [..., in], weight [out, in], bias [out] -> [..., out].
/// Differentiable once. The derivative is computed beside the value, so the backward pass is one product; libtorch's
/// two kernels take more than twice the time. Values within 2e-7 (1 + |x|) of libtorch's.
at::Tensor linear_gelu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace mimir
