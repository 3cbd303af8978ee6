#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/draws.h"
#include "core/store/safetensors.h"

namespace mimir {

/// Copies; the tensor is on the CPU with the array's dtype and shape.
at::Tensor to_tensor(const Array& array);
/// Copies from any device; the tensor is made contiguous.
Array to_array(const at::Tensor& tensor);

/// [ids, shape…] fp32 on the CPU; row i belongs to image ids[i].
at::Tensor draw_uniform(const Draws& draws, const DrawKey& key, std::span<const std::int64_t> ids, at::IntArrayRef shape);
at::Tensor draw_normal(const Draws& draws, const DrawKey& key, std::span<const std::int64_t> ids, at::IntArrayRef shape);

}  // namespace mimir
