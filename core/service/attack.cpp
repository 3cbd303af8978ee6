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
constexpr double kBoundTolerance = 1e-6;
constexpr std::int64_t kLargestSweep = 256LL << 20;  ///< bytes of a sweep's paths that one answer carries

/// One request of the kind "attack".
class AttackRequest {
 public:
  AttackRequest(Warm& warm, const Settings& settings, const NamedArrays& arrays, const Job& job)
      : warm_(warm), settings_(settings), arrays_(arrays), job_(job), draws_(static_cast<std::uint64_t>(settings.integer("seed"))) {}

  Expected<Findings> run() {
    if (auto ready = prepare(); !ready) return pass_on(ready);
    if (auto done = attack(); !done) return pass_on(done);
    if (!settings_.text("transfer").empty()) {
      if (auto done = transfer(); !done) return pass_on(done);
    }
    if (settings_.integer("branch-step") >= 0) {
      if (auto done = branch(); !done) return pass_on(done);
    }
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
    if (!choice_.target.empty()) {
      if (auto targeted = targeted_loss(choice_.objective); !targeted) return pass_on(targeted);
    }
    for (const std::string& text : split(settings_.text("sweep"), ',')) {
      if (trim(text).empty()) continue;
      const auto radius = parse_number(trim(text));
      if (!radius) return fail(ErrorCode::usage, "--sweep {}: it must be numbers or fractions by comma", settings_.text("sweep"));
      if (const auto problem = check_epsilon(settings_.text("norm"), *radius)) return fail(ErrorCode::usage, "--sweep: {}", *problem);
      radii_.push_back(*radius);
    }
    up_to_ = settings_.number("up-to") > 0 ? settings_.number("up-to") : 2 * choice_.settings.threat.epsilon;
    if (choice_.settings.threat.norm == Norm::linf) up_to_ = std::min(up_to_, 1.0);
    auto subject = find_classifier(warm_, settings_);
    if (!subject) return pass_on(subject);
    subject_ = *subject;
    auto pictures = find_pictures(warm_, *subject_, settings_, arrays_, job_.stop);
    if (!pictures) return pass_on(pictures);
    pictures_ = std::move(*pictures);
    ids_ = pictures_.ids();
    logits_ = answers(*subject_, pictures_.images);
    labels_ = pictures_.labels_or(logits_.argmax(1));
    findings_.result = common_result("attack", *subject_, pictures_, settings_, warm_, logits_);
    return find_targets();
  }

  Expected<void> find_targets() {
    const std::string& text = choice_.target;
    if (text.empty()) return {};
    if (text == "least-likely") {
      targets_ = logits_.argmin(1);
    } else {
      auto target = parse_class(text, pictures_.classes, subject_->classifier->num_classes());
      if (!target) return fail(target.error().code, "--target: {}", target.error().message);
      targets_ = at::full_like(labels_, *target);
    }
    if (targets_.eq(labels_).any().item<bool>()) return fail(ErrorCode::usage, "--target {}: an image cannot be led to its own label", text);
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
    options.keep_images = options.keep_images || settings_.integer("branch-step") >= 0;
    const std::int64_t steps = static_cast<std::int64_t>(options.settings.restarts) * (options.settings.num_steps + 1);
    options.progress = [&](int done) { job_.tell(done, std::max<std::int64_t>(steps, done), "attack"); };
    auto found = path(options);
    if (!found) return pass_on(found);
    path_ = std::move(*found);
    const at::Tensor& adversarial = path_.adversarial;
    const at::Tensor attacked = answers(*subject_, adversarial);
    auto& tensors = findings_.tensors;
    const at::Tensor kept_logits = of_restart(path_.logits, path_.restart);  // [N, S+1, K]
    tensors = {{"clean", pictures_.images}, {"adversarial", adversarial}, {"label", labels_}, {"logits", logits_},
               {"adversarial_logits", attacked}, {"loss", of_restart(path_.loss, path_.restart)},
               {"margin", of_restart(path_.margin, path_.restart)}, {"prediction", kept_logits.argmax(2)}, {"restart", path_.restart}};
    if (settings_.flag("trajectory")) {
      tensors["path"] = path_.images;
      tensors["path_loss"] = path_.loss;
      tensors["path_margin"] = path_.margin;
      tensors["path_probabilities"] = path_.logits.softmax(-1);
      tensors["path_gradient"] = path_.gradient;
    }
    describe(attacked);
    return {};
  }

