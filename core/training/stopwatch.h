#pragma once

#include <chrono>

#include "core/training/batch.h"

namespace mimir {

class Stopwatch {
 public:
  /// Seconds since it was made or since the last lap.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Adds one shard's times as its part of the threads' common time.
inline void add_seconds(PartSeconds& total, const PartSeconds& shard, int threads) {
  total.data += shard.data / threads;
  total.attack += shard.attack / threads;
  total.forward += shard.forward / threads;
  total.backward += shard.backward / threads;
}

}  // namespace mimir
