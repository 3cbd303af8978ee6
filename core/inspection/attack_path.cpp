#include "core/inspection/attack_path.h"

#include <torch/torch.h>

#include <limits>

#include "core/attacks/classifier_objective.h"
#include "core/attacks/projections.h"
#include "core/models/patches.h"

namespace mimir {
namespace {

constexpr int kBisections = 10;  ///< 2^10 = 1024 parts

/// [N, C, X, X] -> [N, L]: 2-norm in each patch.
at::Tensor patch_norm(const at::Tensor& gradient, std::int64_t patch_size) {
  return at::linalg_vector_norm(patchify(gradient, patch_size), 2, {-1});
}

/// What the steps of the attack tell, by restart and step.
class Recorder {
 public:
  Recorder(const AttackPathOptions& options, at::Tensor labels) : options_(options), labels_(std::move(labels)) {}

  void take(const AttackStep& step) {
    const auto restart = static_cast<std::size_t>(step.restart);
    if (loss_.size() <= restart) {
      for (auto* list : {&loss_, &margin_, &logits_, &gradient_, &images_}) list->resize(restart + 1);
      last_.resize(restart + 1);
    }
    at::NoGradGuard no_grad;
    loss_[restart].push_back(step.value.per_sample);
    margin_[restart].push_back(margin(step.value.logits, labels_));
    logits_[restart].push_back(step.value.logits);
    const std::int64_t patches = step.images.size(2) / options_.patch_size * (step.images.size(3) / options_.patch_size);
    ++forward_;
    if (step.gradient.defined()) {
      gradient_[restart].push_back(patch_norm(step.gradient, options_.patch_size));
      const at::Tensor zeros = step.gradient.eq(0).flatten(1).to(at::kDouble).mean(1);
      zeros_ = zeros_.defined() ? zeros_ + zeros : zeros;
      ++backward_;
    } else {
      gradient_[restart].push_back(at::full({step.images.size(0), patches}, std::numeric_limits<double>::quiet_NaN(), step.images.options()));
    }
    if (options_.keep_images || options_.keep_step == step.step) images_[restart].push_back(step.images);
    last_[restart] = step.images;
    if (options_.progress) options_.progress(static_cast<int>(forward_));
  }

  AttackPath path(at::Tensor adversarial) const {
    AttackPath path;
    path.loss = stacked(loss_);
    path.margin = stacked(margin_);
    path.logits = stacked(logits_);
    path.gradient = stacked(gradient_);
    if (!images_.empty() && !images_.front().empty()) path.images = stacked(images_);
    path.zero_gradient = zeros_.defined() ? zeros_ / static_cast<double>(backward_) : at::zeros({adversarial.size(0)}, at::kDouble);
    // The kept restart is the first that ends with the very image.
    path.restart = at::zeros({adversarial.size(0)}, at::kLong);
    for (std::size_t r = last_.size(); r-- > 0;) {
      const at::Tensor same = last_[r].eq(adversarial).flatten(1).all(1).cpu();
      path.restart.masked_fill_(same, static_cast<std::int64_t>(r));
    }
    path.adversarial = std::move(adversarial);
    path.forward = forward_;
    path.backward = backward_;
    return path;
  }

 private:
  using Lists = std::vector<std::vector<at::Tensor>>;
  static at::Tensor stacked(const Lists& lists) {
    std::vector<at::Tensor> restarts;
    for (const auto& list : lists) restarts.push_back(at::stack(list));
    return at::stack(restarts);
  }

