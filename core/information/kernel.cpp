#include "core/information/kernel.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>

namespace mimir {
namespace {

/// A bandwidth of 0 (all samples alike) would divide 0 by 0.
constexpr double kSmallestBandwidth = 1e-9;

}  // namespace

at::Tensor squared_distances(const at::Tensor& x) {
  // Distances do not see a shift, and without their common mean the rows lose no digits in the difference.
  const at::Tensor centred = x - x.mean(0, /*keepdim=*/true);
  const at::Tensor squares = centred.square().sum(1);  // [m]
  return at::addmm(squares.unsqueeze(0) + squares.unsqueeze(1), centred, centred.t(), 1, -2).clamp_min(0);
}

at::Tensor centre(const at::Tensor& kernel) {
  const at::Tensor means = kernel.mean(1, /*keepdim=*/true);
  return kernel - means - means.t() + means.mean();
}

at::Tensor knn_bandwidth(const at::Tensor& x, std::int64_t neighbours) {
  const at::Tensor rows = x.detach();
  const std::int64_t others = rows.size(0) - 1;
  if (others < 1) return at::ones({}, rows.options());
  at::Tensor distances = squared_distances(rows).sqrt();
  distances.fill_diagonal_(std::numeric_limits<double>::infinity());
  const auto nearest = distances.topk(std::min(neighbours, others), 1, /*largest=*/false);
  return std::get<0>(nearest).mean().clamp_min(kSmallestBandwidth);
}

at::Tensor official_bandwidth(const at::Tensor& x, std::int64_t neighbours) {
  at::Tensor distances = squared_distances(x.detach()).sqrt();
  distances.fill_diagonal_(0);
  return distances.slice(0, 0, neighbours).mean().clamp_min(kSmallestBandwidth);
}

at::Tensor gaussian_kernel(const at::Tensor& x, const at::Tensor& bandwidth) {
  return (squared_distances(x) / (-2 * bandwidth.square())).exp();
}

at::Tensor kernel_eigenvalues(const at::Tensor& kernel) {
  at::Tensor normalised = kernel / kernel.diagonal().sum();
  normalised = (normalised + normalised.t()) / 2;
  // The eigenvalue routine fails on a matrix with a NaN; a result of NaN tells the caller more.
  const at::Tensor finite = normalised.isfinite().all();
  const at::Tensor identity = at::eye(kernel.size(0), kernel.options());
  const at::Tensor values = at::linalg_eigvalsh(at::where(finite, normalised, identity));
  return at::where(finite, values, at::full_like(values, std::numeric_limits<double>::quiet_NaN()));
}

at::Tensor smallest_eigenvalue(const at::Tensor& rows) {
  at::NoGradGuard no_grad;
  const at::Tensor x = rows.flatten(1).to(at::kDouble);
  return kernel_eigenvalues(gaussian_kernel(x, knn_bandwidth(x))).select(0, 0);
}

}  // namespace mimir
