#include "core/information/hsic.h"

#include <torch/torch.h>

#include <cmath>
#include <functional>

#include "core/information/estimator.h"
#include "core/information/kernel.h"

namespace mimir {
namespace {

/// exp(-D / (2 sigma² d))
at::Tensor scaled_kernel(const at::Tensor& x, double sigma) {
  return (squared_distances(x) * (-1 / (2 * sigma * sigma * static_cast<double>(x.size(1))))).exp();
}

/// A measure of two kernels and its derivatives by them, both symmetric and centred.
struct KernelMeasure {
  at::Tensor value;    ///< []
  at::Tensor by_x;     ///< [m, m]
  at::Tensor by_y;     ///< [m, m]
};
/// kx, ky: centred kernels.
using Measure = KernelMeasure (*)(const at::Tensor& kx, const at::Tensor& ky, double ridge);

/// With A = (HKH + cI)^-1: R = I - cA and d tr(Rx Ry) / d(HKxH) = c Ax Ry Ax.
KernelMeasure measure_normalised_covariance(const at::Tensor& kx, const at::Tensor& ky, double ridge) {
  const std::int64_t m = kx.size(0);
  const double c = ridge * static_cast<double>(m);
  const at::Tensor identity = at::eye(m, kx.options());
  const auto inverse = [&](const at::Tensor& k) {
    return at::cholesky_inverse(std::get<0>(at::linalg_cholesky_ex(k + c * identity)));
  };
  const at::Tensor ax = inverse(kx), ay = inverse(ky);
  const at::Tensor rx = identity - c * ax, ry = identity - c * ay;
  return {(rx * ry).sum(), centre(ax.mm(ry).mm(ax)) * c, centre(ay.mm(rx).mm(ay)) * c};
}

KernelMeasure measure_biased(const at::Tensor& kx, const at::Tensor& ky, double) {
  const auto scale = 1 / std::pow(static_cast<double>(kx.size(0) - 1), 2);
  return {(kx * ky).sum() * scale, ky * scale, kx * scale};
}

KernelMeasure measure_normalised(const at::Tensor& kx, const at::Tensor& ky, double) {
  const at::Tensor xx = kx.square().sum(), yy = ky.square().sum();
  // Rounding of equal rows leaves about (1e-16 m)²; a real difference leaves far more.
  const auto inverse = [](const at::Tensor& x) { return at::where(x < 1e-26, at::zeros_like(x), 1 / x); };
  const at::Tensor scale = inverse((xx * yy).sqrt());
  const at::Tensor value = (kx * ky).sum() * scale;
  return {value, ky * scale - kx * (value * inverse(xx)), kx * scale - ky * (value * inverse(yy))};
}

/// Derivative by the kernel, [m, m] symmetric, -> by the rows: K_ij = exp(-s D_ij), D_ij = |x_i - x_j|², so with
/// G = -s by_kernel o K the gradient is 4 (diag(G 1) - G) X: one product instead of autograd's five. [m, d]
at::Tensor rows_gradient(const at::Tensor& by_kernel, const at::Tensor& kernel, const at::Tensor& x, double sigma) {
  const at::Tensor g = by_kernel * kernel * (-2 / (sigma * sigma * static_cast<double>(x.size(1))));  // 4 G
  return x * g.sum(1, /*keepdim=*/true) - g.mm(x);
}

struct Request {
  Measure measure;
  double sigma;
  double ridge;
  bool latent_gradient;  ///< what is constant (the images, in training) costs no gradient
  bool image_gradient;
};

struct KernelDependence : torch::autograd::Function<KernelDependence> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& y,
                            const Request& request) {
    const at::Tensor kx = scaled_kernel(x, request.sigma), ky = scaled_kernel(y, request.sigma);
    const KernelMeasure result = request.measure(centre(kx), centre(ky), request.ridge);
    const at::Tensor none;
    context->save_for_backward({request.latent_gradient ? rows_gradient(result.by_x, kx, x, request.sigma) : none,
                                request.image_gradient ? rows_gradient(result.by_y, ky, y, request.sigma) : none});
    return result.value;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto scaled = [&](const at::Tensor& g) { return g.defined() ? g * gradients[0] : at::Tensor(); };
    return {scaled(saved[0]), scaled(saved[1]), {}};
  }
};

at::Tensor dependence(Measure measure, const at::Tensor& latent, const at::Tensor& image, double sigma, double ridge = kHsicRidge) {
  const bool recording = at::GradMode::is_enabled();
  return KernelDependence::apply(
      latent, image, Request{measure, sigma, ridge, recording && latent.requires_grad(), recording && image.requires_grad()});
}

}  // namespace