  /// What the images' JSON says of the attack, and the hints on masking.
  void describe(const at::Tensor& attacked) {
    const at::Tensor& adversarial = path_.adversarial;
    const at::Tensor bytes = rounded_towards(pictures_.images, adversarial);
    const at::Tensor rounded = bytes.to(pictures_.images.scalar_type()) / 255;
    const at::Tensor rounded_logits = answers(*subject_, rounded);
    const at::Tensor success = attack_succeeded(attacked, labels_, targets_);
    const at::Tensor kept_logits = of_restart(path_.logits, path_.restart), loss = of_restart(path_.loss, path_.restart);
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
                              ? nlohmann::json((difference[n] >= epsilon - kBoundTolerance).to(at::kDouble).mean().item<double>())
                              : nlohmann::json(nullptr);
      image["zero_gradient"] = path_.zero_gradient[n].item<double>();
      image["restart"] = path_.restart[n].item<std::int64_t>();
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

  Expected<void> transfer() {
    auto other = warm_.subject(settings_.text("transfer"), "", Want::newest_stage);
    if (!other) return fail(other.error().code, "--transfer: {}", other.error().message);
    if (!(*other)->classifier) return fail(ErrorCode::mismatch, "--transfer: {} holds a masked autoencoder, which classifies nothing", (*other)->said());
    if ((*other)->img_size != subject_->img_size) {
      return fail(ErrorCode::mismatch, "--transfer: {} takes {} x {} pixels, {} takes {} x {}", (*other)->said(), (*other)->img_size,
                  (*other)->img_size, subject_->said(), subject_->img_size, subject_->img_size);
    }
    const at::Tensor clean = answers(**other, pictures_.images), attacked = answers(**other, path_.adversarial);
    findings_.tensors["transfer_logits"] = clean;
    findings_.tensors["transfer_adversarial_logits"] = attacked;
    findings_.result["transfer"] = {{"path", (*other)->path.string()}, {"model", (*other)->model},
                                    {"run", (*other)->run ? nlohmann::json((*other)->run->id()) : nlohmann::json(nullptr)}};
    for (std::int64_t n = 0; n < clean.size(0); ++n) {
      auto& image = findings_.result["images"][static_cast<std::size_t>(n)];
      image["transfer_prediction"] = clean[n].argmax(0).item<std::int64_t>();
      image["transfer_adversarial_prediction"] = attacked[n].argmax(0).item<std::int64_t>();
    }
    return {};
  }

  Expected<void> branch() {
    const std::int64_t step = settings_.integer("branch-step"), last = path_.images.size(1) - 1;
    if (step > last) return fail(ErrorCode::usage, "--branch-step {}: the path ends with step {}", step, last);
    AttackPathOptions options = path_options();
    options.attack = "pgd";  // what goes on from any point
    options.start = of_restart(path_.images, path_.restart).select(1, step).contiguous();
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
    tensors["branch_path"] = found->images[0];
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
  const Settings& settings_;
  const NamedArrays& arrays_;
  const Job& job_;
  PhiloxDraws draws_;
  AttackChoice choice_;
  std::vector<double> radii_;
  double up_to_ = 0;
  std::shared_ptr<const Subject> subject_;
  Pictures pictures_;
  std::vector<std::int64_t> ids_;
  at::Tensor logits_;   ///< [N, K] of the clean images
  at::Tensor labels_;   ///< [N]
  at::Tensor targets_;  ///< [N], or undefined
  AttackPath path_;
  Findings findings_;
};

std::vector<Parameter> parameters() {
  std::vector<Parameter> list = model_parameters("0", "Ids of images of the split, by comma, or a PNG or JPEG file.");
  for (Parameter& each : attack_parameters("pgd", /*objective_too=*/true)) list.push_back(std::move(each));
  const auto flag = [&](const char* key, const char* help) {
    list.push_back({.key = key, .type = ParameterType::boolean, .fallback = false, .help = help});
  };
  flag("trajectory", "Keep every iterate.");
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