  const AttackPathOptions& options_;
  at::Tensor labels_;
  Lists loss_, margin_, logits_, gradient_, images_;
  std::vector<at::Tensor> last_;
  at::Tensor zeros_;
  std::int64_t forward_ = 0, backward_ = 0;
};

}  // namespace

Expected<Loss> targeted_loss(Loss loss) {
  if (loss == Loss::ce) return Loss::ce_targeted;
  if (loss == Loss::dlr) return Loss::dlr_targeted;
  return fail(ErrorCode::usage, "the objective {} leads away from the label and to no target: take ce or dlr", loss_name(loss));
}

Expected<AttackPath> attack_path(ClassifierImpl& model, const at::Tensor& images, const at::Tensor& labels,
                                 std::span<const std::int64_t> ids, const Draws& draws, const AttackPathOptions& options) {
  auto attack = make_attack(options.attack, options.settings);
  if (!attack) return pass_on(attack);
  ClassifierObjectiveOptions objective_options;
  objective_options.loss = options.loss;
  if (options.targets.defined()) {
    auto loss = targeted_loss(options.loss);
    if (!loss) return pass_on(loss);
    objective_options.loss = *loss;
    objective_options.targets = options.targets;
  }
  objective_options.context.stop = options.stop;
  ClassifierObjective objective(model, labels, objective_options);
  Recorder recorder(options, labels);
  AttackRun run{draws, {Purpose::pgd}, ids, options.stop, options.start, [&](const AttackStep& step) { recorder.take(step); },
                /*observe_last=*/true};
  return recorder.path((*attack)->run(objective, images, run));
}

at::Tensor of_restart(const at::Tensor& values, const at::Tensor& restart) {
  std::vector<at::Tensor> rows;
  for (std::int64_t n = 0; n < restart.size(0); ++n) rows.push_back(values[restart[n].item<std::int64_t>()].select(1, n));
  return at::stack(rows);  // [N, S+1, …]
}

at::Tensor attack_succeeded(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets) {
  const at::Tensor prediction = logits.argmax(1);
  const at::Tensor reached = targets.defined() ? prediction.eq(targets) : prediction.ne(labels);
  return reached | logits.isnan().any(1);  // logits that are no numbers count as broken
}

at::Tensor rounded_towards(const at::Tensor& clean, const at::Tensor& adversarial) {
  constexpr double kLevelTolerance = 1e-4;  // of a level: fp32 does not hit 107/255 exactly
  const at::Tensor levels = adversarial.to(at::kDouble) * 255, origin = clean.to(at::kDouble) * 255;
  const at::Tensor nearest = levels.round();
  const at::Tensor inner = at::where(levels > origin, levels.floor(), levels.ceil());
  return at::where((levels - nearest).abs() < kLevelTolerance, nearest, inner).clamp(0, 255).to(at::kByte);
}

AttackOptions at_radius(AttackOptions settings, double epsilon) {
  if (settings.threat.epsilon > 0) settings.step_size *= epsilon / settings.threat.epsilon;
  settings.threat.epsilon = epsilon;
  return settings;
}

Expected<SmallestEpsilon> smallest_epsilon(ClassifierImpl& model, const at::Tensor& image, const at::Tensor& label, std::int64_t id,
                                           const Draws& draws, const AttackPathOptions& options, double up_to,
                                           const std::function<void(double, bool, double, double)>& tell) {
  const ForwardContext context{.stop = options.stop};
  const auto broken = [&](const at::Tensor& candidate, double epsilon) {
    at::NoGradGuard no_grad;
    const bool inside = perturbation_size(candidate, image, options.settings.threat.norm).item<double>() <= epsilon + kBallTolerance &&
                        candidate.ge(0).all().item<bool>() && candidate.le(1).all().item<bool>();
    return inside && attack_succeeded(model.forward(candidate, context), label, options.targets).item<bool>();
  };
  SmallestEpsilon result;
  result.adversarial = image[0];
  double low = 0, high = up_to;
  const auto settle = [&](double epsilon, bool success, const at::Tensor& candidate) {
    result.tried.emplace_back(epsilon, success);
    if (success) {
      result.epsilon = epsilon;
      result.adversarial = candidate[0];
      high = epsilon;
    } else if (epsilon < up_to) {
      low = epsilon;
    }
    if (tell) tell(epsilon, success, low, high);
  };
  if (broken(image, 0)) {
    settle(0, true, image);
    return result;
  }
  for (int trial = 0; trial <= kBisections; ++trial) {
    const double epsilon = trial == 0 ? up_to : (low + high) / 2;
    AttackPathOptions once = options;
    once.settings = at_radius(options.settings, epsilon);
    once.keep_images = false;
    once.progress = {};
    auto path = attack_path(model, image, label, std::span(&id, 1), draws, once);
    if (!path) return pass_on(path);
    settle(epsilon, broken(path->adversarial, epsilon), path->adversarial);
    if (!result.epsilon) break;  // not even at the end of the range
  }
  return result;
}

}  // namespace mimir
