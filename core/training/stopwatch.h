#pragma once

#include <ATen/DeviceAccelerator.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/training/batch.h"

namespace mimir {

class Stopwatch {
 public:
  /// Of a GPU, each lap waits until it has done what it was given: only benchmarks want that.
  explicit Stopwatch(c10::Device device = c10::Device(c10::kCPU)) : device_(device) {}

  /// Seconds since it was made or since the last lap.
  double lap() {
    if (!device_.is_cpu()) at::accelerator::synchronizeDevice(device_.index());
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  c10::Device device_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// The middle one of an odd number of times, the upper middle one of an even number; 0 of none.
inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Adds one shard's times as its part of the threads' common time.
inline void add_seconds(PartSeconds& total, const PartSeconds& shard, int threads) {
  total.data += shard.data / threads;
  total.attack += shard.attack / threads;
  total.forward += shard.forward / threads;
  total.backward += shard.backward / threads;
}

}  // namespace mimir
