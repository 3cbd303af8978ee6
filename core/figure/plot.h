#pragma once

#include <string>
#include <vector>

#include "core/figure/figure.h"

namespace mimir {

enum class CurveStyle {
  noisy,    ///< smoothed, over a faint line of all values, once it is long
  exact,    ///< as it is, however long
  markers,  ///< a dot at each point, for a few that are far apart
};

/// One curve of a plot. Values may be NaN or infinite: such points are marked, never joined.
struct Series {
  std::string label;
  std::string colour;
  std::string dash = {};
  std::vector<std::vector<Vec2>> parts = {};  ///< drawn apart from one another: segments of a run
  CurveStyle style = CurveStyle::noisy;
};

struct Plot {
  std::string title;
  std::string x_label;  ///< with unit
  std::string y_label;
  std::vector<Series> series;
  std::vector<double> breaks = {};  ///< dashed verticals: where a run was resumed, or the step that is shown
};

/// Draws a plot as a card that fills `box`: title, legend, axes with ticks, curves.
void draw_plot(Figure& figure, const Plot& plot, const Box& box);

}  // namespace mimir
