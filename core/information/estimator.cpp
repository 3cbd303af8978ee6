#include "core/information/estimator.h"

#include <torch/torch.h>

#include "core/base/text.h"

namespace mimir {
namespace {

class NoEstimator final : public Estimator {
  at::Tensor estimate(const at::Tensor& latent, const at::Tensor& image) const override { return zero_of(latent, image); }
};

const bool registered = estimators().add(
    {{"none", "None", "He et al. 2022", "No penalty: always 0, at no cost."},
     [](const EstimatorOptions&) { return std::make_unique<NoEstimator>(); }});

}  // namespace

Registry<EstimatorEntry>& estimators() {
  static Registry<EstimatorEntry> registry;
  return registry;
}

Expected<Mode> parse_mode(const std::string& name) {
  if (name == "corrected") return Mode::corrected;
  if (name == "official") return Mode::official;
  return fail(ErrorCode::usage, "there is no mode \"{}\": take corrected or official", name);
}

Expected<EstimatorOptions> estimator_options(const InformationRecipe& recipe, const std::string& mode_name) {
  auto mode = parse_mode(mode_name);
  if (!mode) return pass_on(mode);
  EstimatorOptions options;
  options.mode = *mode;
  options.sigma = recipe.sigma;
  options.alpha = recipe.alpha;
  options.official_fp32 = recipe.precision == "official_fp32";
  return options;
}

at::Tensor zero_of(const at::Tensor& latent, const at::Tensor& image) {
  const auto empty_sum = [](const at::Tensor& x) { return x.flatten().slice(0, 0, 0).sum().to(at::kDouble); };
  return empty_sum(latent) + empty_sum(image);
}

at::Tensor Estimator::value(const at::Tensor& latent, const at::Tensor& image) const {
  TORCH_CHECK(latent.dim() >= 2 && image.dim() >= 2 && latent.size(0) == image.size(0),
              "an estimator takes two matrices with as many rows, not ", latent.sizes(), " and ", image.sizes());
  if (latent.size(0) < 2) return zero_of(latent, image);
  return estimate(latent.flatten(1).to(at::kDouble), image.flatten(1).to(at::kDouble));
}

Expected<std::unique_ptr<Estimator>> make_estimator(const std::string& name, const EstimatorOptions& options) {
  const EstimatorEntry* entry = estimators().find(name);
  if (!entry) {
    const auto nearest = nearest_name(name, estimators().ids());
    return fail(ErrorCode::usage, "there is no estimator \"{}\"; {} \"{}\"", name, nearest ? "did you mean" : "take",
                nearest.value_or("hsic"));
  }
  if (!(options.sigma > 0)) return fail(ErrorCode::usage, "sigma is {}, but it must be above 0", options.sigma);
  if (!(options.alpha > 0) || options.alpha == 1) {
    return fail(ErrorCode::usage, "alpha is {}, but it must be above 0 and not 1: take 1.01", options.alpha);
  }
  return entry->make(options);
}

}  // namespace mimir
