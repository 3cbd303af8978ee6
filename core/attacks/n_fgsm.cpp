#include <torch/torch.h>

#include "core/attacks/gradient_step.h"
#include "core/attacks/projections.h"

namespace mimir {
namespace {

/// d0 ~ U(-k epsilon, k epsilon), limited so that x + d0 is in the box; clip(x + d0 + step_size sign(g at x + d0)).
/// There is no projection onto the ball: that is what keeps the method from catastrophic overfitting.
class NFgsm final : public Attack {
 public:
  explicit NFgsm(const AttackOptions& options)
      : noise_{Norm::linf, options.noise_scale * options.threat.epsilon},
        step_size_(options.step_size > 0 ? options.step_size : options.threat.epsilon) {}

 private:
  at::Tensor perturb(Objective& objective, const at::Tensor& clean, const AttackRun& run) const override {
    const at::Tensor start = run.start.defined() ? run.start.detach() : random_start(clean, noise_, run, 0);
    const at::Tensor gradient = evaluate_with_gradient(objective, start, 0, 0, run).gradient;
    const at::Tensor images = ascend(start, gradient, step_size_, Norm::linf).clamp_(0, 1);
    if (run.observe_last) evaluate_last(objective, images, 0, 1, run);
    return images;
  }

  ThreatModel noise_;  ///< the ball of the start noise
  double step_size_;
};

Parameter noise_scale_parameter() {
  Parameter parameter;
  parameter.key = "noise_scale";
  parameter.fallback = 2.0;
  parameter.minimum = 0;
  parameter.maximum = 100;
  parameter.help = "Start noise as a multiple of epsilon.";
  parameter.source = "de Jorge et al. 2022, Sec. 4";
  return parameter;
}

const bool registered = attacks().add(
    {{"n-fgsm", "N-FGSM", "de Jorge et al. 2022, Alg. 1",
      "One step from noise wider than the ball, without projection: the result may leave the epsilon ball (up to noise_scale + 1 "
      "epsilon), so it is for training only.",
      {step_size_parameter("epsilon", "de Jorge et al. 2022"), noise_scale_parameter()}},
     {Norm::linf},
     [](const AttackOptions& options) { return std::make_unique<NFgsm>(options); },
     /*leaves_ball=*/true});

}  // namespace
}  // namespace mimir
