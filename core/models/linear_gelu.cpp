#include "core/models/linear_gelu.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include "core/models/cpu_kernels.h"

namespace mimir {
namespace {

struct LinearGelu : torch::autograd::Function<LinearGelu> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias) {
    const at::Tensor rows = x.reshape({-1, x.size(-1)});  // [N, in]
    const at::Tensor hidden = at::mm(rows, weight.t());   // [N, out]; becomes the derivative
    const at::Tensor offset = bias.contiguous();
    const at::Tensor out = at::empty_like(hidden);
    const std::int64_t columns = hidden.size(1);
    at::parallel_for(0, hidden.size(0), 64, [&](std::int64_t begin, std::int64_t end) {
      cpu_kernels().bias_gelu(hidden.data_ptr<float>() + begin * columns, offset.const_data_ptr<float>(),
                              out.data_ptr<float>() + begin * columns, end - begin, columns);
    });
    context->save_for_backward({rows, weight, hidden});
    std::vector<std::int64_t> sizes = x.sizes().vec();
    sizes.back() = columns;
    return out.view(sizes);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &rows = saved[0], &weight = saved[1], &derivative = saved[2];
    std::vector<std::int64_t> sizes = gradients[0].sizes().vec();
    sizes.back() = rows.size(1);
    const at::Tensor gradient = gradients[0].reshape(derivative.sizes()) * derivative;
    at::Tensor of_x, of_weight, of_bias;
    if (context->needs_input_grad(0)) of_x = at::mm(gradient, weight).view(sizes);
    if (context->needs_input_grad(1)) of_weight = at::mm(gradient.t(), rows);
    if (context->needs_input_grad(2)) of_bias = gradient.sum(0);
    return {of_x, of_weight, of_bias};
  }
};

}  // namespace

bool can_fuse_gelu(const at::Tensor& x) { return x.device().is_cpu() && x.scalar_type() == at::kFloat; }

at::Tensor linear_gelu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return LinearGelu::apply(x, weight, bias);
}

}  // namespace mimir
