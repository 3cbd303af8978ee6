#include "core/inspection/attention.h"

#include <torch/torch.h>

#include <cmath>

namespace mimir {
namespace {

/// x: [B, T, width], the embedded tokens.
AttentionPass run_blocks(torch::nn::ModuleList& blocks, at::Tensor x, const ForwardContext& context) {
  AttentionPass pass;
  for (const auto& module : *blocks) {
    auto* block = module->as<Block>();
    check_cancelled(x, context);
    const auto [attended, weights] = block->attn->forward_with_weights(block->norm1->forward(x), context);
    const at::Tensor y = x + attended;
    check_cancelled(y, context);
    x = y + block->mlp->forward(block->norm2->forward(y), context);
    pass.attention.push_back(weights);
    pass.tokens.push_back(x);
  }
  return pass;
}

template <typename Model>
at::Tensor embed(Model& model, const at::Tensor& images, const ForwardContext& context) {
  const at::Tensor patches = model.patch_embed->forward(images, context);  // [B, L, width]
  return at::cat({model.cls_token.expand({images.size(0), -1, -1}), patches}, 1) + model.pos_embed;  // [B, T, width]
}

void check_size(const VitOptions& options, const at::Tensor& images) {
  TORCH_CHECK(images.dim() == 4 && images.size(2) == options.img_size && images.size(3) == options.img_size,
              "the model takes images of ", options.img_size, " x ", options.img_size);
}

at::Tensor identity(const at::Tensor& like) { return at::eye(like.size(-1), like.options()); }

/// layers: [B, T, T] each, first to last.
at::Tensor roll(const std::vector<at::Tensor>& layers) {
  at::Tensor result;
  for (const at::Tensor& layer : layers) {
    at::Tensor a = (layer + identity(layer)) / 2;
    a = a / a.sum(-1, /*keepdim=*/true);
    result = result.defined() ? at::matmul(a, result) : a;
  }
  return result;
}

at::Tensor discard_smallest(const at::Tensor& fused, double ratio) {
  const std::int64_t tokens = fused.size(-1);
  const auto count = static_cast<std::int64_t>(std::floor(ratio * static_cast<double>(tokens * tokens)));
  if (count == 0) return fused;
  const at::Tensor smallest = at::argsort(fused.flatten(1), /*stable=*/true, 1, /*descending=*/false).slice(1, 0, count);
  const at::Tensor removed = at::zeros({fused.size(0), tokens * tokens}, fused.options().dtype(at::kBool))
                                 .scatter(1, smallest, true)
                                 .view(fused.sizes());
  removed.select(2, 0).fill_(false);
  return fused.masked_fill(removed, 0);
}

/// mean over heads of relu(gradient * attention): [B, T, T] of each layer.
std::vector<at::Tensor> weighted(const std::vector<at::Tensor>& attention, const std::vector<at::Tensor>& gradients) {
  TORCH_CHECK(attention.size() == gradients.size(), "one gradient for each layer's attention");
  std::vector<at::Tensor> layers;
  for (std::size_t l = 0; l < attention.size(); ++l) layers.push_back((gradients[l] * attention[l]).relu().mean(1));
  return layers;
}

/// a, b: [B, T, width], tokens as samples -> [B].
at::Tensor linear_cka(const at::Tensor& a, const at::Tensor& b) {
  const auto centred = [](const at::Tensor& x) {
    const at::Tensor wide = x.to(at::kDouble);
    return wide - wide.mean(1, /*keepdim=*/true);
  };
  const at::Tensor x = centred(a), y = centred(b);
  // Gram matrices over the tokens are the smaller ones: |YᵀX|² = <XXᵀ, YYᵀ>.
  const at::Tensor gram_x = at::matmul(x, x.transpose(1, 2)), gram_y = at::matmul(y, y.transpose(1, 2));  // [B, T, T]
  const auto inner = [](const at::Tensor& p, const at::Tensor& q) { return (p * q).sum({1, 2}); };
  return inner(gram_x, gram_y) / (inner(gram_x, gram_x) * inner(gram_y, gram_y)).sqrt();
}

}  // namespace

AttentionPass attention_pass(VitClassifierImpl& model, const at::Tensor& images, const ForwardContext& context, Graph graph) {
  check_size(model.options(), images);
  at::AutoGradMode mode(graph == Graph::keep);
  at::Tensor x = embed(model, images, context).detach();
  if (graph == Graph::keep) x.requires_grad_();  // also where the parameters need none
  AttentionPass pass = run_blocks(model.blocks, x, context);
  pass.logits = at::linear(model.pre_logits(pass.tokens.back()), model.head->weight, model.head->bias);
  return pass;
}

AttentionPass attention_pass(MaskedAutoencoderImpl& model, const at::Tensor& images, const ForwardContext& context) {
  check_size(model.options(), images);
  at::NoGradGuard no_grad;
  return run_blocks(model.blocks, embed(model, images, context), context);
}

std::vector<at::Tensor> attention_gradients(const AttentionPass& pass, const at::Tensor& classes) {
  TORCH_CHECK(pass.logits.defined() && pass.logits.requires_grad(), "the pass has kept no graph of a classifier");
  const at::Tensor chosen = pass.logits.gather(1, classes.unsqueeze(1)).sum();  // images do not meet: a sum is all of them
  return torch::autograd::grad({chosen}, pass.attention);
}

at::Tensor readout_vector(bool mean_of_patches, std::int64_t tokens, const at::TensorOptions& options) {
  at::Tensor readout = at::zeros({tokens}, options);
  if (mean_of_patches) readout.slice(0, kPrefixTokens).fill_(1.0 / static_cast<double>(tokens - kPrefixTokens));
  else readout[0] = 1;
  return readout;
}

at::Tensor patch_map(const at::Tensor& matrix, const at::Tensor& readout) {
  return at::matmul(readout, matrix).slice(-1, kPrefixTokens);
}

Expected<Fusion> parse_fusion(const std::string& name) {
  if (name == "mean") return Fusion::mean;
  if (name == "max") return Fusion::max;
  if (name == "min") return Fusion::min;
  return fail(ErrorCode::usage, "there is no fusion of heads \"{}\": take mean, max or min", name);
}

at::Tensor attention_rollout(const std::vector<at::Tensor>& attention, Fusion fusion, double discard) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> layers;
  for (const at::Tensor& weights : attention) {
    const at::Tensor fused = fusion == Fusion::mean ? weights.mean(1) : fusion == Fusion::max ? weights.amax(1) : weights.amin(1);
    layers.push_back(discard_smallest(fused, discard));  // [B, T, T]
  }
  return roll(layers);
}

