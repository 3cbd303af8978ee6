#include "core/models/patches.h"

#include <ATen/ATen.h>

#include <cmath>
#include <utility>

namespace mimir {
namespace {

/// Mean and deviation of each patch: [N, L, 1] both.
std::pair<at::Tensor, at::Tensor> patch_statistics(const at::Tensor& patches) {
  const auto [variance, mean] = at::var_mean(patches, /*dim=*/{-1}, /*correction=*/1, /*keepdim=*/true);
  return {mean, (variance + 1e-6).sqrt()};
}

}  // namespace

PatchMask make_patch_mask(const at::Tensor& noise, double mask_ratio) {
  const std::int64_t patches = noise.size(1);
  const auto kept = static_cast<std::int64_t>(static_cast<double>(patches) * (1 - mask_ratio));
  PatchMask mask;
  mask.ids_shuffle = at::argsort(noise, /*stable=*/true, 1, /*descending=*/false);
  mask.ids_restore = at::argsort(mask.ids_shuffle, /*stable=*/true, 1, /*descending=*/false);
  mask.ids_keep = mask.ids_shuffle.slice(1, 0, kept);
  mask.ids_remove = mask.ids_shuffle.slice(1, kept);
  mask.mask = mask.ids_restore.ge(kept).to(at::kFloat);
  return mask;
}

at::Tensor patchify(const at::Tensor& images, std::int64_t patch_size) {
  const std::int64_t batch = images.size(0), channels = images.size(1), p = patch_size;
  const std::int64_t rows = images.size(2) / p, columns = images.size(3) / p;
  return images.reshape({batch, channels, rows, p, columns, p})
      .permute({0, 2, 4, 3, 5, 1})
      .reshape({batch, rows * columns, p * p * channels});
}

at::Tensor unpatchify(const at::Tensor& patches, std::int64_t patch_size) {
  const std::int64_t batch = patches.size(0), p = patch_size, channels = patches.size(2) / (p * p);
  const auto grid = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(patches.size(1)))));
  return patches.reshape({batch, grid, grid, p, p, channels})
      .permute({0, 5, 1, 3, 2, 4})
      .reshape({batch, channels, grid * p, grid * p});
}

at::Tensor patches_to_pixels(const at::Tensor& patches, std::int64_t patch_size) {
  return unpatchify(patches.unsqueeze(-1).expand({-1, -1, patch_size * patch_size}), patch_size).squeeze(1);
}

at::Tensor reconstruction_target(const at::Tensor& images, std::int64_t patch_size, bool norm_pix_loss) {
  const at::Tensor target = patchify(images, patch_size);
  if (!norm_pix_loss) return target;
  const auto [mean, deviation] = patch_statistics(target);
  return (target - mean) / deviation;
}

at::Tensor picture_of_prediction(const at::Tensor& prediction, const at::Tensor& images, std::int64_t patch_size, bool norm_pix_loss) {
  if (!norm_pix_loss) return unpatchify(prediction, patch_size);
  const auto [mean, deviation] = patch_statistics(patchify(images, patch_size));
  return unpatchify(prediction * deviation + mean, patch_size);
}

at::Tensor reconstruction_error(const at::Tensor& prediction, const at::Tensor& target, const at::Tensor& mask) {
  const at::Tensor per_patch = (prediction - target).square().mean(-1);  // [B, L]
  return (per_patch * mask).sum(1) / mask.sum(1);
}

}  // namespace mimir
