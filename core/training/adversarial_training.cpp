#include <torch/torch.h>

#include "core/attacks/classifier_objective.h"
#include "core/training/method.h"
#include "core/training/stopwatch.h"

namespace mimir {
namespace {

/// Every image is replaced by its adversarial version; label-smoothing cross-entropy on that alone
/// (Madry et al. 2018; the published fine-tuning of MIMIR). Which attack makes it is all that differs.
class AdversarialTraining final : public Method {
 public:
  AdversarialTraining(std::string attack, AttackOptions options, double smoothing)
      : attack_(std::move(attack)), options_(options), smoothing_(smoothing) {}

  MethodTerms compute(ClassifierImpl& model, const MethodBatch& batch, const Draws& draws) const override {
    if (batch.epsilon_scale <= 0) {
      const at::Tensor logits = model.forward(batch.images, batch.train_context);
      return {smoothed_cross_entropy_sum(logits, batch.labels, smoothing_), count_correct(logits, batch.labels), {}, 0, batch.images};
    }
    AttackOptions options = options_;
    options.threat.epsilon *= batch.epsilon_scale;
    options.step_size *= batch.epsilon_scale;
    auto attack = make_attack(attack_, options);
    if (!attack) throw ErrorException(std::move(attack.error()));
    ClassifierObjective objective(model, batch.labels, {.loss = Loss::ce, .context = batch.attack_context});
    Stopwatch watch(batch.timed);
    const at::Tensor adversarial =
        (*attack)->run(
        objective, batch.images, {.draws = draws, .key = batch.key, .ids = batch.ids, .stop = batch.attack_context.stop});
    const double attack_seconds = watch.lap();
    const at::Tensor logits = model.forward(adversarial, batch.train_context);
    return {smoothed_cross_entropy_sum(logits, batch.labels, smoothing_), {}, count_correct(logits, batch.labels), attack_seconds, adversarial};
  }

 private:
  std::string attack_;
  AttackOptions options_;
  double smoothing_;
};

MethodEntry entry(const char* id, const char* label, const char* source, const char* help) {
  return {{id, label, source, help}, [attack = std::string(id)](const FinetuneRecipe& recipe) -> Expected<std::unique_ptr<Method>> {
            auto norm = parse_norm(recipe.attack.norm);
            if (!norm) return pass_on(norm);
            AttackOptions options;
            options.threat = {*norm, recipe.attack.epsilon};
            options.step_size = recipe.attack.step_size;
            options.num_steps = static_cast<int>(recipe.attack.num_steps);
            options.random_start = recipe.attack.random_start;
            options.restarts = static_cast<int>(recipe.attack.restarts);
            options.noise_scale = recipe.attack.noise_scale;
            if (auto made = make_attack(attack, options); !made) return pass_on(made);
            return std::make_unique<AdversarialTraining>(attack, options, recipe.label_smoothing);
          }};
}

const bool registered[] = {
    methods().add(entry("pgd", "PGD adversarial training", "Madry et al. 2018; MIMIR, Sec. 4.3",
                        "num_steps gradient steps per image. With n steps the cost of natural training times 1 + 0.74 n.")),
    methods().add(entry("fgsm-rs", "FGSM-RS adversarial training", "Wong et al. 2020",
                        "One step from a random start, 1.7 times natural training; may overfit to that one step suddenly.")),
    methods().add(entry("n-fgsm", "N-FGSM adversarial training", "de Jorge et al. 2022",
                        "One step from strong noise without projection, 1.7 times natural training; hardly ever overfits suddenly.")),
};

}  // namespace
}  // namespace mimir
