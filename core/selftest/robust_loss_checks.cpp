#include <torch/torch.h>

#include <numeric>

#include "core/attacks/attack.h"
#include "core/attacks/classifier_objective.h"
#include "core/selftest/check.h"
#include "core/selftest/fixture_models.h"
#include "core/tensor/recorded_draws.h"
#include "core/training/robust_losses.h"

namespace mimir::selftest {
namespace {

using RobustLossFunction = RobustLoss (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&, double);

/// The inner attack, and the outer loss at the stored adversarial images.
void check_robust_loss(const Fixture& fixture, Comparison& comparison, Loss inner, RobustLossFunction outer) {
  const auto& config = fixture.config;
  VitClassifier model = fixture_classifier(fixture);
  const at::Tensor labels = fixture.tensor("in.labels");
  const double beta = config["beta"];
  std::vector<std::int64_t> ids(static_cast<std::size_t>(labels.size(0)));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  auto attack = make_attack("pgd", {{Norm::linf, config["epsilon"]}, config["step_size"], config["steps"]});
  if (!attack) throw ErrorException(std::move(attack.error()));

  for (const at::ScalarType precision : {at::kFloat, at::kDouble}) {
    model->to(precision);
    const at::Tensor images = fixture.tensor("in.images").to(precision);
    const RecordedDraws draws;
    AttackRun run{draws, {Purpose::finetune_attack}, ids};
    run.start = images + config["noise_scale"].get<double>() * fixture.tensor("in.start_noise").to(precision);
    ClassifierObjective objective(*model, labels, {inner, {}, model->forward(images)});
    comparison.check("out.x_adv", (*attack)->run(objective, images, run));

    const at::Tensor natural = model->forward(images), adversarial = model->forward(fixture.tensor("out.x_adv").to(precision));
    const RobustLoss loss = outer(natural, adversarial, labels, beta);
    if (precision == at::kDouble) {
      comparison.check("out.loss_fp64", loss.total);
      continue;
    }
    comparison.check("out.logits_natural", natural);
    comparison.check("out.logits_adv", adversarial);
    comparison.check("out.natural_cross_entropy", cross_entropy(natural, labels).mean());
    comparison.check("out.loss", loss.total);
    check_parameter_gradients(comparison, fixture, *model, loss.total, {});
  }
}

const bool registered[] = {
    checks().add({{"trades_loss", "TRADES", "Zhang et al. 2019", ""},
                  [](const Fixture& fixture, Comparison& comparison) {
                    check_robust_loss(fixture, comparison, Loss::kl, trades_loss);
                  }}),
    checks().add({{"mart_loss", "MART", "Wang et al. 2020", ""},
                  [](const Fixture& fixture, Comparison& comparison) {
                    check_robust_loss(fixture, comparison, Loss::ce, mart_loss);
                  }}),
};

}  // namespace
}  // namespace mimir::selftest
