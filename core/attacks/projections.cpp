#include "core/attacks/projections.h"

#include <torch/torch.h>

namespace mimir {

Expected<Norm> parse_norm(const std::string& name) {
  if (name == "linf") return Norm::linf;
  if (name == "l2") return Norm::l2;
  return fail(ErrorCode::usage, "there is no norm \"{}\": take linf or l2", name);
}

const char* norm_name(Norm norm) { return norm == Norm::linf ? "linf" : "l2"; }

at::Tensor sample_norm(const at::Tensor& x) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return at::linalg_vector_norm(x.flatten(1), 2, {1}).view(shape);
}

at::Tensor project(const at::Tensor& images, const at::Tensor& clean, const ThreatModel& threat) {
  at::NoGradGuard no_grad;
  at::Tensor perturbation = images - clean;
  if (threat.norm == Norm::linf) {
    perturbation.clamp_(-threat.epsilon, threat.epsilon);
  } else {
    const at::Tensor length = sample_norm(perturbation);
    perturbation.mul_(length.clamp_max(threat.epsilon) / (length + 1e-12));
  }
  return perturbation.add_(clean).clamp_(0, 1);
}

at::Tensor perturbation_size(const at::Tensor& images, const at::Tensor& clean, Norm norm) {
  at::NoGradGuard no_grad;
  const at::Tensor perturbation = (images - clean).flatten(1);
  return norm == Norm::linf ? perturbation.abs().amax(1) : at::linalg_vector_norm(perturbation, 2, {1});
}

}  // namespace mimir
