#include "core/figure/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mimir {

std::vector<double> round_ticks(double low, double high, int count, bool whole) {
  if (!(high > low) || !std::isfinite(high - low) || count < 1) return {low};
  const double rough = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double share = rough / power;
  double step = power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
  if (whole) step = std::max(1.0, std::round(step));
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (int i = 0; i <= 4 * count; ++i) {
    const double tick = (first + i) * step;
    if (tick > high + step * 1e-9) break;
    ticks.push_back(tick == 0 ? 0 : tick);  // no "-0"
  }
  return ticks;
}

std::string tick_label(double value, double step) {
  if (value == 0) return "0";
  if (step < 1e-3 || std::abs(value) >= 1e6) {
    const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-9));
    return fmt::format("{:.3g}e{}", value / std::pow(10.0, exponent), exponent);
  }
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6);
  return fmt::format("{:.{}f}", value, decimals);
}

void pad_range(double& low, double& high) {
  double margin = (high - low) * 0.05;
  if (!(margin > 0)) margin = low != 0 ? std::abs(low) * 0.1 : 0.5;
  low -= margin;
  high += margin;
}

}  // namespace mimir
