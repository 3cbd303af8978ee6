#pragma once

#include <array>
#include <csignal>
#include <utility>
#include <vector>

#include "core/base/stop_token.h"

namespace mimir {

/// SIGINT and SIGTERM ask `targets` to stop while the object lives: the first signal asks for `first`, the next for now.
/// One at a time in a process.
class SignalScope {
 public:
  explicit SignalScope(std::vector<StopSource*> targets, Stop first = Stop::after_step) {
    targets_ = std::move(targets);
    first_ = first;
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      struct sigaction action {};
      action.sa_handler = [](int) {
        for (StopSource* target : targets_) target->request(target->level() == Stop::none ? first_ : Stop::now);
      };
      ::sigaction(kSignals[i], &action, &old_[i]);
    }
  }
  ~SignalScope() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &old_[i], nullptr);
    targets_.clear();
  }
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM};
  // A handler gets no argument; both are set before it is installed and cleared after it is gone.
  static inline std::vector<StopSource*> targets_;
  static inline Stop first_ = Stop::after_step;
  std::array<struct sigaction, kSignals.size()> old_{};
};

}  // namespace mimir
