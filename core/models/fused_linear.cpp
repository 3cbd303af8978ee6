#include "core/models/fused_linear.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include "core/models/cpu_kernels.h"

namespace mimir {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kFewestHeadRows = 256;  ///< of a head, [N, D]: its few columns gain less than those of tokens [B, T, D]
constexpr std::int64_t kDeepest = 1536;        ///< beyond, a library's product is the faster one
constexpr std::int64_t kGrain = 96;            ///< rows of a thread

/// rows [N, depth], contiguous, times matrix [depth, columns]; the others as in ProductArrays.
at::Tensor product(const at::Tensor& rows, const at::Tensor& matrix, Finish finish = Finish::none, const at::Tensor& bias = {},
                   const at::Tensor& derivative = {}) {
  const CpuKernels& kernels = cpu_kernels();
  const std::int64_t depth = matrix.size(0), columns = matrix.size(1);
  if (depth > kDeepest && finish == Finish::none) return at::mm(rows, matrix);
  if (depth > kDeepest && finish == Finish::bias) return at::addmm(bias, rows, matrix);
  const at::Tensor packed = at::empty({kernels.packed_floats(depth, columns)}, rows.options());
  kernels.pack(matrix.const_data_ptr<float>(), matrix.stride(0), matrix.stride(1), depth, columns, packed.data_ptr<float>());
  const at::Tensor out = at::empty({rows.size(0), columns}, rows.options());
  const ProductArrays arrays{rows.const_data_ptr<float>(), packed.const_data_ptr<float>(), out.data_ptr<float>(), depth, columns, finish,
                             bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                             derivative.defined() ? derivative.data_ptr<float>() : nullptr};
  at::parallel_for(0, rows.size(0), kGrain, [&](std::int64_t begin, std::int64_t end) { kernels.multiply_packed(arrays, begin, end); });
  return out;
}

/// [..., in] -> [N, in], contiguous
at::Tensor as_rows(const at::Tensor& x) { return x.reshape({-1, x.size(-1)}).contiguous(); }

/// [N, out] -> [..., out], with the leading sizes of `like`
at::Tensor as_tokens(const at::Tensor& rows, const at::Tensor& like) {
  std::vector<std::int64_t> sizes = like.sizes().vec();
  sizes.back() = rows.size(1);
  return rows.view(sizes);
}

struct FusedLinear : torch::autograd::Function<FusedLinear> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    const at::Tensor rows = as_rows(x);
    context->save_for_backward({rows, weight});
    return as_tokens(product(rows, weight.t(), Finish::bias, bias.contiguous()), x);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &rows = saved[0], &weight = saved[1];
    const at::Tensor gradient = as_rows(gradients[0]);  // [N, out]
    at::Tensor of_x, of_weight, of_bias;
    if (context->needs_input_grad(0)) of_x = as_tokens(product(gradient, weight), gradients[0]);
    if (context->needs_input_grad(1)) of_weight = at::mm(gradient.t(), rows);
    if (context->needs_input_grad(2)) of_bias = gradient.sum(0);
    return {of_x, of_weight, of_bias};
  }
};

struct FusedMlp : torch::autograd::Function<FusedMlp> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight1, const at::Tensor& bias1,
                            const at::Tensor& weight2, const at::Tensor& bias2) {
    const at::Tensor rows = as_rows(x);
    const at::Tensor derivative = at::empty({rows.size(0), weight1.size(0)}, rows.options());
    const at::Tensor hidden = product(rows, weight1.t(), Finish::gelu, bias1.contiguous(), derivative);
    context->save_for_backward({rows, weight1, derivative, hidden, weight2});
    return as_tokens(product(hidden, weight2.t(), Finish::bias, bias2.contiguous()), x);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &rows = saved[0], &weight1 = saved[1], &derivative = saved[2], &hidden = saved[3], &weight2 = saved[4];
    const at::Tensor gradient = as_rows(gradients[0]);                                             // [N, out]
    const at::Tensor before_gelu = product(gradient, weight2, Finish::derivative, {}, derivative);  // [N, hidden]
    at::Tensor of_x, of_weight1, of_bias1, of_weight2, of_bias2;
    if (context->needs_input_grad(0)) of_x = as_tokens(product(before_gelu, weight1), gradients[0]);
    if (context->needs_input_grad(1)) of_weight1 = at::mm(before_gelu.t(), rows);
    if (context->needs_input_grad(2)) of_bias1 = before_gelu.sum(0);
    if (context->needs_input_grad(3)) of_weight2 = at::mm(gradient.t(), hidden);
    if (context->needs_input_grad(4)) of_bias2 = gradient.sum(0);
    return {of_x, of_weight1, of_bias1, of_weight2, of_bias2};
  }
};

}  // namespace

bool can_fuse_linear(const at::Tensor& x) {
  if (!x.device().is_cpu() || x.scalar_type() != at::kFloat) return false;
  return x.numel() >= x.size(-1) * (x.dim() > 2 ? cpu_kernels().fewest_token_rows : kFewestHeadRows);
}

at::Tensor fused_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return FusedLinear::apply(x, weight, bias);
}

at::Tensor fused_mlp(const at::Tensor& x, const at::Tensor& weight1, const at::Tensor& bias1, const at::Tensor& weight2,
                     const at::Tensor& bias2) {
  return FusedMlp::apply(x, weight1, bias1, weight2, bias2);
}

}  // namespace mimir
