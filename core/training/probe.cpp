#include "core/training/probe.h"

#include <torch/torch.h>

#include "core/data/subset.h"
#include "core/information/kernel.h"
#include "core/tensor/arrays.h"
#include "core/training/probe_pictures.h"

namespace mimir {
namespace {

at::Tensor estimate(const char* name, const at::Tensor& latent, const at::Tensor& images) {
  auto estimator = make_estimator(name, EstimatorOptions{});
  if (!estimator) throw ErrorException(std::move(estimator.error()));
  return (*estimator)->value(latent, images);
}

}  // namespace

Probe::Probe(const PretrainRecipe& recipe, const Split& split, const Draws& draws, c10::Device device)
    : recipe_(recipe), draws_(draws) {
  const auto chosen = take_balanced(split, recipe.probe_images);
  ids_.assign(chosen->ids().begin(), chosen->ids().end());
  images_ = split.fetch_float(ids_).to(device);
}

Expected<void> Probe::run(MaskedAutoencoder& model, const PretrainStep& rule, std::int64_t step, const RunFolder& folder,
                          Observer& observer) const {
  const VitOptions& options = model->options();
  const at::Tensor noise = draw_uniform(draws_, {Purpose::probe}, ids_, {options.num_patches()}).to(images_.device());
  const PatchMask mask = make_patch_mask(noise, recipe_.mask_ratio);
  const at::Tensor target = reconstruction_target(images_, options.patch_size, recipe_.norm_pix_loss);
  const at::Tensor adversarial = rule.attack(images_, mask, {Purpose::probe, 0, 1}, ids_);

  const auto record = [&](const char* name, const at::Tensor& value) {
    observer.scalar(std::string("pretrain/probe/") + name, step, value.to(at::kDouble).item<double>());
  };
  at::Tensor clean_latent, clean_error;
  {
    at::NoGradGuard no_grad;
    const Reconstruction clean = model->forward(images_, mask);
    clean_latent = clean.latent;
    clean_error = reconstruction_error(clean.prediction, target, mask.mask).mean();
  }
  const Reconstruction attacked = model->forward(adversarial, mask);
  const at::Tensor error = reconstruction_error(attacked.prediction, target, mask.mask).mean();
  record("reconstruction_clean", clean_error);
  record("reconstruction_adversarial", error);
  record("attack_gain", error.detach() - clean_error);

  const at::Tensor latent = attacked.latent.detach();
  record("hsic_clean", estimate("hsic", clean_latent, images_));
  record("hsic_adversarial", estimate("hsic", latent, adversarial));
  record("renyi_clean", estimate("renyi", clean_latent, images_));
  record("renyi_adversarial", estimate("renyi", latent, adversarial));
  record("smallest_eigenvalue", smallest_eigenvalue(latent.flatten(1)));
  if (const Estimator* estimator = rule.estimator()) {
    const at::Tensor leaf = latent.detach().requires_grad_();
    const at::Tensor value = estimator->value(leaf, adversarial) * recipe_.information.weight;
    const at::Tensor of_penalty = torch::autograd::grad({value}, {leaf})[0];
    const at::Tensor of_error = torch::autograd::grad({error}, {attacked.latent}, {}, /*retain_graph=*/true)[0];
    record("information_gradient_ratio", of_penalty.norm() / of_error.norm());
  }
  return write_probe_pictures({.clean = images_,
                               .input = adversarial,
                               .prediction = attacked.prediction.detach(),
                               .mask = mask.mask,
                               .patch_size = options.patch_size,
                               .norm_pix_loss = recipe_.norm_pix_loss},
                              step, folder, observer);
}

}  // namespace mimir