at::Tensor gradient_rollout(const std::vector<at::Tensor>& attention, const std::vector<at::Tensor>& gradients) {
  at::NoGradGuard no_grad;
  return roll(weighted(attention, gradients));
}

at::Tensor relevance(const std::vector<at::Tensor>& attention, const std::vector<at::Tensor>& gradients) {
  at::NoGradGuard no_grad;
  const std::vector<at::Tensor> layers = weighted(attention, gradients);
  at::Tensor result = identity(layers.front()).expand_as(layers.front());
  for (const at::Tensor& layer : layers) result = result + at::matmul(layer, result);
  return result;
}

at::Tensor layer_logits(VitClassifierImpl& model, const AttentionPass& pass) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> answers;
  for (const at::Tensor& tokens : pass.tokens) answers.push_back(at::linear(model.pre_logits(tokens), model.head->weight, model.head->bias));
  return at::stack(answers);
}

at::Tensor token_similarity(const AttentionPass& pass) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> layers;
  for (const at::Tensor& tokens : pass.tokens) {
    const at::Tensor direction = tokens / at::linalg_vector_norm(tokens, 2, {-1}, /*keepdim=*/true).clamp_min(1e-12);
    layers.push_back(at::matmul(direction, direction.transpose(1, 2)));
  }
  return at::stack(layers);
}

at::Tensor head_entropy(const std::vector<at::Tensor>& attention) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> layers;
  for (const at::Tensor& a : attention) layers.push_back(-at::xlogy(a, a).sum(-1).mean(-1));  // [B, H]
  return at::stack(layers, 1);
}

AttentionDistance attention_distance(const AttentionPass& clean, const AttentionPass& adversarial) {
  at::NoGradGuard no_grad;
  TORCH_CHECK(clean.attention.size() == adversarial.attention.size(), "the passes are of one model");
  std::vector<at::Tensor> variation, frobenius, divergence, cosine, cka;
  for (std::size_t l = 0; l < clean.attention.size(); ++l) {
    const at::Tensor &a = clean.attention[l], &b = adversarial.attention[l];  // [B, H, T, T]
    const at::Tensor middle = (a + b) / 2;
    variation.push_back((a - b).abs().sum(-1).mean(-1) / 2);
    frobenius.push_back(at::linalg_vector_norm(a - b, 2, {-2, -1}));
    const at::Tensor nats = (at::xlogy(a, a) + at::xlogy(b, b)) / 2 - at::xlogy(middle, middle);
    divergence.push_back((nats.sum(-1).mean(-1) / std::log(2.0)).clamp(0, 1));
    cosine.push_back(at::cosine_similarity(a, b, -1).mean(-1));
    cka.push_back(linear_cka(clean.tokens[l], adversarial.tokens[l]));
  }
  return {at::stack(variation, 1), at::stack(frobenius, 1), at::stack(divergence, 1), at::stack(cosine, 1), at::stack(cka, 1)};
}

}  // namespace mimir
