#include <torch/torch.h>

#include <cmath>

#include "core/attacks/projections.h"
#include "core/base/schema.h"
#include "core/base/text.h"
#include "core/inspection/attack_path.h"
#include "core/service/attack_settings.h"
#include "core/service/pictures.h"

namespace mimir {
namespace {

constexpr std::size_t kTop = 5;
constexpr std::int64_t kLargestSweep = 256LL << 20;  ///< bytes of a sweep's paths that one answer carries

/// One request of the kind "attack".
class AttackRequest {
 public:
  AttackRequest(Warm& warm, const Settings& settings, const NamedArrays& arrays, const Job& job)
      : warm_(warm), settings_(settings), arrays_(arrays), job_(job), draws_(static_cast<std::uint64_t>(settings.integer("seed"))) {}

  Expected<Findings> run() {
    if (auto ready = prepare(); !ready) return pass_on(ready);
    if (auto done = attack(); !done) return pass_on(done);
    if (settings_.integer("branch-step") >= 0) {
      if (auto done = branch(); !done) return pass_on(done);
    }
    if (auto chosen = choose_iterate(); !chosen) return pass_on(chosen);
    describe();
    if (other_) transfer();
    if (!radii_.empty()) {
      if (auto done = sweep(); !done) return pass_on(done);
    }
    if (settings_.flag("smallest-epsilon")) {
      if (auto done = smallest(); !done) return pass_on(done);
    }
    return std::move(findings_);
  }

 private:
  /// Everything that can be wrong with the request, and the clean answers.
  Expected<void> prepare() {
    auto choice = read_attack(settings_, /*objective_too=*/true);
    if (!choice) return pass_on(choice);
    choice_ = std::move(*choice);
    if (choice_.name.empty()) return fail(ErrorCode::usage, "--attack: an attack is wanted, for instance pgd");
    for (const std::string& text : split(settings_.text("sweep"), ',')) {
      if (trim(text).empty()) continue;
      const auto radius = parse_number(trim(text));
      if (!radius) return fail(ErrorCode::usage, "--sweep {}: it must be numbers or fractions by comma", settings_.text("sweep"));
      if (const auto problem = check_epsilon(settings_.text("norm"), *radius)) return fail(ErrorCode::usage, "--sweep: {}", *problem);
      radii_.push_back(*radius);
    }
    AttackOptions ignored;
    if (const AttackEntry* entry = find_attack(choice_.name, ignored); settings_.flag("smallest-epsilon") && entry && entry->leaves_ball) {
      return fail(ErrorCode::usage, "--smallest-epsilon: {} may leave the epsilon ball, so what it breaks at is no bound", choice_.name);
    }
    up_to_ = settings_.number("up-to") > 0 ? settings_.number("up-to") : 2 * choice_.settings.threat.epsilon;
    if (choice_.settings.threat.norm == Norm::linf) up_to_ = std::min(up_to_, 1.0);
    auto subject = find_classifier(warm_, settings_);
    if (!subject) return pass_on(subject);
    subject_ = *subject;
    if (auto found = find_other(); !found) return found;
    auto pictures = find_pictures(warm_, *subject_, settings_, arrays_, job_.stop);
    if (!pictures) return pass_on(pictures);
    pictures_ = std::move(*pictures);
    ids_ = pictures_.ids();
    logits_ = answers(*subject_, pictures_.images);
    labels_ = pictures_.labels_or(logits_.argmax(1));
    findings_.result = common_result("attack", *subject_, pictures_, settings_, warm_, logits_);
    auto targets = find_targets(choice_, logits_, labels_, pictures_.classes);
    if (!targets) return pass_on(targets);
    targets_ = std::move(*targets);
    return {};
  }

  /// The model that the attacked images are shown to, if one is asked for.
  Expected<void> find_other() {
    const std::string text = settings_.text("transfer");
    if (text.empty()) return {};
    auto other = warm_.subject(text, "", Want::newest_stage);
    if (!other) return fail(other.error().code, "--transfer: {}", other.error().message);
    if (!(*other)->classifier) return fail(ErrorCode::mismatch, "--transfer: {} holds a masked autoencoder, which classifies nothing", (*other)->said());
    if ((*other)->img_size != subject_->img_size) {
      return fail(ErrorCode::mismatch, "--transfer: {} takes {} x {} pixels, {} takes {} x {}", (*other)->said(), (*other)->img_size,
                  (*other)->img_size, subject_->said(), subject_->img_size, subject_->img_size);
    }
    other_ = *other;
    settings_.say_as("transfer", other_->path.string());
    return {};
  }

