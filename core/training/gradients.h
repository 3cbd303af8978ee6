#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

namespace mimir {

/// d outputs / d parameters, zeros where a parameter is not used. Frees the graph.
std::vector<at::Tensor> parameter_gradients(const std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& output_gradients,
                                            const std::vector<at::Tensor>& parameters);

/// total += addend, element by element; an empty total becomes the addend.
void add_gradients(std::vector<at::Tensor>& total, std::vector<at::Tensor> addend);

/// 2-norm over all of them: [] fp32.
at::Tensor gradient_norm(const std::vector<at::Tensor>& gradients);

}  // namespace mimir
