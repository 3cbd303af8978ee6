#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "core/base/observer.h"

namespace mimir {

/// Passes everything on to the run's record, and shows progress: a bar on a terminal, JSON lines with --json (at
/// least one a second and one at each epoch), nothing with --quiet.
class ConsoleObserver final : public Observer {
 public:
  enum class Style { none, bar, json };
  ConsoleObserver(Observer& record, Style style);
  ~ConsoleObserver() override;

  void progress(const Progress& progress) override;
  void scalar(std::string_view name, std::int64_t step, double value) override;
  void picture(std::string_view stage, std::int64_t step, std::string_view what, std::string_view path) override;
  void message(Level level, std::string_view kind, std::string_view text) override;

  /// The newest value of a metric ("evaluate/robust_accuracy"), if there was one.
  std::optional<double> newest(const std::string& metric) const;

 private:
  void draw_bar(const Progress& progress);
  void print_progress(const Progress& progress);
  void end_bar();

  Observer& record_;
  const Style style_;
  mutable std::mutex mutex_;  // guards all below
  std::map<std::string, double, std::less<>> newest_;
  std::chrono::steady_clock::time_point last_;
  std::string stage_;
  std::int64_t epoch_ = -1;
  bool bar_shown_ = false;
};

/// "3:07", "1:02:45"
std::string format_duration(double seconds);

}  // namespace mimir
