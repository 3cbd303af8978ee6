#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mimir {

/// What a recorded curve means. Every metric has a unit ("1" for pure numbers), a direction and a sentence.
struct MetricInfo {
  std::string name;       ///< "<stage>/<metric>"
  std::string unit;
  std::string direction;  ///< which way is better: up, down, none
  std::string help;
};

/// All metrics that do not depend on an attack's name, in the order of the stages.
std::span<const MetricInfo> known_metrics();

/// The metric of that name; also "evaluate/<attack>/robust_accuracy" and other attack-dependent ones.
/// A name that nobody declared is a defect and throws std::logic_error.
MetricInfo metric_info(std::string_view name);

}  // namespace mimir
