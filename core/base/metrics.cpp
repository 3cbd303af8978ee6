#include "core/base/metrics.h"

#include <stdexcept>
#include <vector>

namespace mimir {
namespace {

struct Row {
  const char *stage, *metric, *unit, *direction, *help;
};

constexpr Row kRows[] = {
    {"pretrain", "loss", "1", "down", "Reconstruction plus weighted information: what the optimiser minimises."},
    {"pretrain", "reconstruction", "1", "down", "Mean squared error of the removed patches against the clean image."},
    {"pretrain", "information", "1", "down", "The estimator's value between adversarial image and latent."},
    {"pretrain", "information_weighted", "1", "down", "The estimator's value times its weight, as added to the loss."},
    {"pretrain", "penalty_skipped", "1", "none", "1 where the penalty was left out because it was not finite (official: or exactly 0)."},
    {"pretrain", "learning_rate", "1", "none", "Learning rate of the step."},
    {"pretrain", "grad_norm", "1", "none", "2-norm of all gradients before clipping."},
    {"pretrain", "attack_saturation", "1", "none", "Share of pixels at the bound of the perturbation."},
    {"pretrain", "attack_zero_gradient", "1", "none", "Share of pixels whose attack gradient is exactly 0; in corrected mode the mask ratio is expected."},
    {"pretrain", "images_per_second", "images/s", "up", "Training images per second."},
    {"pretrain", "data_wait", "1", "down", "Share of the step's time spent waiting for the batch."},
    {"pretrain", "memory", "MiB", "down", "Resident memory of the trainer, or the most it has allocated on its GPU."},
    {"pretrain", "probe/reconstruction_clean", "1", "down", "Reconstruction error of the probe batch when the encoder sees clean images."},
    {"pretrain", "probe/reconstruction_adversarial", "1", "down", "Reconstruction error of the probe batch when the encoder sees adversarial images."},
    {"pretrain", "probe/attack_gain", "1", "none", "How much the attack raises the reconstruction error of the probe batch."},
    {"pretrain", "probe/hsic_clean", "1", "down", "HSIC between clean probe images and their latent."},
    {"pretrain", "probe/hsic_adversarial", "1", "down", "HSIC between adversarial probe images and their latent."},
    {"pretrain", "probe/renyi_clean", "bits", "down", "Matrix-based Rényi information between clean probe images and their latent."},
    {"pretrain", "probe/renyi_adversarial", "bits", "down", "Matrix-based Rényi information between adversarial probe images and their latent."},
    {"pretrain", "probe/smallest_eigenvalue", "1", "none", "Smallest eigenvalue of the latent's normalised kernel; below 1e-8 the Rényi gradient is arbitrary."},
    {"pretrain", "probe/information_gradient_ratio", "1", "none", "Norm of the penalty's gradient over that of the reconstruction's, at the latent."},
    {"finetune", "loss", "1", "down", "What the optimiser minimises."},
    {"finetune", "train_natural_accuracy", "1", "up", "Accuracy on the clean training batch, where its logits exist."},
    {"finetune", "train_robust_accuracy", "1", "up", "Accuracy on the attacked training batch."},
    {"finetune", "learning_rate", "1", "none", "Largest learning rate of the groups."},
    {"finetune", "epsilon", "1", "none", "Radius of the attack in this step."},
    {"finetune", "grad_norm", "1", "none", "2-norm of all gradients before clipping."},
    {"finetune", "images_per_second", "images/s", "up", "Training images per second."},
    {"finetune", "data_wait", "1", "down", "Share of the step's time spent waiting for the batch."},
    {"finetune", "memory", "MiB", "down", "Resident memory of the trainer, or the most it has allocated on its GPU."},
    {"finetune", "natural_accuracy", "1", "up", "Accuracy on the held-out training images."},
    {"finetune", "robust_accuracy", "1", "up", "Accuracy on the held-out images under PGD-10 at the recipe's epsilon, step epsilon/4."},
    {"finetune", "fgsm_accuracy", "1", "up", "Accuracy on the held-out images under FGSM at the recipe's epsilon."},
    {"finetune", "natural_loss", "nats", "down", "Cross-entropy on the held-out images."},
    {"finetune", "robust_loss", "nats", "down", "Cross-entropy on the held-out images under PGD."},
    {"finetune", "overfitting_gap", "1", "down", "Robust accuracy in training minus robust accuracy on the held-out images."},
    {"evaluate", "natural_accuracy", "1", "up", "Accuracy on the clean test images."},
    {"evaluate", "robust_accuracy", "1", "up", "Share of test images that no attack of the list broke."},
    {"evaluate", "natural_accuracy_low", "1", "none", "Lower end of the 95 % Wilson interval of natural accuracy."},
    {"evaluate", "natural_accuracy_high", "1", "none", "Upper end of the 95 % Wilson interval of natural accuracy."},
    {"evaluate", "robust_accuracy_low", "1", "none", "Lower end of the 95 % Wilson interval of robust accuracy."},
    {"evaluate", "robust_accuracy_high", "1", "none", "Upper end of the 95 % Wilson interval of robust accuracy."},
};

struct AttackRow {
  const char *suffix, *unit, *direction, *help;
};
constexpr AttackRow kAttackRows[] = {
    {"/robust_accuracy", "1", "up", "Share of test images still classified correctly under this attack."},
    {"/robust_accuracy_low", "1", "none", "Lower end of the 95 % Wilson interval."},
    {"/robust_accuracy_high", "1", "none", "Upper end of the 95 % Wilson interval."},
    {"/seconds", "s", "none", "Time the attack took."},
};

std::vector<MetricInfo> make_metrics() {
  std::vector<MetricInfo> metrics;
  for (const Row& row : kRows) {
    metrics.push_back({std::string(row.stage) + "/" + row.metric, row.unit, row.direction, row.help});
  }
  return metrics;
}

}  // namespace

std::span<const MetricInfo> known_metrics() {
  static const std::vector<MetricInfo> metrics = make_metrics();
  return metrics;
}

MetricInfo metric_info(std::string_view name) {
  for (const MetricInfo& metric : known_metrics()) {
    if (metric.name == name) return metric;
  }
  if (name.starts_with("evaluate/")) {
    for (const AttackRow& row : kAttackRows) {
      if (name.ends_with(row.suffix)) return {std::string(name), row.unit, row.direction, row.help};
    }
  }
  throw std::logic_error("no such metric: " + std::string(name));
}

}  // namespace mimir
