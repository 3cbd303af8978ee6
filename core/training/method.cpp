#include "core/training/method.h"

#include <torch/torch.h>

namespace mimir {

Registry<MethodEntry>& methods() {
  static Registry<MethodEntry> registry;
  return registry;
}

at::Tensor smoothed_cross_entropy_sum(const at::Tensor& logits, const at::Tensor& labels, double smoothing) {
  return at::cross_entropy_loss(logits, labels, /*weight=*/{}, at::Reduction::Sum, /*ignore_index=*/-100, smoothing);
}

at::Tensor count_correct(const at::Tensor& logits, const at::Tensor& labels) {
  return logits.detach().argmax(1).eq(labels).sum().to(at::kFloat);
}

}  // namespace mimir
