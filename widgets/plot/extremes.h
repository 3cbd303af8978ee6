#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mimir {

/// Positions of the extremes of a stretch of values; kNone where there is none. Values that are not finite do not count.
struct Extremes {
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  std::uint32_t lowest = kNone;
  std::uint32_t highest = kNone;
  std::uint32_t lowest_positive = kNone;  ///< for logarithmic axes
};

/// Extremes of any stretch of a growing row of values in about log(n) steps: buckets of 16 values, and of 8 buckets each
/// above them. The values stay with the caller; fewer than 2^32 - 1.
class ExtremePyramid {
 public:
  /// Takes in what has been added to the values since.
  void extend(std::span<const double> values);
  /// Forgets the values from `size` on.
  void truncate(std::size_t size);
  /// Of values [begin, end).
  Extremes query(std::span<const double> values, std::size_t begin, std::size_t end) const;

 private:
  std::vector<std::vector<Extremes>> levels_;
};

}  // namespace mimir