  at::Tensor answers(const Subject& subject, const at::Tensor& images) const {
    at::NoGradGuard no_grad;
    return subject.classifier->forward(images, {.stop = job_.stop});
  }

  AttackPathOptions path_options() const {
    AttackPathOptions options;
    options.attack = choice_.name;
    options.settings = choice_.settings;
    options.loss = choice_.objective;
    options.targets = targets_;
    options.patch_size = subject_->patch_size;
    options.keep_images = settings_.flag("trajectory");
    options.stop = job_.stop;
    return options;
  }

  Expected<AttackPath> path(const AttackPathOptions& options) const {
    return attack_path(*subject_->classifier, pictures_.images, labels_, ids_, draws_, options);
  }

  Expected<void> attack() {
    AttackPathOptions options = path_options();
    const std::int64_t step = settings_.integer("step"), restart = settings_.integer("restart");
    options.keep_images = options.keep_images || settings_.integer("branch-step") >= 0 || (restart >= 0 && step < 0);
    if (!options.keep_images) options.keep_step = step;
    const std::int64_t steps = static_cast<std::int64_t>(options.settings.restarts) * (options.settings.num_steps + 1);
    options.progress = [&](int done) { job_.tell(done, std::max<std::int64_t>(steps, done), "attack"); };
    auto found = path(options);
    if (!found) return pass_on(found);
    path_ = std::move(*found);
    const std::int64_t restarts = path_.loss.size(0);
    if (restart >= restarts) return fail(ErrorCode::usage, "--restart {}: the attack has {}, counted from 0", restart, restarts);
    restart_ = restart >= 0 ? at::full_like(path_.restart, restart) : path_.restart;
    auto& tensors = findings_.tensors;
    tensors = {{"clean", pictures_.images}, {"label", labels_}, {"logits", logits_}, {"loss", of_restart(path_.loss, restart_)},
               {"margin", of_restart(path_.margin, restart_)}, {"prediction", of_restart(path_.logits, restart_).argmax(2)}, {"restart", restart_}};
    if (settings_.flag("trajectory")) {
      tensors["path"] = path_.images;
      tensors["path_loss"] = path_.loss;
      tensors["path_margin"] = path_.margin;
      tensors["path_probabilities"] = path_.logits.softmax(-1);
      tensors["path_gradient"] = path_.gradient;
    }
    return {};
  }

  /// What the answer calls adversarial: the end of the path, or the iterate that `step` and `restart` name. A path that was branched
  /// off goes on along its branch.
  Expected<void> choose_iterate() {
    const std::int64_t step = settings_.integer("step"), left = settings_.integer("branch-step"), last = path_.loss.size(1) - 1;
    adversarial_ = path_.adversarial;
    if (step < 0 && settings_.integer("restart") < 0) return {};
    const std::int64_t end = left >= 0 && step >= 0 ? left + branch_images_.size(0) - 1 : last, at = step < 0 ? last : step;
    if (at > end) return fail(ErrorCode::usage, "--step {}: the path ends with step {}", at, end);
    const bool on_branch = step >= 0 && left >= 0 && at > left;
    const std::int64_t place = path_.images.size(1) == 1 ? 0 : at;  // all were kept, or that one
    adversarial_ = on_branch ? branch_images_[at - left] : of_restart(path_.images.slice(1, place, place + 1), restart_).select(1, 0);
    adversarial_ = adversarial_.contiguous();  // [N, C, S, S]
    findings_.result["shown"] = {{"step", at}, {"last", end}, {"restart", nullptr}, {"restarts", path_.loss.size(0)}, {"branch", on_branch}};
    if (settings_.integer("restart") >= 0) findings_.result["shown"]["restart"] = settings_.integer("restart");
    return {};
  }

