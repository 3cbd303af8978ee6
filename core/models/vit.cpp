#include "core/models/vit.h"

#include <torch/torch.h>

#include <cmath>

#include "core/models/fused_linear.h"
#include "core/models/initialisation.h"
#include "core/models/packed_attention.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

/// q, k, v: [B, heads, T, d]. The weights softmax(q k^T / sqrt(d)) in fp32 or wider: [B, heads, T, T].
at::Tensor attention_weights(const at::Tensor& q, const at::Tensor& k) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(-1)));
  const at::Tensor scores = at::matmul(q * scale, k.transpose(-2, -1));  // [B, heads, T, T]
  return scores.scalar_type() == at::kBFloat16 ? at::softmax(scores, -1, at::kFloat) : at::softmax(scores, -1);
}

/// [B, heads, T, d] -> [B, T, heads * d]
at::Tensor join_heads(const at::Tensor& x) { return x.transpose(1, 2).flatten(2); }

}  // namespace

AttentionImpl::AttentionImpl(std::int64_t dim, std::int64_t num_heads) : num_heads_(num_heads) {
  TORCH_CHECK(dim % num_heads == 0, "num_heads ", num_heads, " does not divide embed_dim ", dim);
  qkv = register_module("qkv", Linear(dim, 3 * dim));
  proj = register_module("proj", Linear(dim, dim));
}

std::array<at::Tensor, 3> AttentionImpl::split_heads(const at::Tensor& projections) const {
  const std::int64_t head_dim = projections.size(2) / 3 / num_heads_;
  const auto parts =
      projections.view({projections.size(0), projections.size(1), 3, num_heads_, head_dim}).permute({2, 0, 3, 1, 4}).unbind(0);
  return {parts[0], parts[1], parts[2]};  // [B, heads, T, d] each
}

at::Tensor AttentionImpl::attend(const at::Tensor& projections, const ForwardContext& context) const {
  if (can_pack_attention(projections)) return packed_attention(projections, num_heads_);
  const auto [q, k, v] = split_heads(projections);
  if (!context.bf16 || !q.is_cpu()) return join_heads(at::scaled_dot_product_attention(q, k, v));
  return join_heads(at::matmul(attention_weights(q, k).to(at::kBFloat16), v));
}

at::Tensor AttentionImpl::forward(const at::Tensor& x, const ForwardContext& context, std::int64_t first) {
  return proj->forward(attend(qkv->forward(x, context), context).slice(1, first), context);
}

std::pair<at::Tensor, at::Tensor> AttentionImpl::forward_with_weights(const at::Tensor& x, const ForwardContext& context) {
  const auto [q, k, v] = split_heads(qkv->forward(x, context));
  const at::Tensor weights = attention_weights(q, k);
  return {proj->forward(join_heads(at::matmul(weights, v)), context), weights};
}

MlpImpl::MlpImpl(std::int64_t dim, std::int64_t hidden) {
  fc1 = register_module("fc1", Linear(dim, hidden));
  fc2 = register_module("fc2", Linear(hidden, dim));
}

at::Tensor MlpImpl::forward(const at::Tensor& x, const ForwardContext& context) {
  if (!context.bf16 && can_fuse_linear(x)) {
    return fused_mlp(x, fc1->weight, fc1->bias, fc2->weight, fc2->bias);
  }
  return fc2->forward(at::gelu(fc1->forward(x, context)), context);
}

BlockImpl::BlockImpl(std::int64_t dim, std::int64_t num_heads, double mlp_ratio) {
  norm1 = register_module("norm1", LayerNorm(dim));
  attn = register_module("attn", Attention(dim, num_heads));
  norm2 = register_module("norm2", LayerNorm(dim));
  mlp = register_module("mlp", Mlp(dim, static_cast<std::int64_t>(static_cast<double>(dim) * mlp_ratio)));
}

at::Tensor BlockImpl::forward(const at::Tensor& x, const ForwardContext& context, const at::Tensor& drop_path, std::int64_t first) {
  check_cancelled(x, context);
  const at::Tensor attended = attn->forward(norm1->forward(x), context, first), kept = x.slice(1, first);
  if (!drop_path.defined()) {
    const at::Tensor y = kept + attended;
    check_cancelled(y, context);
    return y + mlp->forward(norm2->forward(y), context);
  }
  const at::Tensor factor = drop_path.view({2, -1, 1, 1});  // [2, B, 1, 1]
  const at::Tensor y = kept + attended * factor[0];
  check_cancelled(y, context);
  return y + mlp->forward(norm2->forward(y), context) * factor[1];
}

PatchEmbedImpl::PatchEmbedImpl(const VitOptions& options) : patch_size_(options.patch_size) {
  TORCH_CHECK(options.img_size % options.patch_size == 0, "patch_size ", options.patch_size, " does not divide img_size ",
              options.img_size);
  proj = register_module("proj", PatchProjection(options.in_chans, options.embed_dim, options.patch_size));
}

