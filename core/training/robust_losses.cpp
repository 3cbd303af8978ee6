#include "core/training/robust_losses.h"

#include <torch/torch.h>

#include "core/attacks/losses.h"

namespace mimir {

RobustLoss trades_loss(const at::Tensor& natural, const at::Tensor& adversarial, const at::Tensor& labels, double beta) {
  RobustLoss loss;
  loss.classification = cross_entropy(natural, labels).mean();
  loss.regularisation = kl_divergence(natural, adversarial).mean();
  loss.total = loss.classification + beta * loss.regularisation;
  return loss;
}

RobustLoss mart_loss(const at::Tensor& natural, const at::Tensor& adversarial, const at::Tensor& labels, double beta) {
  const at::Tensor q = adversarial.softmax(1), log_p = natural.log_softmax(1), p = log_p.exp();  // [B, K]
  const at::Tensor column = labels.unsqueeze(1);
  const at::Tensor strongest_other = std::get<0>(q.scatter(1, column, -1).max(1));  // [B]
  const at::Tensor divergence = (p * (log_p - (q + 1e-12).log())).sum(1);           // [B]
  const at::Tensor doubt = 1.0000001 - p.gather(1, column).squeeze(1);              // [B]
  RobustLoss loss;
  loss.classification = (cross_entropy(adversarial, labels) - (1.0001 - strongest_other + 1e-12).log()).mean();
  loss.regularisation = (divergence * doubt).mean();
  loss.total = loss.classification + beta * loss.regularisation;
  return loss;
}

}  // namespace mimir
