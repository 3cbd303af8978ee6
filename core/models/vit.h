#pragma once

#include <torch/nn/modules/container/modulelist.h>

#include <array>
#include <span>
#include <utility>

#include "core/base/draws.h"
#include "core/models/layers.h"

namespace mimir {

/// Sizes of a ViT and of the masked autoencoder around it. All are resolved: none is 0.
struct VitOptions {
  std::int64_t img_size = 32;
  std::int64_t patch_size = 4;
  std::int64_t in_chans = 3;
  std::int64_t embed_dim = 192;
  std::int64_t depth = 12;
  std::int64_t num_heads = 3;
  double mlp_ratio = 4;
  std::int64_t num_classes = 10;
  bool global_pool = true;  ///< classifier: mean of the patch tokens and fc_norm; else norm and class token
  std::int64_t decoder_embed_dim = 128;
  std::int64_t decoder_depth = 2;
  std::int64_t decoder_num_heads = 16;

  std::int64_t grid() const { return img_size / patch_size; }
  std::int64_t num_patches() const { return grid() * grid(); }        ///< L
  std::int64_t patch_dim() const { return in_chans * patch_size * patch_size; }
  bool operator==(const VitOptions&) const = default;
};

// timm 0.9.7 names its members so; state-dict keys follow from them.

/// Multi-head self-attention with one qkv projection.
class AttentionImpl : public torch::nn::Module {
 public:
  AttentionImpl(std::int64_t dim, std::int64_t num_heads);
  /// x: [B, T, D] -> [B, T - first, D]: what the tokens from `first` on take from all. In fp32 packed_attention() or
  /// libtorch's fused kernel; in bf16 on a CPU the written-out product, since libtorch's fused backward is slow there.
  at::Tensor forward(const at::Tensor& x, const ForwardContext& context, std::int64_t first = 0);
  /// The same result by the written-out product, with the weights softmax(q k^T / sqrt(d)): [B, heads, T, T].
  std::pair<at::Tensor, at::Tensor> forward_with_weights(const at::Tensor& x, const ForwardContext& context);

  Linear qkv{nullptr};
  Linear proj{nullptr};

 private:
  at::Tensor attend(const at::Tensor& projections, const ForwardContext& context) const;
  /// projections: [B, T, 3D] -> q, k and v: [B, heads, T, d] each.
  std::array<at::Tensor, 3> split_heads(const at::Tensor& projections) const;

  std::int64_t num_heads_;
};
TORCH_MODULE(Attention);

class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(std::int64_t dim, std::int64_t hidden);
  at::Tensor forward(const at::Tensor& x, const ForwardContext& context);

  Linear fc1{nullptr};
  Linear fc2{nullptr};
};
TORCH_MODULE(Mlp);

/// Pre-norm transformer block: x += attn(norm1(x)); x += mlp(norm2(x)).
class BlockImpl : public torch::nn::Module {
 public:
  BlockImpl(std::int64_t dim, std::int64_t num_heads, double mlp_ratio);
  /// drop_path: [2, B] factors of the two branches, or undefined. With `first` only the tokens from there on are
  /// computed, from all of x: [B, T, D] -> [B, T - first, D].
  at::Tensor forward(const at::Tensor& x, const ForwardContext& context, const at::Tensor& drop_path = {}, std::int64_t first = 0);

  LayerNorm norm1{nullptr};
  Attention attn{nullptr};
  LayerNorm norm2{nullptr};
  Mlp mlp{nullptr};
};
TORCH_MODULE(Block);

class PatchEmbedImpl : public torch::nn::Module {
 public:
  explicit PatchEmbedImpl(const VitOptions& options);
  /// images: [B, C, H, W] -> [B, L, D], row-major patches. With ids_keep [B, K] only those: [B, K, D].
  at::Tensor forward(const at::Tensor& images, const ForwardContext& context, const at::Tensor& ids_keep = {});

  PatchProjection proj{nullptr};

 private:
  std::int64_t patch_size_;
};
TORCH_MODULE(PatchEmbed);

/// MIMIR's classifier (published `vit_*`): timm's ViT with a trainable position embedding.
class VitClassifierImpl : public ClassifierImpl {
 public:
  explicit VitClassifierImpl(const VitOptions& options);
  at::Tensor forward(const at::Tensor& images, const ForwardContext& context = {}) override;
  at::Tensor features(const at::Tensor& images, const ForwardContext& context = {}) override;
  /// features [B, 1+L, D] -> what the head sees: [B, D].
  at::Tensor pre_logits(const at::Tensor& features);
  std::int64_t num_classes() const override { return options_.num_classes; }
  const VitOptions& options() const { return options_; }

  at::Tensor cls_token;  ///< [1, 1, D]
  at::Tensor pos_embed;  ///< [1, 1+L, D]
  PatchEmbed patch_embed{nullptr};
  torch::nn::ModuleList blocks;
  LayerNorm norm{nullptr};     ///< without global_pool
  LayerNorm fc_norm{nullptr};  ///< with global_pool
  Linear head{nullptr};

 private:
  VitOptions options_;
};
TORCH_MODULE(VitClassifier);

/// Draws all weights anew by timm's defaults (Linear and pos_embed N(0, 0.02) truncated at ±2, cls N(0, 1e-6),
/// patch convolution as PyTorch does). The same seed gives the same weights.
void initialise_classifier(VitClassifierImpl& model, std::uint64_t seed);

/// Draws for the residual branches of one batch: linspace(0, rate, depth) per block, both branches, per image;
/// kept branches are divided by the keep probability. [2 * depth, B]; undefined if rate is 0.
at::Tensor draw_drop_path(const Draws& draws, std::uint32_t step, std::span<const std::int64_t> ids, std::int64_t depth,
                          double rate);

}  // namespace mimir
