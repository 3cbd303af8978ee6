#pragma once

#include <QObject>
#include <QPointer>
#include <vector>

#include "widgets/plot/metric_plot.h"

namespace mimir {

/// Links the plots of a place whose x axes count the same: crosshair, pins, zoom, and what the axes span. A plot leaves
/// when it is destroyed.
class PlotGroup : public QObject {
  Q_OBJECT

 public:
  explicit PlotGroup(QObject* parent = nullptr) : QObject(parent) {}

  void add(MetricPlot* plot);
  void remove(MetricPlot* plot);
  /// From outside, as a scrubber's, in the unit of the plots' x axis.
  void set_cursor(std::optional<double> x);

 Q_SIGNALS:
  /// By the user in any of the plots.
  void cursor_moved(std::optional<double> x);
  void pins_changed(const QList<double>& pins);

 private:
  static bool alike(const MetricPlot& a, const MetricPlot& b) {
    return a.options().x == b.options().x && a.options().log_x == b.options().log_x;
  }
  template <typename Action>
  void each(const MetricPlot* but, Action action) {
    for (const auto& plot : plots_) {
      if (plot && plot != but && (!but || alike(*but, *plot))) action(*plot);
    }
  }
  void share_extent();

  std::vector<QPointer<MetricPlot>> plots_;
  bool sharing_ = false;
};

}  // namespace mimir
