#include "core/attacks/pgd.h"

#include <torch/torch.h>

#include "core/attacks/gradient_step.h"
#include "core/attacks/projections.h"

namespace mimir {
namespace {

/// Projected gradient ascent, Madry et al. 2018 (arXiv:1706.06083). Each step ends in the ball and then in the box.
/// Returns the last iterate; of several restarts, per image the one whose last iterate has the highest loss.
class Pgd final : public Attack {
 public:
  explicit Pgd(const AttackOptions& options) : options_(options) {
    if (options_.step_size == 0) options_.step_size = options_.threat.epsilon / 4;
  }

 private:
  at::Tensor perturb(Objective& objective, const at::Tensor& clean, const AttackRun& run) const override {
    at::Tensor best, best_loss;  // [B, C, H, W], [B]
    for (int restart = 0; restart < options_.restarts; ++restart) {
      at::Tensor images = start(clean, run, restart);
      for (int step = 0; step < options_.num_steps; ++step) {
        const AttackStep at = evaluate_with_gradient(objective, images, restart, step, run);
        images = project(ascend(images, at.gradient, options_.step_size, options_.threat.norm), clean, options_.threat);
      }
      if (options_.restarts == 1 && !run.observe_last) return images;
      const at::Tensor loss = evaluate_last(objective, images, restart, options_.num_steps, run).value.per_sample;
      if (restart == 0) {
        best = images;
        best_loss = loss;
        continue;
      }
      // A loss that is not a number counts as the highest: such an image is broken.
      const at::Tensor better = (loss > best_loss) | loss.isnan();
      std::vector<std::int64_t> column(static_cast<std::size_t>(clean.dim()), 1);
      column[0] = -1;
      best = at::where(better.view(column), images, best);  // [B, 1, 1, 1] chooses
      best_loss = at::where(better, loss, best_loss);
    }
    return best;
  }

  at::Tensor start(const at::Tensor& clean, const AttackRun& run, int restart) const {
    if (run.start.defined() && restart == 0) return run.start.detach();
    return options_.random_start ? random_start(clean, options_.threat, run, restart) : clean;
  }

  AttackOptions options_;
};

Parameter parameter(std::string key, ParameterType type, Value fallback, std::string help) {
  Parameter result;
  result.key = std::move(key);
  result.type = type;
  result.fallback = std::move(fallback);
  if (type == ParameterType::integer) result.minimum = 1;
  result.help = std::move(help);
  return result;
}

const bool registered = attacks().add(
    {{"pgd", "PGD", "Madry et al. 2018, Sec. 2.1",
      "Projected gradient steps from a random point of the ball. Costs num_steps forward and backward passes a restart; "
      "pgd-20 takes 20 steps.",
      {parameter("num_steps", ParameterType::integer, 10LL, "Gradient steps."),
       step_size_parameter("epsilon/4", "MIMIR, Sec. 5"),
       parameter("random_start", ParameterType::boolean, true, "Start at a random point of the ball instead of the image."),
       parameter("restarts", ParameterType::integer, 1LL, "Runs from different starts; per image the highest loss is kept.")}},
     {Norm::linf, Norm::l2},
     make_pgd});

}  // namespace

std::unique_ptr<Attack> make_pgd(const AttackOptions& options) { return std::make_unique<Pgd>(options); }

}  // namespace mimir
