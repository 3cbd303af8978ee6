#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <string>

#include "core/base/draws.h"
#include "core/base/error.h"
#include "core/models/masked_autoencoder.h"

namespace mimir {

// What a masked autoencoder makes of pictures with a chosen mask. N pictures, L patches, side X; masks: 1 removed, 0 kept.

enum class MaskKind {
  random,  ///< each patch by a number of its own
  block,   ///< one square around a drawn place
  grid,    ///< evenly spread
};
Expected<MaskKind> parse_mask_kind(const std::string& name);

/// Removes ⌈…⌉ as training does: L - int(L (1 - ratio)) patches. The mask of a larger ratio contains that of a smaller one. Random
/// masks with a run's own seed are those of its probe.
PatchMask draw_mask(MaskKind kind, double ratio, const Draws& draws, std::span<const std::int64_t> ids, std::int64_t grid);

/// removed: [N, L], anything but 0 is removed; every row must remove equally many (TORCH_CHECK).
PatchMask given_mask(const at::Tensor& removed);

struct ReconstructionView {
  at::Tensor reconstruction;  ///< [N, C, X, X] all patches as predicted: neither pasted nor clamped
  at::Tensor error;           ///< [N, X, X] squared, mean over channels
  at::Tensor loss;            ///< [N] training's error of the removed patches against `clean`; NaN if none is removed
  // [N] fp64 over the pixels of removed or of visible patches, NaN where there are none
  at::Tensor error_masked;
  at::Tensor error_visible;
  // [N] fp64 of the whole picture, and of the removed patches
  at::Tensor psnr;  ///< dB, inf if equal
  at::Tensor ssim;
  at::Tensor psnr_masked;
  at::Tensor ssim_masked;
};

/// input: what the encoder sees (clean or adversarial); clean: what it is held against. With norm_pix_loss the prediction is
/// shown with mean and variance of each true patch.
ReconstructionView reconstruct(MaskedAutoencoderImpl& model, const at::Tensor& input, const at::Tensor& clean, const PatchMask& mask,
                               bool norm_pix_loss, const ForwardContext& context = {});

/// Structural similarity, Wang et al. 2004: Gaussian window of 11 x 11 (or the largest odd one that fits), sigma 1.5, K1 0.01, K2 0.03,
/// range 1, windows at the border over the pixels they have; mean over channels. [N, C, X, X] twice -> [N, X, X] fp64.
at::Tensor ssim_map(const at::Tensor& a, const at::Tensor& b);

}  // namespace mimir
