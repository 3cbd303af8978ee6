#pragma once

namespace mimir {

// Measured with a QApplication, on the UI thread, without a window on the screen; ms where nothing else is said.

/// Median of full replots of 20 curves of 100 000 points, each smoothed over its raw line, 900 × 400 px. At most 40.
double redraw_20x100k_ms();
/// Median time from a move of the crosshair until all six linked plots of 100 000 points show it. At most 16.
double crosshair_6_plots_ms();
/// One NaN among a million points: in how many of 120 views around it, from all points to a few, its mark is painted.
double nan_visible_share();
/// A million points: from having them to the first painted plot (at most 1000), and the longest time in which the event
/// loop did not turn meanwhile (below 50).
struct MillionFigures {
  double paint_ms = 0;
  double stall_ms = 0;
};
MillionFigures million_points();

}  // namespace mimir
