#include "core/evaluation/evaluation.h"

#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/base/version.h"
#include "core/data/subset.h"
#include "core/training/validation.h"

namespace mimir {
namespace {

double share(const std::vector<std::uint8_t>& flags) {
  if (flags.empty()) return 0;
  return static_cast<double>(std::accumulate(flags.begin(), flags.end(), std::int64_t{0})) / static_cast<double>(flags.size());
}

std::int64_t count(const std::vector<std::uint8_t>& flags) { return std::accumulate(flags.begin(), flags.end(), std::int64_t{0}); }

nlohmann::json interval_json(const std::vector<std::uint8_t>& flags) {
  const Interval interval = wilson_interval(count(flags), static_cast<std::int64_t>(flags.size()));
  return {interval.low, interval.high};
}

nlohmann::json booleans(const std::vector<std::uint8_t>& flags) {
  nlohmann::json array = nlohmann::json::array();
  for (const std::uint8_t flag : flags) array.push_back(flag != 0);
  return array;
}

}  // namespace

Interval wilson_interval(std::int64_t successes, std::int64_t count) {
  if (count <= 0) return {};
  constexpr double z = 1.959963984540054;
  const double n = static_cast<double>(count), p = static_cast<double>(successes) / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

double AttackReport::robust_accuracy() const { return share(robust); }
double EvaluationReport::natural_accuracy() const { return share(natural); }
double EvaluationReport::robust_accuracy() const { return share(robust); }

Expected<void> check_attack_names(const std::vector<std::string>& names, const ThreatModel& threat) {
  for (const std::string& name : names) {
    if (name == "natural") continue;
    AttackOptions options;
    options.threat = threat;
    if (const AttackEntry* entry = find_attack(name, options); entry && entry->leaves_ball) {
      return fail(ErrorCode::usage, "{} may leave the epsilon ball: it is for training, and no measure of robustness", name);
    }
    if (auto attack = make_attack(name, options); !attack) return pass_on(attack);
  }
  return {};
}

Expected<EvaluationReport> evaluate(ClassifierImpl& model, const Split& split, const EvaluationOptions& options, ShardPool& pool,
                                    c10::Device device, const std::function<void(const EvaluationReport&)>& report,
                                    const std::function<void(const std::string&, std::int64_t, std::int64_t)>& progress) {
  if (auto known = check_attack_names(options.attacks, options.threat); !known) return pass_on(known);
  EvaluationReport result;
  result.threat = options.threat;
  result.seed = options.seed;
  result.ids = options.ids;
  if (result.ids.empty()) {
    const auto chosen = take_balanced(split, options.images);
    result.ids.assign(chosen->ids().begin(), chosen->ids().end());
  }
  const PhiloxDraws draws(static_cast<std::uint64_t>(options.seed));
  const auto run = [&](const std::string& name, std::span<const std::int64_t> ids, const Attack* attack) {
    ScoringOptions scoring{.batch_size = options.batch_size, .key = {Purpose::pgd}, .stop = options.stop, .progress = {}};
    if (progress) {
      scoring.progress = [&, total = static_cast<std::int64_t>(ids.size())](std::int64_t done) { progress(name, done, total); };
    }
    return score(model, split, ids, attack, draws, pool, device, scoring);
  };

  const auto begin = std::chrono::steady_clock::now();
  result.natural = run("natural", result.ids, nullptr).correct;
  result.natural_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  result.robust = result.natural;
  if (report) report(result);

  std::vector<std::int64_t> right;  // places in result.ids
  std::vector<std::int64_t> right_ids;
  for (std::size_t i = 0; i < result.ids.size(); ++i) {
    if (!result.natural[i]) continue;
    right.push_back(static_cast<std::int64_t>(i));
    right_ids.push_back(result.ids[i]);
  }
  for (const std::string& name : options.attacks) {
    if (name == "natural") continue;
    AttackOptions attack_options;
    attack_options.threat = options.threat;
    auto attack = make_attack(name, attack_options);
    if (!attack) return pass_on(attack);
    const auto start = std::chrono::steady_clock::now();
    const Score attacked = run(name, right_ids, attack->get());
    AttackReport part;
    part.name = name;
    part.robust.assign(result.ids.size(), 0);
    for (std::size_t i = 0; i < right.size(); ++i) part.robust[static_cast<std::size_t>(right[i])] = attacked.correct[i];
    part.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (std::size_t i = 0; i < result.robust.size(); ++i) result.robust[i] = result.robust[i] && part.robust[i];
    result.attacks.push_back(std::move(part));
    if (report) report(result);
  }
  return result;
}

nlohmann::json report_json(const EvaluationReport& report, bool flags) {
  nlohmann::json json = {{"images", report.ids.size()},
                         {"epsilon", report.threat.epsilon},
                         {"norm", norm_name(report.threat.norm)},
                         {"seed", report.seed},
                         {"versions", {{"mimir", version()}, {"git", git_revision()}, {"torch", TORCH_VERSION}}},
                         {"natural_accuracy", report.natural_accuracy()},
                         {"robust_accuracy", report.robust_accuracy()},
                         {"interval95", {{"natural_accuracy", interval_json(report.natural)}, {"robust_accuracy", interval_json(report.robust)}}},
                         {"attacks", nlohmann::json::array()},
                         {"warnings", nlohmann::json::array()}};
  for (const AttackReport& attack : report.attacks) {
    json["attacks"].push_back({{"name", attack.name}, {"robust_accuracy", attack.robust_accuracy()}, {"seconds", attack.seconds}});
    json["interval95"][attack.name] = interval_json(attack.robust);
  }
  if (flags) {
    json["ids"] = report.ids;
    json["flags"] = {{"natural", booleans(report.natural)}, {"robust", booleans(report.robust)}};
    for (const AttackReport& attack : report.attacks) json["flags"][attack.name] = booleans(attack.robust);
  }
  return json;
}

}  // namespace mimir
