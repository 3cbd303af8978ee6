#pragma once

#include <ATen/core/Tensor.h>

namespace mimir {

/// A loss of adversarial training, [] each; total = classification + beta * regularisation.
struct RobustLoss {
  at::Tensor total;
  at::Tensor classification;
  at::Tensor regularisation;  ///< nats
};

// natural, adversarial: logits [B, K] of x and x_adv, both with gradient; labels: [B] int64.

/// TRADES, Zhang et al. 2019: CE(natural, y) + beta mean KL(p_natural || p_adversarial). beta 6 in common use.
RobustLoss trades_loss(const at::Tensor& natural, const at::Tensor& adversarial, const at::Tensor& labels, double beta);

/// MART, Wang et al. 2020, with the constants of its code: q = softmax(adversarial), p = softmax(natural),
/// CE(adversarial, y) - mean log(1.0001 - max over j != y of q_j + 1e-12) + beta mean[KL(p || q + 1e-12) (1.0000001 - p_y)].
RobustLoss mart_loss(const at::Tensor& natural, const at::Tensor& adversarial, const at::Tensor& labels, double beta);

}  // namespace mimir
