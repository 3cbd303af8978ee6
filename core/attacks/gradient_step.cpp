#include "core/attacks/gradient_step.h"

#include <torch/torch.h>

#include "core/attacks/projections.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

constexpr std::uint32_t kRadiusRank = 0xfff;

ObjectiveValue detached(const ObjectiveValue& value) {
  return {value.per_sample.detach(), value.total.detach(), value.logits.defined() ? value.logits.detach() : at::Tensor()};
}

DrawKey restart_key(const AttackRun& run, int restart) {
  DrawKey key = run.key;
  key.restart += static_cast<std::uint32_t>(restart);
  return key;
}

}  // namespace

void check_stop(const AttackRun& run) {
  if (run.stop.cancelled()) throw ErrorException({ErrorCode::stopped, "the attack was stopped", {}});
}

AttackStep evaluate_with_gradient(Objective& objective, const at::Tensor& images, int restart, int step, const AttackRun& run) {
  check_stop(run);
  at::AutoGradMode grad(true);
  const at::Tensor point = images.detach().requires_grad_(true);
  const ObjectiveValue value = objective.evaluate(point, step);
  const at::Tensor gradient = torch::autograd::grad({value.total}, {point})[0];
  const AttackStep result{restart, step, point.detach(), gradient.detach(), detached(value)};
  if (run.observe) run.observe(result);
  return result;
}

AttackStep evaluate_last(Objective& objective, const at::Tensor& images, int restart, int step, const AttackRun& run) {
  check_stop(run);
  at::NoGradGuard no_grad;
  const AttackStep result{restart, step, images, {}, objective.evaluate(images, step)};
  if (run.observe && run.observe_last) run.observe(result);
  return result;
}

at::Tensor random_start(const at::Tensor& clean, const ThreatModel& threat, const AttackRun& run, int restart) {
  const DrawKey key = restart_key(run, restart);
  const auto shape = clean.sizes().slice(1);
  if (threat.norm == Norm::linf) {
    const at::Tensor noise = draw_uniform(run.draws, key, run.ids, shape).to(clean.options()).mul_(2).sub_(1);
    return (clean + noise * threat.epsilon).clamp_(0, 1);
  }
  DrawKey radius_key = key;
  radius_key.target_rank = kRadiusRank;
  const at::Tensor direction = draw_normal(run.draws, key, run.ids, shape).to(clean.options());
  const at::Tensor length = sample_norm(direction);  // [B, 1, …]
  const at::Tensor radius = draw_uniform(run.draws, radius_key, run.ids, {}).to(clean.options()).view(length.sizes());
  return (clean + direction * (radius * threat.epsilon / length)).clamp_(0, 1);
}

at::Tensor ascend(const at::Tensor& images, const at::Tensor& gradient, double step_size, Norm norm) {
  const at::Tensor direction = norm == Norm::linf ? gradient.sign() : gradient / (sample_norm(gradient) + 1e-10);
  return at::add(images, direction, step_size);
}

Parameter step_size_parameter(std::string default_text, std::string source) {
  Parameter parameter;
  parameter.key = "step_size";
  parameter.fallback = 0.0;
  parameter.minimum = 0;
  parameter.unit = "of [0,1]";
  parameter.help = "Length of one step; 0 takes " + std::move(default_text) + ".";
  parameter.source = std::move(source);
  return parameter;
}

}  // namespace mimir
