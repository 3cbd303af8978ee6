#pragma once

#include <ATen/core/Tensor.h>

namespace mimir {

/// Fixed 2-D sin-cos table, [1 + grid² or grid², dim] fp64 (cast it once): for patch (r, c) the first half of the
/// channels encodes c, the second r; a half of size h is [sin(p w_k), cos(p w_k)], w_k = 10000^(-k/(h/2)).
/// The class token's row is zero. dim must be divisible by 4.
at::Tensor sincos_position_embedding(std::int64_t dim, std::int64_t grid, bool class_token);

/// [1, 1 + g², d] -> [1, 1 + to_grid², d]: bicubic (a = -0.75, align_corners false, no antialias), the class
/// token's row copied.
at::Tensor interpolate_position_embedding(const at::Tensor& pos_embed, std::int64_t to_grid);

}  // namespace mimir
