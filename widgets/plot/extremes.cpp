#include "widgets/plot/extremes.h"

#include <cmath>
#include <limits>

namespace mimir {
namespace {

constexpr std::size_t kBucket = 16;
constexpr std::size_t kFan = 8;

/// Extremes with their values at hand; of equal ones the first counts.
class Search {
 public:
  void take(double value, std::uint32_t index) {
    if (!std::isfinite(value)) return;
    if (value < low_) {
      low_ = value;
      found.lowest = index;
    }
    if (value > high_) {
      high_ = value;
      found.highest = index;
    }
    if (value > 0 && value < positive_) {
      positive_ = value;
      found.lowest_positive = index;
    }
  }
  void take(std::span<const double> values, const Extremes& other) {
    if (other.lowest == Extremes::kNone) return;
    take(values[other.lowest], other.lowest);
    if (other.highest != other.lowest) take(values[other.highest], other.highest);
    if (other.lowest_positive != Extremes::kNone && other.lowest_positive != other.lowest) take(values[other.lowest_positive], other.lowest_positive);
  }

  Extremes found;

 private:
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low_ = kInfinity, high_ = -kInfinity, positive_ = kInfinity;
};

}  // namespace

void ExtremePyramid::extend(std::span<const double> values) {
  if (levels_.empty()) levels_.emplace_back();
  while ((levels_[0].size() + 1) * kBucket <= values.size()) {
    Search bucket;
    const std::size_t begin = levels_[0].size() * kBucket;
    for (std::size_t i = begin; i < begin + kBucket; ++i) bucket.take(values[i], static_cast<std::uint32_t>(i));
    levels_[0].push_back(bucket.found);
  }
  for (std::size_t level = 1; levels_[level - 1].size() >= kFan; ++level) {
    if (levels_.size() == level) levels_.emplace_back();
    while ((levels_[level].size() + 1) * kFan <= levels_[level - 1].size()) {
      Search bucket;
      const std::size_t begin = levels_[level].size() * kFan;
      for (std::size_t i = begin; i < begin + kFan; ++i) bucket.take(values, levels_[level - 1][i]);
      levels_[level].push_back(bucket.found);
    }
  }
}

void ExtremePyramid::truncate(std::size_t size) {
  std::size_t width = kBucket;
  for (auto& level : levels_) {
    if (level.size() > size / width) level.resize(size / width);
    width *= kFan;
  }
}

Extremes ExtremePyramid::query(std::span<const double> values, std::size_t begin, std::size_t end) const {
  Search result;
  while (begin < end) {
    // The widest bucket that begins here and fits.
    const Extremes* bucket = nullptr;
    std::size_t taken = 1, width = kBucket;
    for (const auto& level : levels_) {
      if (begin % width != 0 || begin + width > end || begin / width >= level.size()) break;
      bucket = &level[begin / width];
      taken = width;
      width *= kFan;
    }
    if (bucket) {
      result.take(values, *bucket);
    } else {
      result.take(values[begin], static_cast<std::uint32_t>(begin));
    }
    begin += taken;
  }
  return result.found;
}

}  // namespace mimir
