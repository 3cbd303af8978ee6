#include "core/attacks/gradient_step.h"
#include "core/attacks/pgd.h"

namespace mimir {
namespace {

/// d0 ~ U(-epsilon, epsilon), limited so that x + d0 is in the box; d = clamp(d0 + step_size sign(g at x + d0), ±epsilon);
/// clip(x + d).
std::unique_ptr<Attack> make_fgsm_rs(const AttackOptions& given) {
  AttackOptions options = given;
  options.num_steps = options.restarts = 1;
  options.random_start = true;
  if (options.step_size == 0) options.step_size = 1.25 * options.threat.epsilon;
  return make_pgd(options);
}

const bool registered = attacks().add(
    {{"fgsm-rs", "FGSM, random start", "Wong et al. 2020, Alg. 3",
      "One step from a uniform random point of the ball, back into the ball. For training; as a test it is weak.",
      {step_size_parameter("1.25 epsilon", "Wong et al. 2020")}},
     {Norm::linf},
     make_fgsm_rs});

}  // namespace
}  // namespace mimir
