#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "core/base/draws.h"
#include "core/models/vit.h"

namespace mimir {

/// Fills parameters one after the other; the k-th one always gets the same numbers for the same seed.
class Initialiser {
 public:
  explicit Initialiser(std::uint64_t seed) : draws_(seed) {}
  void normal(at::Tensor& parameter, double deviation);
  void uniform(at::Tensor& parameter, double bound);
  void constant(at::Tensor& parameter, double value);

 private:
  PhiloxDraws draws_;
  std::int64_t index_ = 0;
};

/// Bound of PyTorch's default for the patch convolution, weight and bias: 1 / sqrt(C p p).
double convolution_bound(const VitOptions& options);

/// Whether a parameter belongs to a LayerNorm.
bool is_norm(const std::string& name);

}  // namespace mimir