  /// The adversarial images and what the images' JSON says of them, and the hints on masking.
  void describe() {
    const at::Tensor& adversarial = adversarial_;
    const at::Tensor attacked = answers(*subject_, adversarial);
    findings_.tensors["adversarial"] = adversarial;
    findings_.tensors["adversarial_logits"] = attacked;
    const at::Tensor bytes = rounded_towards(pictures_.images, adversarial);
    const at::Tensor rounded = bytes.to(pictures_.images.scalar_type()) / 255;
    const at::Tensor rounded_logits = answers(*subject_, rounded);
    const at::Tensor success = attack_succeeded(attacked, labels_, targets_);
    const at::Tensor kept_logits = of_restart(path_.logits, restart_), loss = of_restart(path_.loss, restart_);
    const double epsilon = choice_.settings.threat.epsilon;
    const auto size = [&](const at::Tensor& images, Norm norm) { return perturbation_size(images, pictures_.images, norm); };
    const at::Tensor difference = (adversarial - pictures_.images).abs().flatten(1);
    std::int64_t flat = 0, masked = 0;
    for (std::int64_t n = 0; n < adversarial.size(0); ++n) {
      auto& image = findings_.result["images"][static_cast<std::size_t>(n)];
      const nlohmann::json answer = answer_json(attacked[n], labels_[n].item<std::int64_t>());
      for (const auto& [key, value] : answer.items()) image["adversarial_" + key] = value;
      image["target"] = targets_.defined() ? nlohmann::json(targets_[n].item<std::int64_t>()) : nlohmann::json(nullptr);
      image["success"] = success[n].item<bool>();
      image["top"] = top(logits_[n], attacked[n]);
      image["linf"] = size(adversarial, Norm::linf)[n].item<double>();
      image["l2"] = size(adversarial, Norm::l2)[n].item<double>();
      image["l0"] = difference[n].ne(0).to(at::kDouble).mean().item<double>();
      image["at_bound"] = choice_.settings.threat.norm == Norm::linf
                              ? nlohmann::json((difference[n] >= epsilon - kBallTolerance).to(at::kDouble).mean().item<double>())
                              : nlohmann::json(nullptr);
      image["zero_gradient"] = path_.zero_gradient[n].item<double>();
      image["restart"] = restart_[n].item<std::int64_t>();
      const at::Tensor flips = attack_succeeded(kept_logits[n], labels_[n].expand({kept_logits.size(1)}),
                                                targets_.defined() ? targets_[n].expand({kept_logits.size(1)}) : at::Tensor());
      image["first_flip"] = flips.any().item<bool>() ? nlohmann::json(flips.to(at::kByte).argmax(0).item<std::int64_t>()) : nlohmann::json(nullptr);
      image["linf_after_rounding"] = size(rounded, Norm::linf)[n].item<double>();
      image["l2_after_rounding"] = size(rounded, Norm::l2)[n].item<double>();
      image["prediction_after_rounding"] = rounded_logits[n].argmax(0).item<std::int64_t>();
      flat += loss[n][loss.size(1) - 1].item<double>() <= loss[n][0].item<double>();
      masked += path_.zero_gradient[n].item<double>() > 0.01;
    }
    auto& result = findings_.result;
    result["attack"] = attack_json(choice_, true);
    result["attack"]["forward"] = path_.forward;
    result["attack"]["backward"] = path_.backward;
    note_images_outside(result, choice_, pictures_.images, adversarial);
    result["hints"] = nlohmann::json::array();
    const auto hint = [&](std::int64_t count, const char* id, const char* says) {
      if (count > 0) result["hints"].push_back({{"id", id}, {"message", fmt::format("{} of {} images: {}", count, adversarial.size(0), says)}});
    };
    hint(flat, "loss-does-not-rise", "the loss at the end is not above that at the start");
    hint(masked, "zero-gradients", "more than one in a hundred gradients are exactly zero");
  }

  nlohmann::json top(const at::Tensor& clean, const at::Tensor& attacked) const {
    const at::Tensor p = clean.to(at::kDouble).softmax(0), q = attacked.to(at::kDouble).softmax(0);
    const at::Tensor order = at::argsort(at::maximum(p, q), /*stable=*/true, 0, /*descending=*/true);
    nlohmann::json rows = nlohmann::json::array();
    for (std::int64_t i = 0; i < std::min<std::int64_t>(kTop, order.size(0)); ++i) {
      const std::int64_t c = order[i].item<std::int64_t>();
      rows.push_back({c, number_or_null(p[c].item<double>()), number_or_null(q[c].item<double>())});
    }
    return rows;
  }

  void transfer() {
    const at::Tensor clean = answers(*other_, pictures_.images), attacked = answers(*other_, adversarial_);
    findings_.tensors["transfer_logits"] = clean;
    findings_.tensors["transfer_adversarial_logits"] = attacked;
    findings_.result["transfer"] = {{"path", other_->path.string()}, {"model", other_->model},
                                    {"run", other_->run ? nlohmann::json(other_->run->id()) : nlohmann::json(nullptr)}};
    for (std::int64_t n = 0; n < clean.size(0); ++n) {
      auto& image = findings_.result["images"][static_cast<std::size_t>(n)];
      image["transfer_prediction"] = clean[n].argmax(0).item<std::int64_t>();
      image["transfer_adversarial_prediction"] = attacked[n].argmax(0).item<std::int64_t>();
    }
  }

