#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <tuple>

#include "core/base/draws.h"

namespace mimir {

/// Replays random numbers that were written down: what a fixture says was drawn. Row ids[i] of the recorded tensor
/// answers image ids[i]. Throws std::logic_error for what was not recorded.
class RecordedDraws final : public Draws {
 public:
  /// values: [images, …], kept as fp32 on the CPU. The target rank of a key plays no part.
  void record_uniform(Purpose purpose, std::uint32_t step, std::uint32_t restart, const at::Tensor& values);
  void record_normal(Purpose purpose, std::uint32_t step, std::uint32_t restart, const at::Tensor& values);

  void uniform(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const override;
  void normal(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const override;

 private:
  using Place = std::tuple<Purpose, std::uint32_t, std::uint32_t>;
  std::map<Place, at::Tensor> uniform_;
  std::map<Place, at::Tensor> normal_;
};

/// The uniform numbers in [0, 1] behind additive noise in [-epsilon, epsilon], exact to about 1e-7 epsilon.
at::Tensor uniform_of_noise(const at::Tensor& noise, double epsilon);

}  // namespace mimir
