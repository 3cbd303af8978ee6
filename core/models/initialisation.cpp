#include "core/models/initialisation.h"

#include <torch/torch.h>

#include <cmath>

#include "core/tensor/arrays.h"

namespace mimir {

void Initialiser::normal(at::Tensor& parameter, double deviation) {
  const std::int64_t id = index_++;
  parameter.copy_(draw_normal(draws_, {Purpose::initialisation}, {&id, 1}, parameter.sizes())[0] * deviation);
}

void Initialiser::uniform(at::Tensor& parameter, double bound) {
  const std::int64_t id = index_++;
  parameter.copy_((draw_uniform(draws_, {Purpose::initialisation}, {&id, 1}, parameter.sizes())[0] * 2 - 1) * bound);
}

void Initialiser::constant(at::Tensor& parameter, double value) {
  ++index_;
  parameter.fill_(value);
}

double convolution_bound(const VitOptions& options) { return 1 / std::sqrt(static_cast<double>(options.patch_dim())); }

bool is_norm(const std::string& name) {
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return false;
  const auto before = name.rfind('.', dot - 1);
  return name.substr(before == std::string::npos ? 0 : before + 1, dot - (before + 1)).find("norm") != std::string::npos;
}

}  // namespace mimir
