#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/attacks/attack.h"
#include "core/data/dataset.h"
#include "core/models/classifier.h"
#include "core/training/shard_pool.h"

namespace mimir {

/// A pair of 95 % bounds.
struct Interval {
  double low = 0;
  double high = 1;
};
/// Wilson's score interval (Wilson 1927) of `successes` in `count` trials, at 95 %.
Interval wilson_interval(std::int64_t successes, std::int64_t count);

struct EvaluationOptions {
  std::vector<std::string> attacks = {"natural", "fgsm", "pgd-20"};
  ThreatModel threat;
  std::int64_t images = 1000;      ///< from the first, class by class where the set is ordered so; 0 = all
  std::vector<std::int64_t> ids;   ///< if not empty, these instead
  std::int64_t batch_size = 100;
  std::int64_t seed = 0;
  StopToken stop = {};
};

/// One attack's part. A misclassified image counts as broken: the attacker may leave it as it is.
struct AttackReport {
  std::string name;
  std::vector<std::uint8_t> robust;  ///< [N] 1 = still right under this attack
  double seconds = 0;
  double robust_accuracy() const;
};

struct EvaluationReport {
  std::vector<std::int64_t> ids;      ///< [N]
  std::vector<std::uint8_t> natural;  ///< [N] 1 = right on the clean image
  std::vector<std::uint8_t> robust;   ///< [N] 1 = right under every attack of the list
  double natural_seconds = 0;
  std::vector<AttackReport> attacks;  ///< without "natural"
  ThreatModel threat;
  std::int64_t seed = 0;
  double natural_accuracy() const;
  double robust_accuracy() const;
};

/// Scores in fp32, each attack on the images that are right when clean. `report` is told after each attack and
/// `progress` how many images of the current one are done. `usage` error for an attack that there is none of.
Expected<EvaluationReport> evaluate(ClassifierImpl& model, const Split& split, const EvaluationOptions& options, ShardPool& pool,
                                    c10::Device device,
                                    const std::function<void(const EvaluationReport&)>& report = {},
                                    const std::function<void(const std::string& attack, std::int64_t done, std::int64_t total)>& progress = {});

/// Names that evaluate() takes besides "natural": a sentence if one is unknown.
Expected<void> check_attack_names(const std::vector<std::string>& names, const ThreatModel& threat);

/// The JSON of `mimir evaluate`; flags only if wanted.
nlohmann::json report_json(const EvaluationReport& report, bool flags);

}  // namespace mimir
