#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "core/base/error.h"
#include "core/models/masked_autoencoder.h"
#include "core/models/vit.h"

namespace mimir {

// What a ViT's attention shows. Attention alone is not importance: faithfulness.h tests a map. Below B images, D layers,
// H heads, T tokens of which the first kPrefixTokens are no patches, L patches; arithmetic follows the images' dtype.

inline constexpr std::int64_t kPrefixTokens = 1;  ///< the class token

/// What the encoder does with a batch, by the path that returns its weights.
struct AttentionPass {
  std::vector<at::Tensor> attention;  ///< of each layer: [B, H, T, T], rows sum to 1
  std::vector<at::Tensor> tokens;     ///< after each layer: [B, T, width]
  at::Tensor logits;                  ///< [B, K]; undefined where there is no head
};

enum class Graph {
  drop,  ///< numbers only
  keep,  ///< attention_gradients() can be asked; takes the memory of a training step
};

/// Looks at context.stop before every half of a block. The model's gradients are left as found.
AttentionPass attention_pass(VitClassifierImpl& model, const at::Tensor& images, const ForwardContext& context = {},
                             Graph graph = Graph::drop);
/// All patches visible.
AttentionPass attention_pass(MaskedAutoencoderImpl& model, const at::Tensor& images, const ForwardContext& context = {});

/// d logits[b, classes[b]] / d attention, of each layer: [B, H, T, T]. classes: [B] int64. Of a pass that kept its graph;
/// the graph is freed. In a mean-pooled model the class token's row of the last layer is exactly 0.
std::vector<at::Tensor> attention_gradients(const AttentionPass& pass, const at::Tensor& classes);

/// How the head reads the tokens: 1/L on the patches (mean of the patches), or 1 on the class token. [T]
at::Tensor readout_vector(bool mean_of_patches, std::int64_t tokens, const at::TensorOptions& options);

/// readoutᵀ matrix on the patches, not renormalised: [B, T, T] or [B, H, T, T] -> [B, L] or [B, H, L].
at::Tensor patch_map(const at::Tensor& matrix, const at::Tensor& readout);

enum class Fusion { mean, max, min };
Expected<Fusion> parse_fusion(const std::string& name);

/// Attention rollout, Abnar & Zuidema 2020 (arXiv:2005.00928), Sec. 3: heads are fused, a = (A + I) / 2, each row
/// divided by its own sum, a_D … a_1. [B, T, T]. Of each image and layer the ⌊discard T²⌋ smallest fused entries become 0,
/// except in column 0 (attention paid to the prefix); a stable order decides between equal ones. The code most in use
/// counts positions of the first image only and divides columns by the sums of rows; this does neither.
at::Tensor attention_rollout(const std::vector<at::Tensor>& attention, Fusion fusion, double discard);

/// The rollout with mean over heads of relu(gradient * attention) in place of the fused attention. [B, T, T]
at::Tensor gradient_rollout(const std::vector<at::Tensor>& attention, const std::vector<at::Tensor>& gradients);

/// Relevance, Chefer et al. ICCV 2021 (arXiv:2103.15679), Eq. 5 and 6: R = I, R += C_l R from the first layer to the last,
/// C_l = mean over heads of relu(gradient * attention). [B, T, T]
at::Tensor relevance(const std::vector<at::Tensor>& attention, const std::vector<at::Tensor>& gradients);

/// What each layer's tokens would answer through the final pooling, norm and head: [D, B, K].
at::Tensor layer_logits(VitClassifierImpl& model, const AttentionPass& pass);

/// Cosine of all pairs of tokens after each layer: [D, B, T, T].
at::Tensor token_similarity(const AttentionPass& pass);

/// Mean over the query rows of a row's entropy, nats: [B, D, H].
at::Tensor head_entropy(const std::vector<at::Tensor>& attention);

/// How far two passes over the same images (clean, adversarial) are apart. [B, D, H] each but for cka.
struct AttentionDistance {
  at::Tensor total_variation;  ///< mean over query rows of half the L1 distance: 0 to 1
  at::Tensor frobenius;        ///< norm of the difference
  at::Tensor jensen_shannon;   ///< mean over query rows, bits: 0 to 1
  at::Tensor cosine;           ///< mean over query rows: 0 to 1
  at::Tensor cka;              ///< [B, D] linear CKA of the tokens, Kornblith et al. 2019, Eq. 4, in double: 1 = same up to
                               ///< rotation and scale
};
AttentionDistance attention_distance(const AttentionPass& clean, const AttentionPass& adversarial);

}  // namespace mimir