  Expected<void> branch() {
    const std::int64_t step = settings_.integer("branch-step"), last = path_.images.size(1) - 1;
    if (step > last) return fail(ErrorCode::usage, "--branch-step {}: the path ends with step {}", step, last);
    AttackPathOptions options = path_options();
    options.attack = "pgd";  // what goes on from any point
    options.start = of_restart(path_.images, restart_).select(1, step).contiguous();
    options.settings.restarts = 1;
    if (settings_.given("branch-steps")) options.settings.num_steps = static_cast<int>(settings_.integer("branch-steps"));
    if (settings_.given("branch-step-size")) options.settings.step_size = settings_.number("branch-step-size");
    if (settings_.given("branch-objective")) {
      auto loss = parse_loss(settings_.text("branch-objective"));
      if (!loss) return pass_on(loss);
      options.loss = *loss;
    }
    options.keep_images = true;
    auto found = path(options);
    if (!found) return pass_on(found);
    const at::Tensor attacked = answers(*subject_, found->adversarial);
    auto& tensors = findings_.tensors;
    tensors["branch_adversarial"] = found->adversarial;
    tensors["branch_path"] = branch_images_ = found->images[0];
    tensors["branch_loss"] = of_restart(found->loss, found->restart);
    tensors["branch_margin"] = of_restart(found->margin, found->restart);
    tensors["branch_logits"] = attacked;
    findings_.result["branch"] = {{"step", step}, {"objective", loss_name(options.loss)}, {"step_size", options.settings.step_size},
                                  {"num_steps", options.settings.num_steps}};
    for (std::int64_t n = 0; n < attacked.size(0); ++n) {
      nlohmann::json end = answer_json(attacked[n], labels_[n].item<std::int64_t>());
      end["linf"] = perturbation_size(found->adversarial, pictures_.images, Norm::linf)[n].item<double>();
      end["l2"] = perturbation_size(found->adversarial, pictures_.images, Norm::l2)[n].item<double>();
      findings_.result["images"][static_cast<std::size_t>(n)]["branch"] = std::move(end);
    }
    return {};
  }

  Expected<void> sweep() {
    std::map<std::string, std::vector<at::Tensor>> all;
    nlohmann::json rows = nlohmann::json::array();
    const std::int64_t path_bytes = static_cast<std::int64_t>(radii_.size()) * (choice_.settings.num_steps + 1) * pictures_.images.numel() * 4;
    const bool paths = settings_.flag("trajectory") && path_bytes <= kLargestSweep;
    if (settings_.flag("trajectory") && !paths) findings_.result["notes"].push_back("the sweep's paths are too large for one answer: they come with its parts only");
    for (std::size_t i = 0; i < radii_.size(); ++i) {
      job_.tell(static_cast<std::int64_t>(i), static_cast<std::int64_t>(radii_.size()), "sweep");
      AttackPathOptions options = path_options();
      options.settings = at_radius(choice_.settings, radii_[i]);
      auto found = path(options);
      if (!found) return pass_on(found);
      const at::Tensor attacked = answers(*subject_, found->adversarial);
      Findings part;
      part.tensors = {{"sweep_adversarial", found->adversarial}, {"sweep_logits", attacked},
                      {"sweep_loss", of_restart(found->loss, found->restart)}, {"sweep_margin", of_restart(found->margin, found->restart)}};
      if (settings_.flag("trajectory")) part.tensors["sweep_path"] = of_restart(found->images, found->restart).transpose(0, 1);  // [S+1, N, …]
      part.result = {{"epsilon", radii_[i]}, {"at", i}};
      rows.push_back({{"epsilon", radii_[i]}, {"broken", attack_succeeded(attacked, labels_, targets_).to(at::kDouble).mean().item<double>()}});
      for (const auto& [name, tensor] : part.tensors) {
        if (name != "sweep_path" || paths) all[name].push_back(tensor);
      }
      if (job_.better) job_.better(part);
    }
    for (const auto& [name, parts] : all) findings_.tensors[name] = at::stack(parts);
    findings_.tensors["sweep_epsilon"] = at::tensor(radii_, at::kDouble);
    findings_.result["sweep"] = std::move(rows);
    return {};
  }

