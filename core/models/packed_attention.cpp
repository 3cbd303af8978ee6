#include "core/models/packed_attention.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include "core/models/cpu_kernels.h"

namespace mimir {
namespace {

using Pass = void (*)(const AttentionArrays&, long, long, float*);

void run(Pass pass, const AttentionArrays& arrays) {
  at::parallel_for(0, arrays.batch * arrays.heads, 8, [&](std::int64_t begin, std::int64_t end) {
    const at::Tensor scratch = at::empty({cpu_kernels().attention_scratch_floats(arrays.tokens, arrays.head_dim)}, at::kFloat);  // aligned to 64 bytes
    pass(arrays, begin, end, scratch.data_ptr<float>());
  });
}

struct PackedAttention : torch::autograd::Function<PackedAttention> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& packed, std::int64_t num_heads) {
    const at::Tensor qkv = packed.contiguous();
    const std::int64_t batch = qkv.size(0), tokens = qkv.size(1), dim = qkv.size(2) / 3;
    const at::Tensor out = at::empty({batch, tokens, dim}, qkv.options());
    const at::Tensor log_sum = at::empty({batch, num_heads, tokens}, qkv.options());
    run(cpu_kernels().attention_forward, {batch, tokens, num_heads, dim / num_heads, qkv.const_data_ptr<float>(), out.data_ptr<float>(),
                           log_sum.data_ptr<float>(), nullptr, nullptr});
    context->save_for_backward({qkv, out, log_sum});
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &qkv = saved[0], &out = saved[1], &log_sum = saved[2];
    const at::Tensor out_gradient = gradients[0].contiguous();
    const at::Tensor qkv_gradient = at::empty_like(qkv);
    const std::int64_t num_heads = log_sum.size(1);
    run(cpu_kernels().attention_backward, {qkv.size(0), qkv.size(1), num_heads, out.size(2) / num_heads, qkv.const_data_ptr<float>(),
                            out.data_ptr<float>(), log_sum.data_ptr<float>(), out_gradient.const_data_ptr<float>(),
                            qkv_gradient.data_ptr<float>()});
    return {qkv_gradient, at::Tensor()};
  }
};

}  // namespace

bool can_pack_attention(const at::Tensor& qkv) {
  return qkv.device().is_cpu() && qkv.scalar_type() == at::kFloat && qkv.size(1) <= kPackedAttentionTokens;
}

at::Tensor packed_attention(const at::Tensor& qkv, std::int64_t num_heads) { return PackedAttention::apply(qkv, num_heads); }

}  // namespace mimir
