#include "core/attacks/pgd.h"

namespace mimir {
namespace {

/// clip(x + epsilon sign(g)) at the clean image; for L2 clip(x + epsilon g / |g|).
std::unique_ptr<Attack> make_fgsm(const AttackOptions& given) {
  AttackOptions options = given;
  options.num_steps = options.restarts = 1;
  options.random_start = false;
  options.step_size = options.threat.epsilon;
  return make_pgd(options);
}

const bool registered = attacks().add(
    {{"fgsm", "FGSM", "Goodfellow et al. 2015, Sec. 4", "One step of length epsilon along the gradient's sign, from the image itself."},
     {Norm::linf, Norm::l2},
     make_fgsm});

}  // namespace
}  // namespace mimir