  Expected<void> smallest() {
    std::vector<at::Tensor> images;
    for (std::int64_t n = 0; n < labels_.size(0); ++n) {
      job_.tell(n, labels_.size(0), "smallest epsilon");
      AttackPathOptions options = path_options();
      if (targets_.defined()) options.targets = targets_.slice(0, n, n + 1);
      const auto tell = [&](double epsilon, bool broken, double low, double high) {
        if (job_.better) job_.better({{{"image", n}, {"epsilon", epsilon}, {"broken", broken}, {"low", low}, {"high", high}}, {}});
      };
      auto found = smallest_epsilon(*subject_->classifier, pictures_.images.slice(0, n, n + 1), labels_.slice(0, n, n + 1),
                                    ids_[static_cast<std::size_t>(n)], draws_, options, up_to_, tell);
      if (!found) return pass_on(found);
      auto& image = findings_.result["images"][static_cast<std::size_t>(n)];
      image["smallest_epsilon"] = found->epsilon ? nlohmann::json(*found->epsilon) : nlohmann::json(nullptr);
      image["up_to"] = up_to_;
      image["tried"] = found->tried;
      images.push_back(found->adversarial);
    }
    findings_.tensors["smallest_adversarial"] = at::stack(images);
    return {};
  }

  Warm& warm_;
  Settings settings_;
  const NamedArrays& arrays_;
  const Job& job_;
  PhiloxDraws draws_;
  AttackChoice choice_;
  std::vector<double> radii_;
  double up_to_ = 0;
  std::shared_ptr<const Subject> subject_, other_;
  Pictures pictures_;
  std::vector<std::int64_t> ids_;
  at::Tensor logits_;   ///< [N, K] of the clean images
  at::Tensor labels_;   ///< [N]
  at::Tensor targets_;  ///< [N], or undefined
  AttackPath path_;
  at::Tensor restart_;        ///< [N] int64: of each image the one that is told of
  at::Tensor branch_images_;  ///< [S'+1, N, C, S, S], undefined without a branch
  at::Tensor adversarial_;    ///< [N, C, S, S]
  Findings findings_;
};

std::vector<Parameter> parameters() {
  std::vector<Parameter> list = model_parameters("0", "Ids of images of the split, by comma, or a PNG or JPEG file.");
  for (Parameter& each : attack_parameters("pgd", /*objective_too=*/true)) list.push_back(std::move(each));
  const auto flag = [&](const char* key, const char* help) {
    list.push_back({.key = key, .type = ParameterType::boolean, .fallback = false, .help = help});
  };
  flag("trajectory", "Keep every iterate.");
  list.push_back({.key = "step", .type = ParameterType::integer, .fallback = -1LL, .minimum = -1,
                  .help = "Take what the path, or its branch, is at after so many steps for the adversarial image; -1: the end. Steps and step size stay those of the whole path."});
  list.push_back({.key = "restart", .type = ParameterType::integer, .fallback = -1LL, .minimum = -1, .help = "Of which restart, counted from 0; -1: the one with the highest loss."});
  flag("smallest-epsilon", "Bisect for the smallest radius at which the attack succeeds: an upper bound of the true one.");
  list.push_back({.key = "up-to", .fallback = 0.0, .minimum = 0, .help = "End of that range; 0 takes twice epsilon."});
  list.push_back({.key = "sweep", .type = ParameterType::text, .fallback = "", .help = "The same attack at these radii, by comma; a given step size keeps its ratio to epsilon."});
  list.push_back({.key = "branch-step", .type = ParameterType::integer, .fallback = -1LL, .minimum = -1, .help = "Go on by pgd from this step of the path; -1: do not."});
  list.push_back({.key = "branch-objective", .type = ParameterType::choice, .fallback = "ce", .choices = {"ce", "margin", "cw_hinge", "dlr"}, .help = "What the branch raises; the attack's own objective if not given."});
  list.push_back({.key = "branch-step-size", .fallback = 0.0, .minimum = 0, .help = "Of the branch; the attack's own if not given, 0 is epsilon/4."});
  list.push_back({.key = "branch-steps", .type = ParameterType::integer, .fallback = 10LL, .minimum = 1, .maximum = 10000, .help = "Of the branch; the attack's own number if not given."});
  list.push_back({.key = "transfer", .type = ParameterType::text, .fallback = "", .help = "Another run or checkpoint that the attacked images are shown to."});
  return list;
}

const bool registered = services().add({{"attack", "Attack", "see the attack",
                                         "Attacks images and tells how it went: every step, the smallest radius, other radii, another model.", parameters()},
                                        [](Warm& warm, const Settings& settings, const NamedArrays& arrays, const Job& job) {
                                          return AttackRequest(warm, settings, arrays, job).run();
                                        }});

}  // namespace
}  // namespace mimir
