#include "core/attacks/reconstruction_objective.h"

#include <torch/torch.h>

#include "core/tensor/arrays.h"

namespace mimir {
namespace {

ObjectiveValue reconstruction_value(MaskedAutoencoderImpl& model, const at::Tensor& images, const PatchMask& mask,
                                    const at::Tensor& target, const ForwardContext& context) {
  ObjectiveValue value;
  value.per_sample = model.removed_error(model.encode(images, mask, context), mask, target, context);
  value.total = value.per_sample.sum();
  return value;
}

}  // namespace

ReconstructionObjective::ReconstructionObjective(MaskedAutoencoderImpl& model, PatchMask mask, at::Tensor target,
                                                 ForwardContext context)
    : model_(model), mask_(std::move(mask)), target_(target.detach()), context_(std::move(context)) {}

ObjectiveValue ReconstructionObjective::evaluate(const at::Tensor& images, int) {
  return reconstruction_value(model_, images, mask_, target_, context_);
}

OfficialReconstructionObjective::OfficialReconstructionObjective(MaskedAutoencoderImpl& model, const Draws& draws,
                                                                 std::span<const std::int64_t> ids, Options options)
    : model_(model), draws_(draws), ids_(ids.begin(), ids.end()), options_(std::move(options)) {}

ObjectiveValue OfficialReconstructionObjective::evaluate(const at::Tensor& images, int attack_step) {
  const VitOptions& size = model_.options();
  const DrawKey key{Purpose::pretrain_attack_mask, options_.step, static_cast<std::uint32_t>(attack_step)};
  const at::Tensor noise = draw_uniform(draws_, key, ids_, {size.num_patches()}).to(images.device());  // [B, L]
  return reconstruction_value(model_, images, make_patch_mask(noise, options_.mask_ratio),
                              reconstruction_target(images, size.patch_size, options_.norm_pix_loss), options_.context);
}

}  // namespace mimir
