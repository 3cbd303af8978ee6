#include "core/attacks/losses.h"

#include <torch/torch.h>

#include <array>
#include <limits>
#include <utility>

namespace mimir {
namespace {

constexpr std::array kNames{
    std::pair{Loss::ce, "ce"},   std::pair{Loss::ce_targeted, "ce_targeted"},   std::pair{Loss::margin, "margin"},
    std::pair{Loss::cw_hinge, "cw_hinge"}, std::pair{Loss::dlr, "dlr"}, std::pair{Loss::dlr_targeted, "dlr_targeted"},
    std::pair{Loss::kl, "kl"}};

/// [B, K], [B] -> [B]
at::Tensor pick(const at::Tensor& values, const at::Tensor& classes) { return values.gather(1, classes.unsqueeze(1)).squeeze(1); }

/// The `count` largest logits in falling order: [B, count].
at::Tensor largest(const at::Tensor& logits, std::int64_t count) {
  TORCH_CHECK(logits.size(1) >= count, "this loss needs at least ", count, " classes, the model has ", logits.size(1));
  return std::get<0>(logits.topk(count, 1));
}

}  // namespace

Expected<Loss> parse_loss(const std::string& name) {
  for (const auto& [loss, known] : kNames) {
    if (name == known) return loss;
  }
  return fail(ErrorCode::usage, "there is no loss \"{}\": take ce, ce_targeted, margin, cw_hinge, dlr, dlr_targeted or kl", name);
}

const char* loss_name(Loss loss) {
  for (const auto& [known, name] : kNames) {
    if (loss == known) return name;
  }
  return "";
}

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels) { return -pick(logits.log_softmax(1), labels); }

at::Tensor targeted_cross_entropy(const at::Tensor& logits, const at::Tensor& targets) {
  return pick(logits.log_softmax(1), targets);
}

at::Tensor margin(const at::Tensor& logits, const at::Tensor& labels) {
  // Removed with -inf, not with a factor of 0, which would win wherever all other logits are negative.
  const at::Tensor others = logits.scatter(1, labels.unsqueeze(1), -std::numeric_limits<double>::infinity());
  return std::get<0>(others.max(1)) - pick(logits, labels);
}

at::Tensor cw_hinge(const at::Tensor& logits, const at::Tensor& labels, double kappa) {
  return (margin(logits, labels) + kappa).clamp_min(0);
}

at::Tensor difference_of_logits_ratio(const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor top = largest(logits, 3);
  return margin(logits, labels) / (top.select(1, 0) - top.select(1, 2) + 1e-12);
}

at::Tensor targeted_difference_of_logits_ratio(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets) {
  const at::Tensor top = largest(logits, 4);
  const at::Tensor scale = top.select(1, 0) - (top.select(1, 2) + top.select(1, 3)) / 2 + 1e-12;
  return (pick(logits, targets) - pick(logits, labels)) / scale;
}

at::Tensor kl_divergence(const at::Tensor& reference, const at::Tensor& logits) {
  const at::Tensor log_p = reference.log_softmax(1);
  return (log_p.exp() * (log_p - logits.log_softmax(1))).sum(1);
}

}  // namespace mimir
