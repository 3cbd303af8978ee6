#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "core/base/error.h"

namespace mimir {

// Per-sample objectives of an attack on a classifier: logits [B, K] -> [B], larger = worse for the model.
// labels, targets: [B] int64. Differentiable in the logits, in their dtype.

enum class Loss { ce, ce_targeted, margin, cw_hinge, dlr, dlr_targeted, kl };
Expected<Loss> parse_loss(const std::string& name);
const char* loss_name(Loss loss);

/// -log softmax(z)_y. In fp32 the gradient's entry of y rounds to 0 above a margin of about 17.
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels);
/// log softmax(z)_t: minus the cross-entropy to the target.
at::Tensor targeted_cross_entropy(const at::Tensor& logits, const at::Tensor& targets);
/// max over j != y of z_j, minus z_y; above 0 exactly when misclassified (a tie is 0).
at::Tensor margin(const at::Tensor& logits, const at::Tensor& labels);
/// max(margin + kappa, 0), Carlini & Wagner 2017. At kappa 50, in common use, it is never clipped in practice.
at::Tensor cw_hinge(const at::Tensor& logits, const at::Tensor& labels, double kappa = 50);
/// margin / (z_(1) - z_(3) + 1e-12), z_(k) the k-th largest: unchanged by scale and shift of the logits.
/// Croce & Hein 2020, Sec. 4.1. K >= 3.
at::Tensor difference_of_logits_ratio(const at::Tensor& logits, const at::Tensor& labels);
/// (z_t - z_y) / (z_(1) - (z_(3) + z_(4)) / 2 + 1e-12). K >= 4.
at::Tensor targeted_difference_of_logits_ratio(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets);
/// sum_k p_k (log p_k - log q_k), p = softmax(reference), q = softmax(logits); differentiable in both.
at::Tensor kl_divergence(const at::Tensor& reference, const at::Tensor& logits);

}  // namespace mimir
