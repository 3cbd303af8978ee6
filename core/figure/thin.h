#pragma once

#include <span>
#include <vector>

#include "core/figure/figure.h"

namespace mimir {

/// What a curve of any length looks like at `columns` pixels: of each column the first, lowest, highest and last
/// point, so no spike is lost. x must not fall; values must be finite. Up to 4 * columns points.
std::vector<Vec2> thin(std::span<const Vec2> curve, double low, double high, int columns);

/// Debiased exponential mean, m = beta * m + (1 - beta) * v, shown as m / (1 - beta^n).
std::vector<Vec2> smooth(std::span<const Vec2> curve, double beta);

}  // namespace mimir
