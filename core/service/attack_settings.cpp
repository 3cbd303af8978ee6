#include "core/service/attack_settings.h"

#include <torch/torch.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/attacks/projections.h"
#include "core/base/schema.h"
#include "core/base/text.h"
#include "core/inspection/attack_path.h"
#include "core/service/pictures.h"

namespace mimir {
namespace {

Parameter parameter(std::string key, ParameterType type, Value fallback, std::string help) {
  Parameter result;
  result.key = std::move(key);
  result.type = type;
  result.fallback = std::move(fallback);
  result.help = std::move(help);
  return result;
}

constexpr long long kMostRepeats = 1'000'000;  ///< steps or restarts of one request

/// One KEY=VALUE of --set.
Expected<void> apply(const std::string& text, const AttackEntry& entry, AttackOptions& options) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) return fail(ErrorCode::usage, "--set {}: it must be KEY=VALUE", text);
  const std::string key = text.substr(0, equals);
  std::vector<std::string> keys;
  for (const Parameter& p : entry.info.parameters) keys.push_back(p.key);
  const auto found = std::find(keys.begin(), keys.end(), key);
  if (found == keys.end()) {
    return fail(ErrorCode::usage, "{} has no parameter \"{}\"; {}", entry.info.id, key,
                keys.empty() ? "it has none" : "there are " + join(keys, ", "));
  }
  const Parameter& p = entry.info.parameters[static_cast<std::size_t>(found - keys.begin())];
  const auto value = parse_value(p, text.substr(equals + 1));
  if (!value) return fail(ErrorCode::usage, "--set {}: the value cannot be read; it is a {}", text, parameter_type_name(p.type));
  if (const auto problem = check_value(p, *value)) return fail(ErrorCode::usage, "--set {}: {}", text, *problem);
  if (const auto* count = std::get_if<long long>(&*value); count && *count > kMostRepeats) {
    return fail(ErrorCode::usage, "--set {}: more than {} are not done", text, kMostRepeats);
  }
  if (key == "num_steps") options.num_steps = static_cast<int>(std::get<long long>(*value));
  else if (key == "restarts") options.restarts = static_cast<int>(std::get<long long>(*value));
  else if (key == "step_size") options.step_size = std::get<double>(*value);
  else if (key == "random_start") options.random_start = std::get<bool>(*value);
  else if (key == "noise_scale") options.noise_scale = std::get<double>(*value);
  else return fail(ErrorCode::usage, "--set {}: {} cannot be set here", text, key);
  return {};
}

}  // namespace

std::vector<Parameter> attack_parameters(std::string fallback, bool objective_too) {
  std::vector<Parameter> list = {
      parameter("attack", ParameterType::text, std::move(fallback), "Id of an attack (`mimir attacks` lists them); pgd-20 is 20 steps of pgd."),
      parameter("norm", ParameterType::choice, "linf", "Norm of the ball."),
      parameter("epsilon", ParameterType::number, 8.0 / 255, "Radius of the ball, for images in [0,1]."),
      parameter("set", ParameterType::list, std::vector<std::string>{}, "KEY=VALUE of the attack's own parameters; may be repeated."),
  };
  list[1].choices = {"linf", "l2"};
  list[2].minimum = 0;
  if (!objective_too) return list;
  list.push_back(parameter("objective", ParameterType::choice, "ce", "What the attack raises."));
  list.back().choices = {"ce", "margin", "cw_hinge", "dlr"};
  list.push_back(parameter("target", ParameterType::text, "", "Class to be predicted: a name, a number or least-likely; empty: any but the label."));
  return list;
}

Expected<AttackChoice> read_attack(const Settings& settings, bool objective_too) {
  AttackChoice choice;
  choice.name = settings.text("attack");
  if (choice.name.empty() || choice.name == "none") {
    choice.name.clear();
    for (const char* key : {"set", "objective", "target"}) {
      if ((objective_too || key == std::string("set")) && settings.given(key)) {
        return fail(ErrorCode::usage, "--{} is of an attack, and none is asked for: give --attack", key);
      }
    }
    return choice;
  }
  auto norm = parse_norm(settings.text("norm"));
  if (!norm) return pass_on(norm);
  choice.settings.threat = {*norm, settings.number("epsilon")};
  if (const AttackEntry* entry = find_attack(choice.name, choice.settings)) {
    for (const std::string& text : settings.list("set")) {
      if (auto applied = apply(text, *entry, choice.settings); !applied) return pass_on(applied);
      if (text.starts_with("num_steps=") && choice.name != entry->info.id) {
        return fail(ErrorCode::usage, "{} says its number of steps already: take --attack {} with --set {}", choice.name, entry->info.id, text);
      }
    }
  }
  if (auto made = make_attack(choice.name, choice.settings); !made) return pass_on(made);
  if (objective_too) {
    auto loss = parse_loss(settings.text("objective"));
    if (!loss) return pass_on(loss);
    choice.objective = *loss;
    choice.target = settings.text("target");
    if (!choice.target.empty()) {
      if (auto targeted = targeted_loss(choice.objective); !targeted) return pass_on(targeted);
    }
  }
  return choice;
}

Expected<at::Tensor> find_targets(const AttackChoice& attack, const at::Tensor& logits, const at::Tensor& labels, const std::vector<std::string>& classes) {
  const std::string& text = attack.target;
  if (text.empty()) return at::Tensor();
  at::Tensor targets = logits.argmin(1);
  if (text != "least-likely") {
    auto target = parse_class(text, classes, logits.size(1));
    if (!target) return fail(target.error().code, "--target: {}", target.error().message);
    targets = at::full_like(labels, *target);
  }
  if (targets.eq(labels).any().item<bool>()) return fail(ErrorCode::usage, "--target {}: an image cannot be led to its own label", text);
  return targets;
}

nlohmann::json attack_json(const AttackChoice& attack, bool objective_too) {
  if (attack.name.empty()) return nullptr;
  AttackOptions s = attack.settings;
  const AttackEntry* entry = find_attack(attack.name, s);
  nlohmann::json json = {{"name", attack.name}, {"norm", norm_name(s.threat.norm)}, {"epsilon", s.threat.epsilon}, {"step_size", s.step_size},
                         {"num_steps", s.num_steps}, {"random_start", s.random_start}, {"restarts", s.restarts}, {"noise_scale", s.noise_scale}};
  for (const char* key : {"step_size", "num_steps", "random_start", "restarts", "noise_scale"}) {
    const auto same = [key](const Parameter& parameter) { return parameter.key == key; };
    if (entry && std::none_of(entry->info.parameters.begin(), entry->info.parameters.end(), same)) json[key] = nullptr;
  }
  if (objective_too) {
    json["objective"] = loss_name(attack.objective);
    json["target"] = attack.target.empty() ? nlohmann::json(nullptr) : nlohmann::json(attack.target);
  }
  return json;
}

void note_images_outside(nlohmann::json& result, const AttackChoice& attack, const at::Tensor& clean, const at::Tensor& adversarial) {
  if (attack.name.empty()) return;
  const ThreatModel& threat = attack.settings.threat;
  const at::Tensor size = perturbation_size(adversarial, clean, threat.norm).to(at::kDouble);
  const std::int64_t outside = size.gt(threat.epsilon + kBallTolerance).sum().item<std::int64_t>();
  if (outside == 0) return;
  result["notes"].push_back(fmt::format("{} does not stay in the epsilon ball: {} of {} images are outside of it, the furthest at {:.3g} epsilon", attack.name, outside,
                                        adversarial.size(0), size.max().item<double>() / threat.epsilon));
}

}  // namespace mimir
