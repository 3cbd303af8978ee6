#pragma once

#include <ATen/core/Tensor.h>

namespace mimir {

// Matrix-based Rényi information (Giraldo et al. 2015; Yu et al. 2021, DIB). For a kernel matrix G, A = G / tr(G) with
// eigenvalues w: S_alpha = log2(sum w^alpha) / (1 - alpha) bits, at most log2 m.

/// kernel: [m, m] -> []. Negative eigenvalues are rounding and count as 0.
at::Tensor renyi_entropy(const at::Tensor& kernel, double alpha);

struct RenyiInformation {
  at::Tensor entropy_x;  ///< [] bits
  at::Tensor entropy_z;
  at::Tensor joint;      ///< entropy of the elementwise product of the kernels
  at::Tensor mutual;     ///< entropy_x + entropy_z - joint
};
RenyiInformation renyi_information(const at::Tensor& kernel_x, const at::Tensor& kernel_z, double alpha);

/// As published: exp(-D / bandwidth), D a squared and the bandwidth an unsquared distance, []. [m, m]
at::Tensor official_renyi_kernel(const at::Tensor& x, const at::Tensor& bandwidth);

}  // namespace mimir
