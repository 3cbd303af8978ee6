#pragma once

#include <QObject>
#include <QPointer>
#include <vector>

#include "widgets/plot/metric_plot.h"

namespace mimir {

/// Links the plots of a place: crosshair, pins, zoom and the x axis they share. A plot leaves when it is destroyed.
class PlotGroup : public QObject {
  Q_OBJECT

 public:
  explicit PlotGroup(QObject* parent = nullptr) : QObject(parent) {}

  void add(MetricPlot* plot);
  void remove(MetricPlot* plot);
  /// From outside, as a scrubber's.
  void set_cursor(std::optional<double> x);

 Q_SIGNALS:
  /// By the user in any of the plots.
  void cursor_moved(std::optional<double> x);
  void pins_changed(const QList<double>& pins);

 private:
  template <typename Action>
  void each(const MetricPlot* but, Action action) {
    for (const auto& plot : plots_) {
      if (plot && plot != but) action(*plot);
    }
  }
  void share_extent();

  std::vector<QPointer<MetricPlot>> plots_;
  bool sharing_ = false;
};

}  // namespace mimir
