#include "core/training/gradients.h"

#include <torch/torch.h>

namespace mimir {

std::vector<at::Tensor> parameter_gradients(const std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& output_gradients,
                                            const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients =
      torch::autograd::grad(outputs, parameters, output_gradients, /*retain_graph=*/false, /*create_graph=*/false,
                            /*allow_unused=*/true);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    gradients[i] = gradients[i].defined() ? gradients[i].contiguous() : at::zeros_like(parameters[i].detach());
  }
  return gradients;
}

void add_gradients(std::vector<at::Tensor>& total, std::vector<at::Tensor> addend) {
  if (total.empty()) total = std::move(addend);
  else at::_foreach_add_(total, addend);
}

at::Tensor gradient_norm(const std::vector<at::Tensor>& gradients) {
  return at::stack(at::_foreach_norm(gradients)).norm();
}

}  // namespace mimir
