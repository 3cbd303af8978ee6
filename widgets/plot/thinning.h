#pragma once

#include <vector>

#include "core/figure/figure.h"
#include "widgets/plot/series.h"

namespace mimir {

enum class SeriesLine { raw, smoothed };

/// What is looked at, so that a line can be thinned to what can be seen of it.
struct LineView {
  XKind x = XKind::step;
  double low = 0;   ///< x at the left edge
  double high = 1;  ///< and at the right; > low
  bool log_x = false;
  bool log_y = false;
  int columns = 0;       ///< pixels; 0: leave nothing out
  double tolerance = 0;  ///< values of a column that differ by no more are one point (of log10 on a logarithmic axis)
};

/// The line as it is drawn: of each pixel column the lowest and highest point where there are more, and the first and
/// last where the column beside it lies apart. A NaN ends a stretch: at values that are not finite, at segments, at what a logarithmic axis cannot show.
std::vector<Vec2> visible_line(const RunSeries& series, SeriesLine line, const LineView& view);

/// Points in a pixel column at the average; 1 where all are drawn.
std::size_t points_per_column(const RunSeries& series, const LineView& view);

/// Values that are not finite, at one pixel column.
struct ProblemMark {
  double x = 0;
  bool below = false;  ///< -infinity
  std::size_t count = 0;
  std::size_t first = 0;  ///< positions in the series
  std::size_t last = 0;
};
std::vector<ProblemMark> visible_problems(const RunSeries& series, const LineView& view);

}  // namespace mimir
