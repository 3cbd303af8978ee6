#pragma once

#include "core/models/vit.h"

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

/// What a masked autoencoder makes of a batch.
struct Reconstruction {
  at::Tensor prediction;  ///< [B, L, 3pp], patches as patchify orders them, normalised if trained so
  at::Tensor latent;      ///< [B, 1+K, D] after the encoder's norm, class token included
};

/// Masked autoencoder of He et al. 2022 with MIMIR's sizes (published `mae_vit_*`). The position tables are
/// fixed sin-cos (parameters without gradient).
class MaskedAutoencoderImpl : public torch::nn::Module {
 public:
  explicit MaskedAutoencoderImpl(const VitOptions& options);
  /// images: [B, C, H, W]. Latent of the kept patches: [B, 1+K, D].
  at::Tensor encode(const at::Tensor& images, const PatchMask& mask, const ForwardContext& context = {});
  /// latent: [B, 1+K, D] -> [B, L, 3pp].
  at::Tensor decode(const at::Tensor& latent, const PatchMask& mask, const ForwardContext& context = {});
  Reconstruction forward(const at::Tensor& images, const PatchMask& mask, const ForwardContext& context = {});
  /// What reconstruction_error() is for decode()'s prediction, [B], without computing the patches that it leaves out.
  /// target: [B, L, 3pp].
  at::Tensor removed_error(const at::Tensor& latent, const PatchMask& mask, const at::Tensor& target, const ForwardContext& context = {});
  const VitOptions& options() const { return options_; }

  at::Tensor cls_token;          ///< [1, 1, D]
  at::Tensor pos_embed;          ///< [1, 1+L, D], frozen
  at::Tensor mask_token;         ///< [1, 1, d]
  at::Tensor decoder_pos_embed;  ///< [1, 1+L, d], frozen
  PatchEmbed patch_embed{nullptr};
  torch::nn::ModuleList blocks;
  LayerNorm norm{nullptr};
  Linear decoder_embed{nullptr};
  torch::nn::ModuleList decoder_blocks;
  LayerNorm decoder_norm{nullptr};
  Linear decoder_pred{nullptr};

 private:
  /// Tokens in the order class token, kept patches, removed patches; predictions of those from `first` on: [B, 1+L-first, 3pp].
  at::Tensor predict(const at::Tensor& latent, const PatchMask& mask, const ForwardContext& context, std::int64_t first);

  VitOptions options_;
};
TORCH_MODULE(MaskedAutoencoder);

/// Draws all trainable weights anew as published: Xavier-uniform, biases 0, tokens N(0, 0.02), the patch
/// embedding's bias left at the convolution's default. The same seed gives the same weights.
void initialise_masked_autoencoder(MaskedAutoencoderImpl& model, std::uint64_t seed);

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
