#include "core/inspection/reconstruction.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/tensor/arrays.h"

namespace mimir {
namespace {

constexpr std::uint32_t kBlockRestart = 3, kGridRestart = 4;  ///< of Purpose::probe; a training's probe draws with 0 and 1

/// Distance of each patch from a drawn place, so that the nearest are removed first: higher = nearer. [N, L]
at::Tensor block_order(const Draws& draws, std::span<const std::int64_t> ids, std::int64_t grid) {
  const at::Tensor place = draw_uniform(draws, {Purpose::probe, 0, kBlockRestart}, ids, {2}) * static_cast<double>(grid);  // [N, 2]
  const at::Tensor centre = at::arange(grid, at::kFloat) + 0.5;
  const at::Tensor row = (centre.unsqueeze(0) - place.slice(1, 0, 1)).abs();     // [N, grid]
  const at::Tensor column = (centre.unsqueeze(0) - place.slice(1, 1, 2)).abs();  // [N, grid]
  // Squares around the place; within a ring the corners go last.
  const at::Tensor rings = at::maximum(row.unsqueeze(2), column.unsqueeze(1));
  return -(rings + 1e-3 * (row.unsqueeze(2) + column.unsqueeze(1))).flatten(1);
}

/// Bayer's order: any first part of it is spread evenly. [N, L]
at::Tensor grid_order(const Draws& draws, std::span<const std::int64_t> ids, std::int64_t grid) {
  std::int64_t period = 1;
  while (period < grid) period *= 2;
  const at::Tensor shift = (draw_uniform(draws, {Purpose::probe, 0, kGridRestart}, ids, {2}) * static_cast<double>(period)).to(at::kLong);
  at::Tensor order = at::empty({static_cast<std::int64_t>(ids.size()), grid * grid}, at::kFloat);
  auto out = order.accessor<float, 2>();
  for (std::int64_t n = 0; n < order.size(0); ++n) {
    for (std::int64_t patch = 0; patch < grid * grid; ++patch) {
      const std::int64_t row = (patch / grid + shift[n][0].item<std::int64_t>()) % period;
      const std::int64_t column = (patch % grid + shift[n][1].item<std::int64_t>()) % period;
      double rank = 0, weight = period * period / 4.0;
      for (std::int64_t bit = 1; bit < period; bit *= 2, weight /= 4) {
        const bool r = row & bit, c = column & bit;
        rank += weight * (r != c ? (r ? 3 : 2) : (r ? 1 : 0));
      }
      out[n][patch] = static_cast<float>(rank);
    }
  }
  return order;
}

/// [N, X, X] values and weights -> [N] fp64; NaN where the weights are all 0.
at::Tensor mean_where(const at::Tensor& values, const at::Tensor& weights) {
  return (values.to(at::kDouble) * weights.to(at::kDouble)).sum({1, 2}) / weights.to(at::kDouble).sum({1, 2});
}

at::Tensor decibels(const at::Tensor& squared_error) { return -10 * squared_error.log10(); }

}  // namespace

Expected<MaskKind> parse_mask_kind(const std::string& name) {
  if (name == "random") return MaskKind::random;
  if (name == "block") return MaskKind::block;
  if (name == "grid") return MaskKind::grid;
  return fail(ErrorCode::usage, "there is no kind of mask \"{}\": take random, block or grid", name);
}

PatchMask draw_mask(MaskKind kind, double ratio, const Draws& draws, std::span<const std::int64_t> ids, std::int64_t grid) {
  switch (kind) {
    case MaskKind::block: return make_patch_mask(block_order(draws, ids, grid), ratio);
    case MaskKind::grid: return make_patch_mask(grid_order(draws, ids, grid), ratio);
    case MaskKind::random: break;
  }
  return make_patch_mask(draw_uniform(draws, {Purpose::probe}, ids, {grid * grid}), ratio);
}

PatchMask given_mask(const at::Tensor& removed) {
  const at::Tensor gone = removed.ne(0);
  const at::Tensor counts = gone.sum(1);
  TORCH_CHECK(counts.eq(counts[0]).all().item<bool>(), "every picture of a batch has as many removed patches");
  PatchMask mask;
  mask.ids_shuffle = at::argsort(gone.to(at::kLong), /*stable=*/true, 1, /*descending=*/false);  // kept ones first, in their order
  mask.ids_restore = at::argsort(mask.ids_shuffle, /*stable=*/true, 1, /*descending=*/false);
  mask.ids_keep = mask.ids_shuffle.slice(1, 0, gone.size(1) - counts[0].item<std::int64_t>());
  mask.ids_remove = mask.ids_shuffle.slice(1, mask.ids_keep.size(1));
  mask.mask = gone.to(at::kFloat);
  return mask;
}

at::Tensor ssim_map(const at::Tensor& a, const at::Tensor& b) {
  at::NoGradGuard no_grad;
  const std::int64_t channels = a.size(1), side = std::min(a.size(2), a.size(3));
  const std::int64_t width = std::min<std::int64_t>(11, side % 2 == 1 ? side : side - 1);
  at::Tensor bell = (at::arange(width, at::kDouble) - static_cast<double>(width / 2)).square().div(-2 * 1.5 * 1.5).exp();
  bell = (bell / bell.sum()).view({1, 1, 1, width}).to(a.device());
  const auto filter = [&](const at::Tensor& x) {
    const at::Tensor rows = at::conv2d(x, bell, {}, 1, at::IntArrayRef{0, width / 2});
    return at::conv2d(rows, bell.transpose(2, 3), {}, 1, at::IntArrayRef{width / 2, 0});
  };
  const at::Tensor x = a.to(at::kDouble).flatten(0, 1).unsqueeze(1), y = b.to(at::kDouble).flatten(0, 1).unsqueeze(1);  // [N C, 1, X, X]
  const at::Tensor weight = filter(at::ones_like(x.slice(0, 0, 1)));
  const auto local = [&](const at::Tensor& values) { return filter(values) / weight; };
  const at::Tensor mean_x = local(x), mean_y = local(y);
  const at::Tensor var_x = local(x * x) - mean_x * mean_x, var_y = local(y * y) - mean_y * mean_y;
  const at::Tensor covariance = local(x * y) - mean_x * mean_y;
  const double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
  const at::Tensor map = (2 * mean_x * mean_y + c1) * (2 * covariance + c2) / ((mean_x * mean_x + mean_y * mean_y + c1) * (var_x + var_y + c2));
  return map.view({a.size(0), channels, a.size(2), a.size(3)}).mean(1);
}

ReconstructionView reconstruct(MaskedAutoencoderImpl& model, const at::Tensor& input, const at::Tensor& clean, const PatchMask& mask,
                               bool norm_pix_loss, const ForwardContext& context) {
  at::NoGradGuard no_grad;
  const std::int64_t patch = model.options().patch_size;
  const at::Tensor prediction = model.forward(input, mask, context).prediction;  // [N, L, ppC]
  ReconstructionView view;
  view.loss = reconstruction_error(prediction, reconstruction_target(clean, patch, norm_pix_loss), mask.mask);
  view.reconstruction = picture_of_prediction(prediction, clean, patch, norm_pix_loss);
  view.error = (view.reconstruction - clean).square().mean(1);
  const at::Tensor removed = patches_to_pixels(mask.mask, patch);
  view.error_masked = mean_where(view.error, removed);
  view.error_visible = mean_where(view.error, 1 - removed);
  view.psnr = decibels(mean_where(view.error, at::ones_like(removed)));
  view.psnr_masked = decibels(view.error_masked);
  const at::Tensor similarity = ssim_map(view.reconstruction, clean);
  view.ssim = mean_where(similarity, at::ones_like(removed));
  view.ssim_masked = mean_where(similarity, removed);
  return view;
}

}  // namespace mimir
