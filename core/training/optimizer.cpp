#include "core/training/optimizer.h"

#include <torch/torch.h>

namespace mimir {

AdamW::AdamW(std::vector<ParameterGroup> groups, double beta1, double beta2, double epsilon)
    : groups_(std::move(groups)), beta1_(beta1), beta2_(beta2), epsilon_(epsilon) {
  for (const ParameterGroup& group : groups_) {
    parameters_.insert(parameters_.end(), group.parameters.begin(), group.parameters.end());
    names_.insert(names_.end(), group.names.begin(), group.names.end());
  }
  for (const at::Tensor& parameter : parameters_) {
    exp_avg_.push_back(at::zeros_like(parameter.detach()));
    exp_avg_sq_.push_back(at::zeros_like(parameter.detach()));
  }
  const auto options = parameters_.empty() ? at::TensorOptions() : parameters_.front().options();
  step_ = at::zeros({}, options.dtype(at::kFloat).requires_grad(false));
}

void AdamW::step(double learning_rate, std::span<const at::Tensor> gradients, const at::Tensor& skip) {
  TORCH_CHECK(gradients.size() == parameters_.size(), "AdamW: ", gradients.size(), " gradients for ", parameters_.size(), " parameters");
  at::NoGradGuard no_grad;
  step_.add_(1 - skip.squeeze());
  std::size_t begin = 0;
  for (const ParameterGroup& group : groups_) {
    const std::size_t count = group.parameters.size();
    if (count == 0) continue;
    const auto part = [&](const auto& all) { return at::TensorList(all.data() + begin, count); };
    const std::vector<at::Tensor> steps(count, step_);
    at::_fused_adamw_(part(parameters_), part(gradients), part(exp_avg_), part(exp_avg_sq_), /*max_exp_avg_sqs=*/{}, steps,
                      learning_rate * group.learning_rate_scale, beta1_, beta2_, group.weight_decay, epsilon_,
                      /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{}, /*found_inf=*/skip);
    begin += count;
  }
}

void AdamW::store(Checkpoint& checkpoint) const {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    checkpoint.tensors["optimizer." + names_[i] + ".exp_avg"] = exp_avg_[i].to(at::kCPU).clone();
    checkpoint.tensors["optimizer." + names_[i] + ".exp_avg_sq"] = exp_avg_sq_[i].to(at::kCPU).clone();
  }
  checkpoint.tensors["optimizer.step"] = step_.to(at::kCPU).clone();
}

Expected<void> AdamW::load(const Checkpoint& checkpoint) {
  const auto find = [&](const std::string& name) -> const at::Tensor* {
    const auto found = checkpoint.tensors.find(name);
    return found == checkpoint.tensors.end() ? nullptr : &found->second;
  };
  const at::Tensor* step = find("optimizer.step");
  if (!step) return fail(ErrorCode::mismatch, "the checkpoint has no optimiser state, so training cannot go on from it");
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const at::Tensor* average = find("optimizer." + names_[i] + ".exp_avg");
    const at::Tensor* square = find("optimizer." + names_[i] + ".exp_avg_sq");
    if (!average || !square || average->sizes() != parameters_[i].sizes() || square->sizes() != parameters_[i].sizes()) {
      return fail(ErrorCode::mismatch, "the checkpoint's optimiser state does not fit {}", names_[i]);
    }
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    exp_avg_[i].copy_(*find("optimizer." + names_[i] + ".exp_avg"));
    exp_avg_sq_[i].copy_(*find("optimizer." + names_[i] + ".exp_avg_sq"));
  }
  step_.copy_(*step);
  return {};
}

}  // namespace mimir
