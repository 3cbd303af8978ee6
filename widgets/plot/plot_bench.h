#pragma once

namespace mimir {

// Measured with a QApplication, on the UI thread, without a window on the screen; ms.

/// Median of full replots of 20 curves of 100 000 points, each smoothed over its raw line, 900 × 400 px. At most 40.
double redraw_20x100k_ms();
/// From a million points to the first painted plot: looking up structure, smoothing, drawing. At most 1000.
double million_paint_ms();

}  // namespace mimir
