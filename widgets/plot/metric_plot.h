#pragma once

#include <QList>
#include <QWidget>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "widgets/plot/plot_data.h"
#include "widgets/plot/plot_range.h"
#include "widgets/session/point_series.h"

class QMenu;

namespace mimir {

class PlotCanvas;
class PlotHeader;

/// One metric, or its clean and adversarial pair, of several runs, as a card: name, unit, current value and menu above,
/// curves below. Lives on the UI thread; changes are drawn together, at most 25 times a second, only while visible.
///
/// Mouse: the wheel zooms x at the pointer (Ctrl: y, Shift: both), dragging pans, Ctrl or right dragging draws a box, a double
/// click resets, a click pins the crosshair, a second one measures. Keys: arrows, + and − (Ctrl: y), R, L, `,` and `.`
/// (Shift: ten) and Home and End for the crosshair, M pins it, C copies the values, Esc clears, Return chooses the
/// checkpoint at or before it.
class MetricPlot : public QWidget {
  Q_OBJECT

 public:
  explicit MetricPlot(Theme& theme, QWidget* parent = nullptr);
  ~MetricPlot() override;

  void set_title(const QString& title, const QString& unit);
  /// The sentence shown while there is no point.
  void set_empty_text(const QString& sentence);
  /// Few and exact values: points are drawn and nothing is smoothed.
  void set_per_epoch(bool per_epoch);

  /// Without a card of its own around it, for a plot that stands in one.
  void set_flat(bool flat);

  /// In the order of the list. Series of runs that are gone are given up.
  void set_runs(const QList<PlotRun>& runs);
  /// Takes the options' smoothing.
  void set_series(const QString& run, RunSeries series, Measured measured = Measured::plain);
  /// As set_series. Many points are made ready on another thread, and the curve comes with a later drawing; until then
  /// loading() is true and append() must wait.
  void load(const QString& run, const PointSeries& points, const std::vector<SegmentRow>& segments, double steps_per_epoch, double images_per_step, Measured measured = Measured::plain);
  bool loading(const QString& run, Measured measured = Measured::plain) const { return loads_.contains({run, measured}); }
  /// Newer points of a series that was set; makes one where there was none.
  void append(const QString& run, std::span<const Point> points, Measured measured = Measured::plain);
  /// nullptr: none was set.
  const RunSeries* series(const QString& run, Measured measured = Measured::plain) const;
  void set_checkpoints(const QString& run, std::vector<CheckpointRow> checkpoints);

  void set_options(const PlotOptions& options);
  const PlotOptions& options() const;
  const PlotData& data() const;

  /// All x of the visible runs, in the unit of the x axis.
  PlotRange extent() const;
  /// The x axis while nothing is zoomed, shared with other plots; none: this plot's own extent.
  void set_common_extent(std::optional<PlotRange> extent);
  /// Linked zoom; emits nothing. none: all.
  void set_range(std::optional<PlotRange> range);
  std::optional<PlotRange> range() const;
  /// Linked crosshair; emits nothing.
  void set_cursor(std::optional<double> x);
  std::optional<double> cursor() const;
  void set_pins(const QList<double>& pins);
  QList<double> pins() const;
  /// Moves the crosshair to the next value that is not finite; false if there is none.
  bool go_to_problem(bool forward);

  /// Left edge and width of the axes within this widget: a scrubber beneath aligns to them.
  QRect axes() const;
  /// The ⋯ menu; owners may add to it.
  QMenu* menu() const { return menu_; }
  /// Opens the export dialog.
  void export_plot();
  /// Drawings so far.
  int redraws() const;
  PlotCanvas* canvas() const { return canvas_; }
  const Theme& theme() const { return *theme_; }

  QSize sizeHint() const override { return {480, 260}; }
  QSize minimumSizeHint() const override { return {280, 130}; }

 Q_SIGNALS:
  /// By the user, and only then.
  void range_changed(double low, double high);
  void range_reset();
  void cursor_moved(std::optional<double> x);
  void pins_changed(const QList<double>& pins);
  void options_changed();
  void checkpoint_clicked(const QString& run, const QString& stage, qint64 step);
  /// Points, runs or their visibility: extent() may differ.
  void data_changed();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void make_menu();
  void changed();
  void update_words();
  void user_options(const PlotOptions& options);

  Theme* theme_;
  std::shared_ptr<PlotData> data_;
  std::map<std::pair<QString, Measured>, int> loads_;  ///< the newest load of each curve that is under way
  int last_load_ = 0;
  PlotHeader* header_ = nullptr;
  PlotCanvas* canvas_ = nullptr;
  QMenu* menu_ = nullptr;
  bool flat_ = false;
};

}  // namespace mimir
