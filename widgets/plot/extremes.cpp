#include "widgets/plot/extremes.h"

#include <cmath>

namespace mimir {
namespace {

constexpr std::size_t kBucket = 16;
constexpr std::size_t kFan = 8;

void take_value(Extremes& into, std::span<const double> values, std::uint32_t index) {
  const double value = values[index];
  if (!std::isfinite(value)) return;
  if (into.lowest == Extremes::kNone || value < values[into.lowest]) into.lowest = index;
  if (into.highest == Extremes::kNone || value > values[into.highest]) into.highest = index;
  if (value > 0 && (into.lowest_positive == Extremes::kNone || value < values[into.lowest_positive])) {
    into.lowest_positive = index;
  }
}

void take(Extremes& into, std::span<const double> values, const Extremes& other) {
  if (other.lowest == Extremes::kNone) return;
  take_value(into, values, other.lowest);
  take_value(into, values, other.highest);
  if (other.lowest_positive != Extremes::kNone) take_value(into, values, other.lowest_positive);
}

}  // namespace

void ExtremePyramid::extend(std::span<const double> values) {
  if (levels_.empty()) levels_.emplace_back();
  while ((levels_[0].size() + 1) * kBucket <= values.size()) {
    Extremes bucket;
    const std::size_t begin = levels_[0].size() * kBucket;
    for (std::size_t i = begin; i < begin + kBucket; ++i) take_value(bucket, values, static_cast<std::uint32_t>(i));
    levels_[0].push_back(bucket);
  }
  for (std::size_t level = 1; levels_[level - 1].size() >= kFan; ++level) {
    if (levels_.size() == level) levels_.emplace_back();
    while ((levels_[level].size() + 1) * kFan <= levels_[level - 1].size()) {
      Extremes bucket;
      const std::size_t begin = levels_[level].size() * kFan;
      for (std::size_t i = begin; i < begin + kFan; ++i) take(bucket, values, levels_[level - 1][i]);
      levels_[level].push_back(bucket);
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
  Extremes result;
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
      take(result, values, *bucket);
    } else {
      take_value(result, values, static_cast<std::uint32_t>(begin));
    }
    begin += taken;
  }
  return result;
}

}  // namespace mimir
