#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/tensor/checkpoint.h"
#include "core/training/parameter_groups.h"

namespace mimir {

/// AdamW with decoupled decay (Loshchilov & Hutter 2019) by libtorch's fused kernel, which its C++ optimiser does
/// not reach. State is kept in tensors of our own, on the parameters' device.
class AdamW {
 public:
  AdamW(std::vector<ParameterGroup> groups, double beta1, double beta2, double epsilon = 1e-8);

  /// All parameters in the order of groups; gradients are given in the same order.
  const std::vector<at::Tensor>& parameters() const { return parameters_; }

  /// One update with learning_rate * the group's scale. `skip` is a [1] fp32 tensor on the device: 1 leaves
  /// everything as it is (a non-finite loss), decided without a look from the host.
  void step(double learning_rate, std::span<const at::Tensor> gradients, const at::Tensor& skip);

  /// "optimizer.<name>.exp_avg" and "….exp_avg_sq" of every parameter, "optimizer.step" [1].
  void store(Checkpoint& checkpoint) const;
  Expected<void> load(const Checkpoint& checkpoint);

 private:
  std::vector<ParameterGroup> groups_;
  std::vector<at::Tensor> parameters_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> exp_avg_;
  std::vector<at::Tensor> exp_avg_sq_;
  at::Tensor step_;  ///< [] fp32, shared by all parameters
  double beta1_, beta2_, epsilon_;
};

}  // namespace mimir
