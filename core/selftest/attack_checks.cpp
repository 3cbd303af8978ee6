#include <torch/torch.h>

#include <filesystem>
#include <numeric>
#include <stdexcept>

#include "core/attacks/attack.h"
#include "core/attacks/classifier_objective.h"
#include "core/attacks/projections.h"
#include "core/attacks/reconstruction_objective.h"
#include "core/base/text.h"
#include "core/selftest/check.h"
#include "core/selftest/fixture_models.h"
#include "core/tensor/recorded_draws.h"

namespace mimir::selftest {
namespace {

constexpr at::ScalarType kPrecisions[] = {at::kFloat, at::kDouble};

std::vector<std::int64_t> rows(std::int64_t count) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  return ids;
}

std::unique_ptr<Attack> attack_of(const std::string& name, const AttackOptions& options) {
  auto attack = make_attack(name, options);
  if (!attack) throw ErrorException(std::move(attack.error()));
  return std::move(*attack);
}

void check_projections(const Fixture& fixture, Comparison& comparison) {
  for (const std::string& name : fixture.names("in.")) {
    if (!name.ends_with(".x")) continue;
    const std::string group = name.substr(0, name.size() - 2);
    for (const at::ScalarType precision : kPrecisions) {
      const at::Tensor x = fixture.tensor("in." + group + ".x").to(precision);
      const at::Tensor y = fixture.tensor("in." + group + ".y").to(precision);
      for (const auto& [size, epsilon] : fixture.config["eps"].items()) {
        for (const Norm norm : {Norm::linf, Norm::l2}) {
          comparison.check("out." + group + "." + norm_name(norm) + "." + size,
                           project(x + y, x, {norm, epsilon.get<double>()}));
        }
      }
    }
  }
}

/// The value of the loss named so in losses.safetensors; undefined for one that is not ours.
at::Tensor loss_named(const std::string& name, const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets,
                      const at::Tensor& reference) {
  if (name.starts_with("cw_hinge")) {
    return cw_hinge(logits, labels, parse_number(name.substr(std::string("cw_hinge").size())).value());
  }
  const auto loss = parse_loss(name);
  if (!loss) return {};
  switch (*loss) {
    case Loss::ce: return cross_entropy(logits, labels);
    case Loss::ce_targeted: return targeted_cross_entropy(logits, targets);
    case Loss::margin: return margin(logits, labels);
    case Loss::cw_hinge: return cw_hinge(logits, labels);
    case Loss::dlr: return difference_of_logits_ratio(logits, labels);
    case Loss::dlr_targeted: return targeted_difference_of_logits_ratio(logits, labels, targets);
    case Loss::kl: return kl_divergence(reference, logits);
  }
  return {};
}

at::Tensor second_class(const at::Tensor& logits) { return std::get<1>(logits.topk(2, 1)).select(1, 1); }

/// Losses of two images through the toy model, by their gradients in the images.
void check_input_losses(const Fixture& fixture, Comparison& comparison) {
  VitClassifier model = fixture_classifier(fixture.sibling("toy_classifier.safetensors"));
  const Fixture batch = fixture.sibling("toy_batch.safetensors");
  const at::Tensor index = fixture.tensor("in.input.index");
  const at::Tensor clean = batch.tensor("in.images").index_select(0, index);
  const at::Tensor labels = batch.tensor("in.labels").index_select(0, index);
  for (const at::ScalarType precision : kPrecisions) {
    model->to(precision);
    const at::Tensor images = clean.to(precision);
    const at::Tensor i = at::arange(images.numel(), images.options().dtype(at::kDouble));
    const at::Tensor moved = (images + 0.01 * i.sin().sign().view(images.sizes()).to(precision)).clamp(0, 1);
    at::Tensor logits;
    {
      at::NoGradGuard no_grad;
      logits = model->forward(images);
    }
    for (const std::string& name : fixture.names("out.input.")) {
      const auto loss = parse_loss(name);
      if (!loss) continue;
      const at::Tensor point = (*loss == Loss::kl ? moved : images).detach().requires_grad_();
      ClassifierObjective objective(*model, labels, {*loss, second_class(logits), logits});
      const ObjectiveValue value = objective.evaluate(point, 0);
      comparison.check("out.input." + name, value.per_sample);
      comparison.check("grad.input." + name, torch::autograd::grad({value.total}, {point})[0]);
    }
  }
}

void check_losses(const Fixture& fixture, Comparison& comparison) {
  for (const std::string& entry : fixture.names("in.")) {
    if (!entry.ends_with(".logits")) continue;
    const std::string group = entry.substr(0, entry.find('.'));
    const at::Tensor labels = fixture.tensor("in." + group + ".y"), targets = fixture.tensor("in." + group + ".target");
    for (const at::ScalarType precision : kPrecisions) {
      const at::Tensor reference = fixture.tensor("in." + group + ".logits_ref").to(precision);
      for (const std::string& name : fixture.names("out." + group + ".")) {
        const at::Tensor logits = fixture.tensor("in." + entry).to(precision).requires_grad_();
        const at::Tensor value = loss_named(name, logits, labels, targets, reference);
        if (!value.defined()) continue;  // the library's form with its known defect
        comparison.check("out." + group + "." + name, value);
        comparison.check("grad." + group + "." + name, torch::autograd::grad({value.sum()}, {logits})[0]);
      }
    }
  }
  const auto folder = fixture.path.parent_path();
  if (std::filesystem::exists(folder / "toy_batch.safetensors") && std::filesystem::exists(folder / "toy_classifier.safetensors")) {
    check_input_losses(fixture, comparison);
  }
}

void check_toy_classifier(const Fixture& fixture, Comparison& comparison) {
  VitClassifier model = fixture_classifier(fixture);
  const auto parameters = model->named_parameters();
  std::vector<std::string> names = parameters.keys();
  std::sort(names.begin(), names.end());
  comparison.require("parameter names", names == fixture.names("param."));
  for (const auto& parameter : parameters) {
    comparison.require(parameter.key(), fixture.tensor("param." + parameter.key()).sizes() == parameter.value().sizes());
  }
}

void check_toy_batch(const Fixture& fixture, Comparison& comparison) {
  at::NoGradGuard no_grad;
  VitClassifier model = fixture_classifier(fixture.sibling("toy_classifier.safetensors"));
  const at::Tensor images = fixture.tensor("in.images");
  if (fixture.has("in.images_u8")) {
    // A GPU divides by multiplying with the reciprocal, one bit off; pictures are made into numbers on the CPU.
    comparison.require("in.images", (fixture.tensor("in.images_u8").to(at::kCPU, at::kFloat) / 255).equal(images.to(at::kCPU)));
  }
  for (const at::ScalarType precision : kPrecisions) {
    model->to(precision);
    const at::Tensor logits = model->forward(images.to(precision));
    comparison.check("out.logits", logits);
    comparison.check("out.features_mean_abs", model->features(images.to(precision)).abs().mean(at::IntArrayRef{1, 2}));
    comparison.check("out.correct", logits.argmax(1).eq(fixture.tensor("in.labels")));
  }
}

/// One attack of pgd.safetensors: its iterates, losses, images and flags, as far as the file has them.
struct PgdCase {
  std::string name;      ///< "pgd_linf"
  std::string attack;    ///< registry id
  AttackOptions options;
  Loss loss = Loss::ce;
};

void check_pgd_case(const Fixture& fixture, Comparison& comparison, VitClassifierImpl& model, const at::Tensor& clean,
                    const at::Tensor& labels, const at::Tensor& targets, const Draws& draws, const PgdCase& item) {
  std::vector<at::Tensor> losses, iterates;
  const std::vector<std::int64_t> ids = rows(clean.size(0));
  AttackRun run{draws, {Purpose::pgd}, ids};
  run.observe_last = true;
  run.observe = [&](const AttackStep& step) {
    // The file has the cross-entropy itself, also where the attack lowers it.
    losses.push_back(item.loss == Loss::ce_targeted ? -step.value.per_sample : step.value.per_sample);
    iterates.push_back(step.images);
  };
  ClassifierObjective objective(model, labels, {item.loss, targets});
  const at::Tensor images = attack_of(item.attack, item.options)->run(objective, clean, run);
  const std::string prefix = "out." + item.name + ".";
  const auto first = [&](const std::string& name, const at::Tensor& all, std::int64_t dim) {
    if (fixture.has(prefix + name)) comparison.check(prefix + name, all.slice(dim, 0, fixture.tensor(prefix + name).size(dim)));
  };
  first("adv", images, 0);
  first("loss", at::stack(losses), 1);
  first("iterates", at::stack(iterates), 1);
  at::NoGradGuard no_grad;
  if (fixture.has(prefix + "robust")) comparison.check(prefix + "robust", model.forward(images).argmax(1).eq(labels));
}

void check_pgd(const Fixture& fixture, Comparison& comparison) {
  VitClassifier model = fixture_classifier(fixture.sibling("toy_classifier.safetensors"));
  const Fixture batch = fixture.sibling("toy_batch.safetensors");
  const auto& config = fixture.config;
  const at::Tensor index = fixture.tensor("in.index");
  const at::Tensor labels = batch.tensor("in.labels").index_select(0, index);
  AttackOptions linf{{Norm::linf, config["eps_linf"]}, config["alpha_linf"], config["steps"]};
  AttackOptions l2{{Norm::l2, config["eps_l2"]}, config["alpha_l2"], config["steps"]};
  RecordedDraws linf_draws, l2_draws;
  linf_draws.record_uniform(Purpose::pgd, 0, 0, uniform_of_noise(fixture.tensor("in.linf.noise"), linf.threat.epsilon));
  l2_draws.record_normal(Purpose::pgd, 0, 0, fixture.tensor("in.l2.normal"));
  l2_draws.record_uniform(Purpose::pgd, 0, 0, fixture.tensor("in.l2.radius_u").unsqueeze(1));

  for (const at::ScalarType precision : kPrecisions) {
    model->to(precision);
    const at::Tensor clean = batch.tensor("in.images").index_select(0, index).to(precision);
    at::Tensor targets;
    {
      at::NoGradGuard no_grad;
      targets = second_class(model->forward(clean));
    }
    comparison.check("out.target", targets);
    const auto check = [&](const Draws& draws, const PgdCase& item) {
      check_pgd_case(fixture, comparison, *model, clean, labels, targets, draws, item);
    };
    check(linf_draws, {"fgsm", "fgsm", linf});
    check(linf_draws, {"pgd_linf", "pgd", linf});
    check(linf_draws, {"pgd_targeted", "pgd", linf, Loss::ce_targeted});
    check(l2_draws, {"pgd_l2", "pgd", l2});
  }
}

void check_mae_attack(const Fixture& fixture, Comparison& comparison) {
  const auto& config = fixture.config;
  MaskedAutoencoder model = fixture_autoencoder(fixture);
  const bool official = config["form"] == "official";
  const AttackOptions options{{Norm::linf, config["epsilon"]}, config["step_size"], config["steps"], config["random_start"]};
  comparison.require("box", config.value("clip_min", 0.0) == 0 && config.value("clip_max", 1.0) == 1);

  RecordedDraws draws;
  draws.record_uniform(Purpose::pretrain_attack, 0, 0, uniform_of_noise(fixture.tensor("in.start_noise"), options.threat.epsilon));
  for (std::int64_t s = 0; official && s < options.num_steps; ++s) {
    draws.record_uniform(Purpose::pretrain_attack_mask, 0, static_cast<std::uint32_t>(s), fixture.tensor("in.attack_mask_noise").select(0, s));
  }
  const PatchMask mask = make_patch_mask(fixture.tensor("in.mask_noise"), config["mask_ratio"]);
  const bool norm_pix_loss = config["norm_pix_loss"];
  const std::int64_t patch_size = model->options().patch_size;

  for (const at::ScalarType precision : kPrecisions) {
    model->to(precision);
    const at::Tensor clean = fixture.tensor("in.images").to(precision);
    const at::Tensor target = reconstruction_target(clean, patch_size, norm_pix_loss);
    const std::vector<std::int64_t> ids = rows(clean.size(0));
    std::unique_ptr<Objective> objective;
    if (official) {
      objective = std::make_unique<OfficialReconstructionObjective>(
          *model, draws, ids, OfficialReconstructionObjective::Options{norm_pix_loss, config["attack_mask_ratio"]});
    } else {
      objective = std::make_unique<ReconstructionObjective>(*model, mask, target);
    }
    // The file has mean loss and its gradient, the attack takes the sum: signs are the same.
    std::vector<at::Tensor> losses, gradients;
    AttackRun run{draws, {Purpose::pretrain_attack}, ids};
    run.observe = [&](const AttackStep& step) {
      losses.push_back(step.value.per_sample.mean());
      gradients.push_back(step.gradient / clean.size(0));
    };
    comparison.check("out.x_adv", attack_of("pgd", options)->run(*objective, clean, run));
    comparison.check("out.attack_loss", at::stack(losses));
    comparison.check("grad.step", at::stack(gradients));

    at::NoGradGuard no_grad;
    const auto loss = [&](const at::Tensor& input) {
      return reconstruction_error(model->forward(input, mask).prediction, target, mask.mask).mean();
    };
    comparison.check("out.train_loss", loss(fixture.tensor("out.x_adv").to(precision)));
    comparison.check("out.clean_loss", loss(clean));
  }
}

const bool registered[] = {
    checks().add({{"projections", "Balls and box", "AutoAttack, code", ""}, check_projections}),
    checks().add({{"losses", "Attack losses", "AutoAttack, code", ""}, check_losses}),
    checks().add({{"toy_classifier", "Weights of the toy model", "own", ""}, check_toy_classifier}),
    checks().add({{"toy_batch", "Logits of the toy model", "own", ""}, check_toy_batch}),
    checks().add({{"pgd", "FGSM and PGD", "torchattacks, code", ""}, check_pgd}),
    checks().add({{"mae_attack", "Attack on the reconstruction", "MIMIR, code", ""}, check_mae_attack}),
};

}  // namespace
}  // namespace mimir::selftest
