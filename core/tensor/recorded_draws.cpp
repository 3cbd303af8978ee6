#include "core/tensor/recorded_draws.h"

#include <torch/torch.h>

#include <algorithm>
#include <stdexcept>

namespace mimir {
namespace {

at::Tensor as_rows(const at::Tensor& values) { return values.detach().to(at::kCPU, at::kFloat).flatten(1).contiguous(); }

template <typename Recorded>
void replay(const Recorded& recorded, const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) {
  const auto found = recorded.find({key.purpose, key.step, key.restart});
  if (found == recorded.end()) {
    throw std::logic_error("no draw was recorded for purpose " + std::to_string(static_cast<int>(key.purpose)) + ", step " +
                           std::to_string(key.step) + ", restart " + std::to_string(key.restart));
  }
  const at::Tensor& values = found->second;  // [images, numbers]
  const auto length = static_cast<std::size_t>(values.size(1));
  if (out.size() != ids.size() * length) throw std::logic_error("the recorded draw has another size than asked for");
  for (std::size_t row = 0; row < ids.size(); ++row) {
    if (ids[row] < 0 || ids[row] >= values.size(0)) throw std::logic_error("no draw was recorded for image " + std::to_string(ids[row]));
    std::copy_n(values.const_data_ptr<float>() + static_cast<std::size_t>(ids[row]) * length, length, out.data() + row * length);
  }
}

}  // namespace

void RecordedDraws::record_uniform(Purpose purpose, std::uint32_t step, std::uint32_t restart, const at::Tensor& values) {
  uniform_[{purpose, step, restart}] = as_rows(values);
}

void RecordedDraws::record_normal(Purpose purpose, std::uint32_t step, std::uint32_t restart, const at::Tensor& values) {
  normal_[{purpose, step, restart}] = as_rows(values);
}

void RecordedDraws::uniform(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const {
  replay(uniform_, key, ids, out);
}

void RecordedDraws::normal(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const {
  replay(normal_, key, ids, out);
}

at::Tensor uniform_of_noise(const at::Tensor& noise, double epsilon) {
  if (epsilon == 0) return at::full_like(noise, 0.5);
  return ((noise.to(at::kDouble) / epsilon + 1) / 2).to(at::kFloat);
}

}  // namespace mimir
