#pragma once

#include "core/models/patches.h"
#include "core/models/vit.h"

namespace mimir {

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

}  // namespace mimir
