#pragma once

#include <atomic>

namespace mimir {

/// How soon a piece of work shall end. Ordered: a later one is more urgent.
enum class Stop : int { none = 0, after_epoch = 1, after_step = 2, now = 3 };

/// Owned by whoever may ask; safe to use from any thread and from a signal handler.
class StopSource {
 public:
  /// Only ever becomes more urgent.
  void request(Stop stop) noexcept {
    int seen = level_.load(std::memory_order_relaxed);
    while (seen < static_cast<int>(stop) && !level_.compare_exchange_weak(seen, static_cast<int>(stop))) {
    }
  }
  Stop level() const noexcept { return static_cast<Stop>(level_.load(std::memory_order_relaxed)); }

 private:
  std::atomic<int> level_{0};
};

/// A view of a StopSource, cheap to copy; the default one never stops. The source must outlive it.
class StopToken {
 public:
  StopToken() = default;
  explicit StopToken(const StopSource& source) : source_(&source) {}
  Stop level() const noexcept { return source_ ? source_->level() : Stop::none; }
  /// Whether anybody can stop this work at all.
  bool connected() const noexcept { return source_ != nullptr; }
  /// Whether work in progress must be given up at the next block of a model.
  bool cancelled() const noexcept { return level() == Stop::now; }

 private:
  const StopSource* source_ = nullptr;
};

}  // namespace mimir
