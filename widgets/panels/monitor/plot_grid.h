#pragma once

#include <QSet>
#include <QTimer>
#include <QWidget>
#include <map>
#include <optional>
#include <vector>

#include "widgets/panels/monitor/plot_plans.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_group.h"
#include "widgets/session/session.h"

class QGridLayout;

namespace mimir {

/// The plots of a layout, fed from the records of the shown runs, with linked crosshair, zoom and options.
class PlotGrid : public QWidget {
  Q_OBJECT

 public:
  PlotGrid(Session& session, QWidget* parent = nullptr);

  /// Plots that are not there yet are made one in a turn of the event loop.
  void show_plans(const QString& stage, const QList<PlotPlan>& plans);
  /// All plots are made.
  bool settled() const { return plots_.size() == static_cast<std::size_t>(plans_.size()); }
  const QString& stage() const { return stage_; }
  void set_options(const PlotOptions& options);
  const PlotOptions& options() const { return options_; }
  /// Crosshair and zoom of one plot are those of all.
  void set_linked(bool linked);
  void set_hidden(const QSet<QString>& runs);
  const std::vector<MetricPlot*>& plots() const { return plots_; }

  /// Value of the first plot's metric at the crosshair, or its newest; none without a point.
  std::optional<double> value_of(const QString& run) const;
  /// To the next or previous value that is not finite, in any plot.
  bool go_to_problem(bool forward);

 Q_SIGNALS:
  void options_changed(const PlotOptions& options);
  void values_changed();
  void checkpoint_clicked(const QString& run, const QString& stage, qint64 step);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  /// With the plan of its place, and without a run.
  void begin(std::size_t plot);
  void make_next();
  void place(std::size_t plot);
  void connect_plot(MetricPlot* plot);
  void update_runs();
  void update_record(const QString& run);
  void feed(MetricPlot* plot, const PlotPlan& plan, const QString& run);
  void feed_metric(MetricPlot* plot, const QString& metric, Measured measured, const RunEntry& entry, const RunRecord& record);
  void follow_session_cursor();
  void arrange();
  /// The lowest plot of each column names the x axis for all above it.
  bool at_the_bottom(std::size_t plot) const;
  void set_own_options(std::size_t plot, PlotOptions options);

  Session* session_;
  QGridLayout* grid_;
  PlotGroup group_;
  QString stage_;
  QList<PlotPlan> plans_;
  std::vector<MetricPlot*> plots_;
  QTimer making_;
  PlotOptions options_;
  QSet<QString> hidden_;
  bool linked_ = true;
  int columns_ = 0;
};

}  // namespace mimir
