#include "core/attacks/classifier_objective.h"

#include <torch/torch.h>

namespace mimir {
namespace {

/// Only where the answer costs no wait for a device.
void check_classes(const at::Tensor& classes, std::int64_t count) {
  if (!classes.defined() || !classes.is_cpu() || classes.numel() == 0) return;
  const auto [low, high] = classes.aminmax();
  if (low.item<std::int64_t>() >= 0 && high.item<std::int64_t>() < count) return;
  throw ErrorException({ErrorCode::mismatch,
                        fmt::format("labels go from {} to {}, but the model has {} classes: take a data set that fits the model",
                                    low.item<std::int64_t>(), high.item<std::int64_t>(), count), {}});
}

}  // namespace

ClassifierObjective::ClassifierObjective(ClassifierImpl& model, at::Tensor labels, ClassifierObjectiveOptions options)
    : model_(model), labels_(std::move(labels)), options_(std::move(options)) {
  const Loss loss = options_.loss;
  TORCH_CHECK(options_.targets.defined() || (loss != Loss::ce_targeted && loss != Loss::dlr_targeted),
              loss_name(loss), " needs target classes");
  TORCH_CHECK(options_.reference.defined() || loss != Loss::kl, "kl needs the logits of the clean images");
  TORCH_CHECK(labels_.defined() || loss == Loss::kl || loss == Loss::ce_targeted, loss_name(loss), " needs labels");
  check_classes(labels_, model.num_classes());
  check_classes(options_.targets, model.num_classes());
  if (options_.reference.defined()) options_.reference = options_.reference.detach();
}

ObjectiveValue ClassifierObjective::evaluate(const at::Tensor& images, int) {
  ObjectiveValue value;
  value.logits = model_.forward(images, options_.context);
  const at::Tensor& z = value.logits;
  switch (options_.loss) {
    case Loss::ce: value.per_sample = cross_entropy(z, labels_); break;
    case Loss::ce_targeted: value.per_sample = targeted_cross_entropy(z, options_.targets); break;
    case Loss::margin: value.per_sample = margin(z, labels_); break;
    case Loss::cw_hinge: value.per_sample = cw_hinge(z, labels_); break;
    case Loss::dlr: value.per_sample = difference_of_logits_ratio(z, labels_); break;
    case Loss::dlr_targeted: value.per_sample = targeted_difference_of_logits_ratio(z, labels_, options_.targets); break;
    case Loss::kl: value.per_sample = kl_divergence(options_.reference, z); break;
  }
  value.total = value.per_sample.sum();
  return value;
}

}  // namespace mimir