at::Tensor PatchEmbedImpl::forward(const at::Tensor& images, const ForwardContext& context, const at::Tensor& ids_keep) {
  const std::int64_t batch = images.size(0), channels = images.size(1), p = patch_size_;
  const std::int64_t rows = images.size(2) / p, columns = images.size(3) / p;
  at::Tensor patches = images.view({batch, channels, rows, p, columns, p})
                           .permute({0, 2, 4, 1, 3, 5})
                           .reshape({batch, rows * columns, channels * p * p});  // [B, L, Cpp], as the weight is laid out
  if (ids_keep.defined()) {
    patches = patches.gather(1, ids_keep.unsqueeze(-1).expand({-1, -1, patches.size(2)}));  // [B, K, Cpp]
  }
  const at::Tensor weight = proj->weight.flatten(1);  // [D, Cpp]
  if (!context.bf16) return can_fuse_linear(patches) ? fused_linear(patches, weight, proj->bias) : at::linear(patches, weight, proj->bias);
  return at::linear(patches.to(at::kBFloat16), weight.to(at::kBFloat16), proj->bias.to(at::kBFloat16));
}

VitClassifierImpl::VitClassifierImpl(const VitOptions& options) : options_(options) {
  cls_token = register_parameter("cls_token", torch::empty({1, 1, options.embed_dim}));
  pos_embed = register_parameter("pos_embed", torch::empty({1, 1 + options.num_patches(), options.embed_dim}));
  patch_embed = register_module("patch_embed", PatchEmbed(options));
  blocks = register_module("blocks", torch::nn::ModuleList());
  for (std::int64_t i = 0; i < options.depth; ++i) {
    blocks->push_back(Block(options.embed_dim, options.num_heads, options.mlp_ratio));
  }
  if (options.global_pool) fc_norm = register_module("fc_norm", LayerNorm(options.embed_dim));
  else norm = register_module("norm", LayerNorm(options.embed_dim));
  head = register_module("head", Linear(options.embed_dim, options.num_classes));
}

at::Tensor VitClassifierImpl::features(const at::Tensor& images, const ForwardContext& context) {
  TORCH_CHECK(images.size(2) == options_.img_size && images.size(3) == options_.img_size, "the model takes images of ",
              options_.img_size, " x ", options_.img_size, ", not ", images.size(2), " x ", images.size(3));
  const at::Tensor patches = patch_embed->forward(images, context, context.ids_keep);  // [B, L, D], or K of them
  at::Tensor positions = pos_embed;
  if (context.ids_keep.defined()) {
    const at::Tensor all = pos_embed.expand({images.size(0), -1, -1});
    positions = at::cat({all.slice(1, 0, 1), take_tokens(all.slice(1, 1), context.ids_keep)}, 1);
  }
  at::Tensor x = at::cat({cls_token.expand({images.size(0), -1, -1}), patches.to(cls_token.scalar_type())}, 1) + positions;
  for (std::int64_t i = 0; i < options_.depth; ++i) {
    const at::Tensor drop_path = context.drop_path.defined() ? context.drop_path.narrow(0, 2 * i, 2) : at::Tensor();
    x = blocks[i]->as<Block>()->forward(x, context, drop_path);
  }
  return x;  // [B, 1+L, D], or 1+K
}

at::Tensor VitClassifierImpl::pre_logits(const at::Tensor& features) {
  if (!options_.global_pool) return norm->forward(features).select(1, 0);
  return fc_norm->forward(features.slice(1, 1).mean(1));
}

at::Tensor VitClassifierImpl::forward(const at::Tensor& images, const ForwardContext& context) {
  return at::linear(pre_logits(features(images, context)), head->weight, head->bias);
}

void initialise_classifier(VitClassifierImpl& model, std::uint64_t seed) {
  at::NoGradGuard no_grad;
  Initialiser initialise(seed);
  for (const auto& parameter : model.named_parameters()) {
    const std::string& name = parameter.key();
    at::Tensor tensor = parameter.value();
    if (name == "cls_token") initialise.normal(tensor, 1e-6);
    else if (name == "pos_embed") initialise.normal(tensor, 0.02);
    else if (name.starts_with("patch_embed.")) initialise.uniform(tensor, convolution_bound(model.options()));
    else if (is_norm(name)) initialise.constant(tensor, name.ends_with(".weight") ? 1 : 0);
    else if (name.ends_with(".bias")) initialise.constant(tensor, 0);
    else initialise.normal(tensor, 0.02);
  }
}

at::Tensor draw_drop_path(const Draws& draws, std::uint32_t step, std::span<const std::int64_t> ids, std::int64_t depth,
                          double rate) {
  if (rate == 0) return {};
  const at::Tensor drop = at::linspace(0, rate, depth, at::kFloat).repeat_interleave(2).unsqueeze(1);  // [2 depth, 1]
  const at::Tensor noise = draw_uniform(draws, {Purpose::drop_path, step}, ids, {2 * depth}).t();      // [2 depth, B]
  return (noise >= drop).to(at::kFloat) / (1 - drop);
}

}  // namespace mimir
