#include "core/models/position_embedding.h"

#include <torch/torch.h>

#include <cmath>

namespace mimir {
namespace {

/// position: [n] fp64 -> [n, dim]: sines then cosines.
at::Tensor sincos(const at::Tensor& position, std::int64_t dim) {
  const at::Tensor frequency = at::pow(10000.0, -at::arange(dim / 2, at::kDouble) / (static_cast<double>(dim) / 2));
  const at::Tensor angle = position.unsqueeze(1) * frequency.unsqueeze(0);
  return at::cat({angle.sin(), angle.cos()}, 1);
}

}  // namespace

at::Tensor sincos_position_embedding(std::int64_t dim, std::int64_t grid, bool class_token) {
  TORCH_CHECK(dim % 4 == 0, "embed_dim ", dim, " is not a multiple of 4");
  const at::Tensor line = at::arange(grid, at::kDouble);
  const at::Tensor column = line.repeat({grid});             // [grid²], fastest
  const at::Tensor row = line.repeat_interleave(grid);       // [grid²]
  at::Tensor table = at::cat({sincos(column, dim / 2), sincos(row, dim / 2)}, 1);
  if (class_token) table = at::cat({at::zeros({1, dim}, at::kDouble), table}, 0);
  return table;
}

at::Tensor interpolate_position_embedding(const at::Tensor& pos_embed, std::int64_t to_grid) {
  const std::int64_t dim = pos_embed.size(2);
  const std::int64_t patches = pos_embed.size(1) - 1;
  const auto from_grid = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(patches))));
  TORCH_CHECK(from_grid * from_grid == patches, "the position embedding has ", patches, " patches, not a square");
  if (from_grid == to_grid) return pos_embed;
  const at::Tensor table = pos_embed.slice(1, 1).reshape({1, from_grid, from_grid, dim}).permute({0, 3, 1, 2});
  const at::Tensor resized = at::upsample_bicubic2d(table, {to_grid, to_grid}, /*align_corners=*/false);
  return at::cat({pos_embed.slice(1, 0, 1), resized.permute({0, 2, 3, 1}).flatten(1, 2)}, 1);
}

}  // namespace mimir
