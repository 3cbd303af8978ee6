#include "core/figure/thin.h"

#include <algorithm>
#include <array>

namespace mimir {

std::vector<Vec2> thin(std::span<const Vec2> curve, double low, double high, int columns) {
  if (curve.size() <= static_cast<std::size_t>(columns) * 4 || !(high > low)) return {curve.begin(), curve.end()};
  const auto column = [&](const Vec2& point) { return static_cast<int>((point.x - low) / (high - low) * columns); };
  std::vector<Vec2> kept;
  for (std::size_t begin = 0; begin < curve.size();) {
    std::size_t end = begin, lowest = begin, highest = begin;
    for (; end < curve.size() && column(curve[end]) == column(curve[begin]); ++end) {
      if (curve[end].y < curve[lowest].y) lowest = end;
      if (curve[end].y > curve[highest].y) highest = end;
    }
    std::array indices = {begin, lowest, highest, end - 1};
    std::sort(indices.begin(), indices.end());
    const auto last = std::unique(indices.begin(), indices.end());
    for (auto index = indices.begin(); index != last; ++index) kept.push_back(curve[*index]);
    begin = end;
  }
  return kept;
}

std::vector<Vec2> smooth(std::span<const Vec2> curve, double beta) {
  std::vector<Vec2> result;
  result.reserve(curve.size());
  double mean = 0, weight = 1;  // beta^n
  for (const Vec2& point : curve) {
    mean = beta * mean + (1 - beta) * point.y;
    weight *= beta;
    result.push_back({point.x, mean / (1 - weight)});
  }
  return result;
}

}  // namespace mimir
