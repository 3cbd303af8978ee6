#include "core/information/renyi.h"

#include <torch/torch.h>

#include <cmath>

#include "core/information/estimator.h"
#include "core/information/kernel.h"

namespace mimir {

at::Tensor renyi_entropy(const at::Tensor& kernel, double alpha) {
  const at::Tensor w = kernel_eigenvalues(kernel);
  const at::Tensor negative = w <= 0;
  // Powers of 1 in their place, so that no gradient of 0^(alpha - 1) is formed.
  const at::Tensor powers = at::where(negative, at::zeros_like(w), at::where(negative, at::ones_like(w), w).pow(alpha));
  return powers.sum().log2() / (1 - alpha);
}

RenyiInformation renyi_information(const at::Tensor& kernel_x, const at::Tensor& kernel_z, double alpha) {
  RenyiInformation result;
  result.entropy_x = renyi_entropy(kernel_x, alpha);
  result.entropy_z = renyi_entropy(kernel_z, alpha);
  result.joint = renyi_entropy(kernel_x * kernel_z, alpha);
  result.mutual = result.entropy_x + result.entropy_z - result.joint;
  return result;
}

at::Tensor official_renyi_kernel(const at::Tensor& x, const at::Tensor& bandwidth) {
  return (-squared_distances(x) / bandwidth).exp();
}

namespace {

class RenyiEstimator final : public Estimator {
 public:
  explicit RenyiEstimator(const EstimatorOptions& options) : mode_(options.mode), alpha_(options.alpha) {}

 private:
  at::Tensor estimate(const at::Tensor& latent, const at::Tensor& image) const override {
    if (mode_ == Mode::official) return official(latent, image) + zero_of(latent, image);
    const auto kernel = [](const at::Tensor& x) { return gaussian_kernel(x, knn_bandwidth(x)); };
    return renyi_information(kernel(image), kernel(latent), alpha_).mutual;
  }

  /// Published: the latent is taken without gradient, so the penalty trains nothing.
  at::Tensor official(const at::Tensor& latent, const at::Tensor& image) const {
    at::NoGradGuard no_grad;
    const auto kernel = [](const at::Tensor& x) { return official_renyi_kernel(x, official_bandwidth(x)); };
    return renyi_information(kernel(image), kernel(latent), alpha_).mutual;
  }

  Mode mode_;
  double alpha_;
};

const bool registered = estimators().add(
    {{"renyi", "Rényi information", "Yu et al. 2021 (DIB); Giraldo et al. 2015",
      "Matrix-based Rényi mutual information in bits, from 0 to log2 m for m samples. Three m x m eigenvalue problems in fp64. "
      "Official mode gives the published value, which has no gradient and saturates.",
      {{.key = "alpha", .fallback = 1.01, .minimum = 0.01, .maximum = 10, .help = "Order of the entropy; not 1.",
        .source = "Yu et al. 2021"}}},
     [](const EstimatorOptions& options) { return std::make_unique<RenyiEstimator>(options); }});

}  // namespace
}  // namespace mimir
