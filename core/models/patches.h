#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace mimir {

/// Which patches the encoder sees. Masks: 0 keep, 1 remove.
struct PatchMask {
  at::Tensor ids_shuffle;  ///< [B, L] int64, patches in the order of their noise
  at::Tensor ids_restore;  ///< [B, L] int64, its inverse
  at::Tensor ids_keep;     ///< [B, K] int64, the first K of ids_shuffle
  at::Tensor ids_remove;   ///< [B, L-K] int64, the others
  at::Tensor mask;         ///< [B, L] fp32, in image order
};

/// noise: [B, L]. K = int(L (1 - mask_ratio)), truncated from double as published (L = 100, 0.9 -> 9).
PatchMask make_patch_mask(const at::Tensor& noise, double mask_ratio);

/// [B, C, H, W] -> [B, L, ppC]: channel fastest, then column, then row.
at::Tensor patchify(const at::Tensor& images, std::int64_t patch_size);
/// The inverse; square grids.
at::Tensor unpatchify(const at::Tensor& patches, std::int64_t patch_size);
/// One value a patch, spread over its pixels: [N, L] -> [N, X, X].
at::Tensor patches_to_pixels(const at::Tensor& patches, std::int64_t patch_size);

/// What the prediction is compared with: patchify, and with norm_pix_loss each patch
/// (t - mean) / sqrt(unbiased variance + 1e-6).
at::Tensor reconstruction_target(const at::Tensor& images, std::int64_t patch_size, bool norm_pix_loss);
/// The inverse, for showing: prediction [N, L, ppC] -> [N, C, X, X], not clamped. norm_pix_loss takes mean and variance of
/// the patches of `images`, the ground truth.
at::Tensor picture_of_prediction(const at::Tensor& prediction, const at::Tensor& images, std::int64_t patch_size, bool norm_pix_loss);

/// Mean squared error of the removed patches of each image: [B]. Its mean is the published loss, for every
/// image has the same number of removed patches.
at::Tensor reconstruction_error(const at::Tensor& prediction, const at::Tensor& target, const at::Tensor& mask);

}  // namespace mimir
