#include <torch/torch.h>

#include "core/information/hsic.h"
#include "core/information/kernel.h"
#include "core/information/renyi.h"
#include "core/selftest/check.h"

namespace mimir::selftest {
namespace {

at::Tensor gradient_of(const at::Tensor& value, const at::Tensor& input) {
  return torch::autograd::grad({value}, {input}, {}, /*retain_graph=*/true)[0];
}

void check_hsic(const Fixture& fixture, Comparison& comparison) {
  const at::Tensor latent = fixture.tensor("in.latent").to(at::kDouble).requires_grad_();
  const at::Tensor image = fixture.tensor("in.image").to(at::kDouble);
  const double ridge = fixture.config.value("epsilon", kHsicRidge);
  const double m = static_cast<double>(latent.size(0));
  const auto check = [&](const std::string& name, const at::Tensor& actual) {
    if (fixture.has(name)) comparison.check(name, actual);
  };
  for (std::size_t k = 0; k < fixture.config["sigmas"].size(); ++k) {
    const double sigma = fixture.config["sigmas"][k];
    const std::string at = ".s" + std::to_string(k);
    const at::Tensor official = nhsic_official(latent, image, sigma, ridge);
    check("out.nhsic" + at, official);
    check("grad.latent.nhsic" + at, gradient_of(official, latent));
    const at::Tensor cholesky = nhsic(latent, image, sigma, ridge);
    check("out.nhsic_cholesky" + at, cholesky);
    check("grad.latent.nhsic" + at, gradient_of(cholesky, latent));
    const at::Tensor biased = hsic_biased(latent, image, sigma);
    check("out.hsic_biased" + at, biased);
    check("grad.latent.hsic_biased" + at, gradient_of(biased, latent));
    const at::Tensor normalised = hsic_normalised(latent, image, sigma);
    check("out.hsic_normalized" + at, normalised);
    check("grad.latent.hsic_normalized" + at, gradient_of(normalised, latent));
    // The published fp32 results have only a few right digits, those of a CPU's order of rounding: a GPU has others.
    const auto published = [](const at::Tensor& x) { return x.detach().to(at::kCPU, at::kFloat); };
    check("out.nhsic_official" + at, nhsic_official(published(latent), published(image), sigma, ridge).to(latent.device()));
    check("out.hsic_regular_official" + at, biased * ((m - 1) * (m - 1) / (m * m)));
    check("out.hsic_normalized_official" + at, normalised);
  }
}

void check_renyi(const Fixture& fixture, Comparison& comparison) {
  const auto& config = fixture.config;
  const at::Tensor x = fixture.tensor("in.x").to(at::kDouble).requires_grad_();
  const at::Tensor z = fixture.tensor("in.z").to(at::kDouble).requires_grad_();
  const auto number = [&](const char* key) { return at::full({}, config[key].get<double>(), x.options().requires_grad(false)); };
  const std::int64_t neighbours = config["knn"];
  comparison.check("out.knn_bandwidth_x", knn_bandwidth(x, neighbours));
  comparison.check("out.knn_bandwidth_z", knn_bandwidth(z, neighbours));
  comparison.check("out.official_bandwidth_x", official_bandwidth(x));
  comparison.check("out.official_bandwidth_z", official_bandwidth(z));

  const RenyiInformation official =
      renyi_information(official_renyi_kernel(x.detach(), number("official_s_x")),
                        official_renyi_kernel(z.detach(), number("official_s_z")), config["official_alpha"]);
  for (const char* suffix : {"", "_fp32"}) {
    comparison.check(std::string("out.official.entropy_x") + suffix, official.entropy_x);
    comparison.check(std::string("out.official.entropy_z") + suffix, official.entropy_z);
    comparison.check(std::string("out.official.entropy_joint") + suffix, official.joint);
    comparison.check(std::string("out.official.mi") + suffix, official.mutual);
  }

  const at::Tensor kernel_x = gaussian_kernel(x, number("sigma_x")), kernel_z = gaussian_kernel(z, number("sigma_z"));
  comparison.check("out.corrected.eigenvalues_x", kernel_eigenvalues(kernel_x));
  comparison.check("out.corrected.eigenvalues_z", kernel_eigenvalues(kernel_z));
  for (std::size_t k = 0; k < config["alphas"].size(); ++k) {
    const double alpha = config["alphas"][k];
    const std::string at = ".a" + std::to_string(k);
    const RenyiInformation corrected = renyi_information(kernel_x, kernel_z, alpha);
    comparison.check("out.corrected.entropy_x" + at, corrected.entropy_x);
    comparison.check("out.corrected.entropy_z" + at, corrected.entropy_z);
    comparison.check("out.corrected.entropy_joint" + at, corrected.joint);
    comparison.check("out.corrected.mi" + at, corrected.mutual);
    if (fixture.has("grad.x.mi" + at)) comparison.check("grad.x.mi" + at, gradient_of(corrected.mutual, x));
    if (fixture.has("grad.z.mi" + at)) comparison.check("grad.z.mi" + at, gradient_of(corrected.mutual, z));
  }
}

const bool registered[] = {
    checks().add({{"hsic", "HSIC in all its forms", "MIMIR, code", ""}, check_hsic}),
    checks().add({{"renyi", "Rényi information", "MIMIR, code", ""}, check_renyi}),
};

}  // namespace
}  // namespace mimir::selftest
