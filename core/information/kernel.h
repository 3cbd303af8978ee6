#pragma once

#include <ATen/core/Tensor.h>

namespace mimir {

// Kernel matrices of a batch. Rows are samples; images and latents are flattened, so x is [m, d]. All of it is
// computed in x's dtype; the estimators pass fp64.

/// |x_i - x_j|², at least 0: [m, m].
at::Tensor squared_distances(const at::Tensor& x);

/// H K H of a symmetric K, H = I - 11'/m: [m, m].
at::Tensor centre(const at::Tensor& kernel);

/// Neighbours that a bandwidth looks at (published code).
inline constexpr std::int64_t kBandwidthNeighbours = 10;

/// Mean over samples of the distances to the `neighbours` nearest others (m-1 if there are fewer): [], detached, > 0.
at::Tensor knn_bandwidth(const at::Tensor& x, std::int64_t neighbours = kBandwidthNeighbours);

/// As published: mean of the first `neighbours` rows of the distance matrix (zeros included), which is not what
/// was meant. [], detached, > 0.
at::Tensor official_bandwidth(const at::Tensor& x, std::int64_t neighbours = kBandwidthNeighbours);

/// exp(-D / (2 bandwidth²)), bandwidth []: [m, m].
at::Tensor gaussian_kernel(const at::Tensor& x, const at::Tensor& bandwidth);

/// Eigenvalues of K / tr(K), ascending: [m]. NaN where K is not finite.
at::Tensor kernel_eigenvalues(const at::Tensor& kernel);

/// Smallest eigenvalue of the normalised Gaussian kernel of [m, …] rows with the kNN bandwidth: [] fp64, detached.
/// Below about 1e-8 the gradient of the Rényi information is arbitrary.
at::Tensor smallest_eigenvalue(const at::Tensor& rows);

}  // namespace mimir
