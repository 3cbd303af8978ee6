#pragma once

namespace mimir {

/// A stretch of an axis, in its unit; low < high.
struct PlotRange {
  double low = 0;
  double high = 1;
  bool operator==(const PlotRange&) const = default;
};

}  // namespace mimir