at::Tensor nhsic(const at::Tensor& latent, const at::Tensor& image, double sigma, double ridge) {
  return dependence(measure_normalised_covariance, latent, image, sigma, ridge);
}

at::Tensor hsic_biased(const at::Tensor& latent, const at::Tensor& image, double sigma) {
  return dependence(measure_biased, latent, image, sigma);
}

at::Tensor hsic_normalised(const at::Tensor& latent, const at::Tensor& image, double sigma) {
  return dependence(measure_normalised, latent, image, sigma);
}

at::Tensor nhsic_official(const at::Tensor& latent, const at::Tensor& image, double sigma, double ridge) {
  // Operation by operation as published: in fp32 another order of rounding changes the second digit.
  const std::int64_t m = latent.size(0);
  const at::Tensor identity = at::eye(m, latent.options());
  const at::Tensor centring = identity - 1.0 / static_cast<double>(m);
  const auto covariance = [&](const at::Tensor& x) {
    const at::Tensor squares = x.square().sum(1, /*keepdim=*/true);                    // [m, 1]
    const at::Tensor distances = (squares - 2 * x.mm(x.t()) + squares.t()).abs();      // [m, m]
    const at::Tensor kernel = (-distances / (2 * sigma * sigma * static_cast<double>(x.size(1)))).exp();
    const at::Tensor kh = kernel.mm(centring);
    return kh.mm(std::get<0>(at::linalg_inv_ex(kh + identity * (ridge * static_cast<double>(m)))));
  };
  return (covariance(latent) * covariance(image).t()).sum();
}

namespace {

/// One of the functions above as an estimator.
class HsicEstimator final : public Estimator {
 public:
  using Function = std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>;
  explicit HsicEstimator(Function function) : function_(std::move(function)) {}

 private:
  at::Tensor estimate(const at::Tensor& latent, const at::Tensor& image) const override { return function_(latent, image); }
  Function function_;
};

std::unique_ptr<Estimator> make_nhsic(const EstimatorOptions& options) {
  const double sigma = options.sigma;
  if (options.official_fp32) {
    return std::make_unique<HsicEstimator>([sigma](const at::Tensor& x, const at::Tensor& y) {
      return nhsic_official(x.to(at::kFloat), y.to(at::kFloat), sigma).to(at::kDouble);
    });
  }
  return std::make_unique<HsicEstimator>([sigma, mode = options.mode](const at::Tensor& x, const at::Tensor& y) {
    return mode == Mode::official ? nhsic_official(x, y, sigma) : nhsic(x, y, sigma);
  });
}

template <at::Tensor (*function)(const at::Tensor&, const at::Tensor&, double)>
std::unique_ptr<Estimator> make_plain(const EstimatorOptions& options) {
  return std::make_unique<HsicEstimator>(
      [sigma = options.sigma](const at::Tensor& x, const at::Tensor& y) { return function(x, y, sigma); });
}

Parameter sigma_parameter() {
  return {.key = "sigma", .fallback = 5.0, .minimum = 1e-6,
          .help = "Bandwidth: the kernel is exp(-D / (2 sigma² d)) for vectors of d numbers.", .source = "MIMIR, code"};
}

Parameter precision_parameter() {
  Parameter parameter;
  parameter.key = "precision";
  parameter.type = ParameterType::choice;
  parameter.fallback = std::string("fp64");
  parameter.choices = {"fp64", "official_fp32"};
  parameter.help = "official_fp32 repeats the published inverse in fp32, whose gradient is 4 to 74 % wrong.";
  parameter.advanced = true;
  return parameter;
}

const bool registered_hsic =
    estimators().add({{"hsic", "Normalised HSIC", "Xu et al., MIMIR (arXiv 2312.04960), Sec. 4.2; Fukumizu et al. 2007",
                       "tr(Rx Ry) of the normalised cross-covariance, from 0 to m-1 for m samples: it grows with the batch. "
                       "Two m x m Cholesky factors and a Gram matrix in fp64. Official mode uses the published general inverse.",
                       {sigma_parameter(), precision_parameter()}},
                      make_nhsic}) &&
    estimators().add({{"hsic_plain", "HSIC, biased", "Gretton et al. 2005, Sec. 3",
                       "tr(Kx H Ky H) / (m-1)², 0 or more and about as large for any batch, but its size follows the kernels' width. "
                       "Two Gram matrices in fp64.",
                       {sigma_parameter()}},
                      make_plain<hsic_biased>}) &&
    estimators().add({{"hsic_normalised", "HSIC, normalised (CKA)", "Kornblith et al. 2019, Sec. 3",
                       "Biased HSIC over the geometric mean of both arguments' own, from 0 to 1. Two Gram matrices in fp64.",
                       {sigma_parameter()}},
                      make_plain<hsic_normalised>});

}  // namespace
}  // namespace mimir
