#include "core/models/masked_autoencoder.h"

#include <torch/torch.h>

#include <cmath>

#include "core/models/initialisation.h"
#include "core/models/position_embedding.h"

namespace mimir {

MaskedAutoencoderImpl::MaskedAutoencoderImpl(const VitOptions& options) : options_(options) {
  const std::int64_t dim = options.embed_dim, decoder_dim = options.decoder_embed_dim;
  cls_token = register_parameter("cls_token", torch::empty({1, 1, dim}));
  pos_embed = register_parameter("pos_embed", sincos_position_embedding(dim, options.grid(), true).to(at::kFloat).unsqueeze(0),
                                 /*requires_grad=*/false);
  mask_token = register_parameter("mask_token", torch::empty({1, 1, decoder_dim}));
  decoder_pos_embed = register_parameter(
      "decoder_pos_embed", sincos_position_embedding(decoder_dim, options.grid(), true).to(at::kFloat).unsqueeze(0),
      /*requires_grad=*/false);
  patch_embed = register_module("patch_embed", PatchEmbed(options));
  blocks = register_module("blocks", torch::nn::ModuleList());
  for (std::int64_t i = 0; i < options.depth; ++i) blocks->push_back(Block(dim, options.num_heads, options.mlp_ratio));
  norm = register_module("norm", LayerNorm(dim));
  decoder_embed = register_module("decoder_embed", Linear(dim, decoder_dim));
  decoder_blocks = register_module("decoder_blocks", torch::nn::ModuleList());
  for (std::int64_t i = 0; i < options.decoder_depth; ++i) {
    decoder_blocks->push_back(Block(decoder_dim, options.decoder_num_heads, options.mlp_ratio));
  }
  decoder_norm = register_module("decoder_norm", LayerNorm(decoder_dim));
  decoder_pred = register_module("decoder_pred", Linear(decoder_dim, options.patch_dim()));
}

at::Tensor MaskedAutoencoderImpl::encode(const at::Tensor& images, const PatchMask& mask, const ForwardContext& context) {
  const std::int64_t batch = images.size(0);
  const at::Tensor positions = take_tokens(pos_embed.slice(1, 1).expand({batch, -1, -1}), mask.ids_keep);  // [B, K, D]
  const at::Tensor visible = patch_embed->forward(images, context, mask.ids_keep) + positions;             // [B, K, D]
  const at::Tensor token = (cls_token + pos_embed.slice(1, 0, 1)).expand({batch, -1, -1});
  at::Tensor x = at::cat({token, visible}, 1);  // [B, 1+K, D]
  for (const auto& block : *blocks) x = block->as<Block>()->forward(x, context);
  return norm->forward(x);
}

at::Tensor MaskedAutoencoderImpl::predict(const at::Tensor& latent, const PatchMask& mask, const ForwardContext& context, std::int64_t first) {
  const std::int64_t batch = latent.size(0), removed = mask.ids_remove.size(1);
  const at::Tensor embedded = decoder_embed->forward(latent, context).to(mask_token.scalar_type());  // [B, 1+K, d]
  // The published code puts the tokens back into the image's order; attention does not look at it.
  const at::Tensor positions = decoder_pos_embed.expand({batch, -1, -1});
  const at::Tensor shuffled = at::cat({positions.slice(1, 0, 1), take_tokens(positions.slice(1, 1), mask.ids_shuffle)}, 1);
  at::Tensor x = at::cat({embedded, mask_token.expand({batch, removed, -1})}, 1) + shuffled;  // [B, 1+L, d]
  for (std::int64_t i = 0; i < options_.decoder_depth; ++i) {
    const bool last = i + 1 == options_.decoder_depth;
    x = decoder_blocks[static_cast<std::size_t>(i)]->as<Block>()->forward(x, context, {}, last ? first : 0);
  }
  return decoder_pred->forward(decoder_norm->forward(x), context).to(latent.scalar_type());
}

at::Tensor MaskedAutoencoderImpl::decode(const at::Tensor& latent, const PatchMask& mask, const ForwardContext& context) {
  return take_tokens(predict(latent, mask, context, 1), mask.ids_restore);
}

at::Tensor MaskedAutoencoderImpl::removed_error(const at::Tensor& latent, const PatchMask& mask, const at::Tensor& target, const ForwardContext& context) {
  const at::Tensor prediction = predict(latent, mask, context, latent.size(1));  // [B, L-K, 3pp]
  return (prediction - take_tokens(target, mask.ids_remove)).square().mean({1, 2});
}

Reconstruction MaskedAutoencoderImpl::forward(const at::Tensor& images, const PatchMask& mask, const ForwardContext& context) {
  const at::Tensor latent = encode(images, mask, context);
  return {decode(latent, mask, context), latent};
}

void initialise_masked_autoencoder(MaskedAutoencoderImpl& model, std::uint64_t seed) {
  at::NoGradGuard no_grad;
  Initialiser initialise(seed);
  for (const auto& parameter : model.named_parameters()) {
    const std::string& name = parameter.key();
    at::Tensor tensor = parameter.value();
    if (!tensor.requires_grad()) continue;
    if (name == "cls_token" || name == "mask_token") initialise.normal(tensor, 0.02);
    else if (name == "patch_embed.proj.bias") initialise.uniform(tensor, convolution_bound(model.options()));
    else if (is_norm(name)) initialise.constant(tensor, name.ends_with(".weight") ? 1 : 0);
    else if (name.ends_with(".bias")) initialise.constant(tensor, 0);
    else {
      const at::Tensor matrix = tensor.flatten(1);  // Xavier: the patch projection counts as [D, 3pp]
      initialise.uniform(tensor, std::sqrt(6.0 / static_cast<double>(matrix.size(0) + matrix.size(1))));
    }
  }
}

}  // namespace mimir
