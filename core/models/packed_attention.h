#pragma once

#include <ATen/core/Tensor.h>

namespace mimir {

/// Longest sequence that packed_attention() takes; beyond it libtorch's blocked kernel is the better one.
inline constexpr std::int64_t kPackedAttentionTokens = 256;

/// Whether packed_attention() can be used: fp32 on the CPU and no more than kPackedAttentionTokens.
bool can_pack_attention(const at::Tensor& qkv);

/// softmax(q k^T / sqrt(d)) v of every head, from the packed projections as a ViT's linear layer writes them:
/// qkv [B, T, 3 * heads * d] -> [B, T, heads * d]. Differentiable once. For the short sequences of small images it is
/// several times as fast as libtorch's fused kernel, above all backwards and with narrow heads, and copies nothing.
/// Results depend on the number of threads in nothing, on the CPU's instruction set in the last bits.
at::Tensor packed_attention(const at::Tensor& qkv, std::int64_t num_heads);

}  // namespace mimir
