#include "core/models/fused_linear.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include "core/models/cpu_kernels.h"

namespace mimir {
namespace {

constexpr std::int64_t kFewestRows = 256;  ///< below, copying the weights costs more than the faster product gains
constexpr std::int64_t kDeepest = 1536;    ///< beyond, a library's product is the faster one
constexpr std::int64_t kGrain = 96;        ///< rows of a thread

/// rows [N, depth], contiguous, times matrix [depth, columns]; bias and derivative as in ProductArrays.
at::Tensor product(const at::Tensor& rows, const at::Tensor& matrix, const at::Tensor& bias = {}, const at::Tensor& derivative = {}) {
  const CpuKernels& kernels = cpu_kernels();
  const std::int64_t depth = matrix.size(0), columns = matrix.size(1);
  if (depth > kDeepest && !derivative.defined()) return bias.defined() ? at::addmm(bias, rows, matrix) : at::mm(rows, matrix);
  const at::Tensor packed = at::empty({kernels.packed_floats(depth, columns)}, rows.options());
  kernels.pack(matrix.const_data_ptr<float>(), matrix.stride(0), matrix.stride(1), depth, columns, packed.data_ptr<float>());
  const at::Tensor out = at::empty({rows.size(0), columns}, rows.options());
  const ProductArrays arrays{rows.const_data_ptr<float>(), packed.const_data_ptr<float>(),
                             bias.defined() ? bias.const_data_ptr<float>() : nullptr, out.data_ptr<float>(),
                             derivative.defined() ? derivative.data_ptr<float>() : nullptr, depth, columns};
  at::parallel_for(0, rows.size(0), kGrain, [&](std::int64_t begin, std::int64_t end) { kernels.multiply_packed(arrays, begin, end); });
  return out;
}

struct FusedLinear : torch::autograd::Function<FusedLinear> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, bool gelu) {
    const at::Tensor rows = x.reshape({-1, x.size(-1)}).contiguous();  // [N, in]
    const std::int64_t out = weight.size(0);
    const at::Tensor derivative = gelu ? at::empty({rows.size(0), out}, rows.options()) : at::Tensor();
    const at::Tensor result = product(rows, weight.t(), bias.contiguous(), derivative);
    context->save_for_backward({rows, weight, derivative});
    std::vector<std::int64_t> sizes = x.sizes().vec();
    sizes.back() = out;
    return result.view(sizes);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &rows = saved[0], &weight = saved[1], &derivative = saved[2];
    std::vector<std::int64_t> sizes = gradients[0].sizes().vec();
    sizes.back() = weight.size(1);
    at::Tensor gradient = gradients[0].reshape({-1, weight.size(0)}).contiguous();  // [N, out]
    if (derivative.defined()) gradient = gradient * derivative;
    at::Tensor of_x, of_weight, of_bias;
    if (context->needs_input_grad(0)) of_x = product(gradient, weight).view(sizes);
    if (context->needs_input_grad(1)) of_weight = at::mm(gradient.t(), rows);
    if (context->needs_input_grad(2)) of_bias = gradient.sum(0);
    return {of_x, of_weight, of_bias, at::Tensor()};
  }
};

}  // namespace

bool can_fuse_linear(const at::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat && x.numel() >= kFewestRows * x.size(-1);
}

at::Tensor fused_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, bool gelu) {
  return FusedLinear::apply(x, weight, bias, gelu);
}

}  // namespace mimir
