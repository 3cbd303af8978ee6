#include "widgets/plot/plot_group.h"

#include <QTimer>
#include <algorithm>

namespace mimir {

void PlotGroup::add(MetricPlot* plot) {
  plots_.emplace_back(plot);
  connect(plot, &MetricPlot::cursor_moved, this, [this, plot](std::optional<double> x) {
    each(plot, [x](MetricPlot& other) { other.set_cursor(x); });
    Q_EMIT cursor_moved(x);
  });
  connect(plot, &MetricPlot::pins_changed, this, [this, plot](const QList<double>& pins) {
    each(plot, [&](MetricPlot& other) { other.set_pins(pins); });
    Q_EMIT pins_changed(pins);
  });
  connect(plot, &MetricPlot::range_changed, this, [this, plot](double low, double high) {
    each(plot, [&](MetricPlot& other) { other.set_range(PlotRange{low, high}); });
  });
  connect(plot, &MetricPlot::range_reset, this, [this, plot] {
    each(plot, [](MetricPlot& other) { other.set_range(std::nullopt); });
  });
  connect(plot, &MetricPlot::data_changed, this, &PlotGroup::share_extent);
  share_extent();
}

void PlotGroup::remove(MetricPlot* plot) {
  disconnect(plot, nullptr, this, nullptr);
  plot->set_common_extent(std::nullopt);
  std::erase_if(plots_, [plot](const auto& other) { return !other || other == plot; });
  share_extent();
}

void PlotGroup::set_cursor(std::optional<double> x) {
  each(nullptr, [x](MetricPlot& plot) { plot.set_cursor(x); });
}

/// Once for all changes of a turn of the event loop. Plots without a curve have no say.
void PlotGroup::share_extent() {
  if (sharing_) return;
  sharing_ = true;
  QTimer::singleShot(0, this, [this] {
    sharing_ = false;
    each(nullptr, [this](MetricPlot& plot) {
      std::optional<PlotRange> all;
      each(nullptr, [&](const MetricPlot& other) {
        if (!alike(plot, other) || other.data().visible_curves().empty()) return;
        const PlotRange own = other.extent();
        all = all ? PlotRange{std::min(all->low, own.low), std::max(all->high, own.high)} : own;
      });
      plot.set_common_extent(all);
    });
  });
}

}  // namespace mimir
