#pragma once

#include <string>
#include <vector>

namespace mimir {

/// Maps data onto pixels, straight: low to `from`, high to `to` (which may be the smaller, as for y).
struct Scale {
  double low = 0;
  double high = 1;
  double from = 0;
  double to = 1;

  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

/// About `count` round values (1, 2 or 5 times a power of ten) in [low, high]. `whole`: no fractions, as for steps.
std::vector<double> round_ticks(double low, double high, int count, bool whole = false);

/// Short, with a dot: 0.25, 1500, 2.5e-6. All ticks of an axis with as many decimals as `step` needs.
std::string tick_label(double value, double step);

/// Widens [low, high] by a twentieth on both sides, and an empty one to something that can be drawn.
void pad_range(double& low, double& high);

}  // namespace mimir
