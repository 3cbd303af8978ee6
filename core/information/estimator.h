#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/recipe.h"
#include "core/base/registry.h"

namespace mimir {

/// official: what the published code computes; corrected: what the paper's text asks for, numerically sound.
enum class Mode { corrected, official };
Expected<Mode> parse_mode(const std::string& name);

/// Settings that estimators share; each entry's parameters say which it reads.
struct EstimatorOptions {
  Mode mode = Mode::corrected;
  double sigma = 5;            ///< hsic*: kernel exp(-D / (2 sigma² d)), d = columns of the argument
  double alpha = 1.01;         ///< renyi: order of the entropy
  bool official_fp32 = false;  ///< hsic: the published inverse in fp32
};
Expected<EstimatorOptions> estimator_options(const InformationRecipe& recipe, const std::string& mode);

/// A measure of dependence between the rows of two matrices.
class Estimator {
 public:
  virtual ~Estimator() = default;
  /// latent: [m, …], image: [m, …], any float dtype, flattened to rows. Returns [] fp64, computed in fp64, with a
  /// gradient in each argument that requires one (in that argument's dtype). 0 for one sample; NaN if an argument
  /// is not finite. Safe from any thread.
  at::Tensor value(const at::Tensor& latent, const at::Tensor& image) const;

 private:
  /// [m, dx], [m, dy] fp64, m >= 2.
  virtual at::Tensor estimate(const at::Tensor& latent, const at::Tensor& image) const = 0;
};

struct EstimatorEntry {
  EntryInfo info;
  std::function<std::unique_ptr<Estimator>(const EstimatorOptions&)> make;
};
Registry<EstimatorEntry>& estimators();

Expected<std::unique_ptr<Estimator>> make_estimator(const std::string& name, const EstimatorOptions& options);

/// 0 that depends on both arguments with gradient 0, whatever they hold.
at::Tensor zero_of(const at::Tensor& latent, const at::Tensor& image);

}  // namespace mimir
