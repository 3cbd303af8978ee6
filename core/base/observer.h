#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mimir {

enum class Level { info, warning, error };

/// How far a stage is. Steps count finished updates from 0.
struct Progress {
  std::string stage;
  std::int64_t epoch = 0;
  std::int64_t step = 0;
  std::int64_t total = 0;             ///< steps of the stage
  double images_per_second = 0;
  std::optional<double> eta_seconds;  ///< of the stage; none until it can be told
};

/// What long work tells while it runs. Knows nothing of databases or windows; implementations must accept
/// calls from any thread and must not throw.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void progress(const Progress&) {}
  /// A point of the curve `name` ("pretrain/loss"); NaN and infinities are kept as such.
  virtual void scalar(std::string_view name, std::int64_t step, double value) { (void)name, (void)step, (void)value; }
  /// A file below the run folder that shows something at a step.
  virtual void picture(std::string_view stage, std::int64_t step, std::string_view what, std::string_view path) {
    (void)stage, (void)step, (void)what, (void)path;
  }
  /// `kind` is a stable word ("catastrophic_overfitting"); `text` is a sentence.
  virtual void message(Level level, std::string_view kind, std::string_view text) { (void)level, (void)kind, (void)text; }
};

}  // namespace mimir
