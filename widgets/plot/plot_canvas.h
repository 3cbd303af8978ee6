#pragma once

#include "widgets/plot/custom_plot.h"

#include <QElapsedTimer>
#include <QTimer>
#include <memory>
#include <optional>

#include "widgets/plot/plot_data.h"
#include "widgets/plot/plot_range.h"
#include "widgets/plot/plot_ticker.h"
#include "widgets/plot/thinning.h"

namespace mimir {

class PlotMarks;
class PlotOverlay;

/// What the last drawing left out or simplified, for the header.
struct PlotNotes {
  std::size_t not_positive = 0;  ///< values that a logarithmic axis cannot show
  std::size_t per_column = 1;    ///< points that share a pixel column, where more than kBucketed are drawn
  bool newer = false;            ///< there are points behind the right edge that came after zooming
  bool outside_above = false;    ///< "ignore outliers" hides points
  bool outside_below = false;
};

/// Axes, curves and marks of one plot, with mouse and keyboard. Draws at most 25 times a second and only while visible.
class PlotCanvas : public QCustomPlot {
  Q_OBJECT

 public:
  PlotCanvas(std::shared_ptr<PlotData> data, PlotStyle style, QWidget* parent = nullptr);

  const PlotData& data() const { return *data_; }
  const PlotStyle& style() const { return style_; }
  const PlotNotes& notes() const { return notes_; }
  bool log_y() const { return log_y_; }

  /// Soon, with all other changes until then.
  void request_redraw();
  /// Sets ranges and colours from the data; before a drawing that QCustomPlot does not announce (exports).
  void prepare();
  /// No thinning at all: for vector exports.
  void set_all_points(bool all) { all_points_ = all; }
  int redraws() const { return redraws_; }

  PlotRange x_extent() const;
  void set_common_extent(std::optional<PlotRange> extent);
  const std::optional<PlotRange>& zoom() const { return x_zoom_; }
  void set_zoom(std::optional<PlotRange> range);
  /// The zoom and shared extent of another canvas.
  void copy_view(const PlotCanvas& other);
  /// Where the axes are, in the canvas.
  QRect axes() const { return axisRect()->rect(); }

  std::optional<double> cursor() const { return cursor_; }
  void set_cursor(std::optional<double> x);
  const QList<double>& pins() const { return pins_; }
  void set_pins(const QList<double>& pins);
  bool pointer_here() const { return pointer_here_; }
  const std::optional<QRect>& zoom_box() const { return zoom_box_; }
  QString cursor_values() const;
  /// Moves the crosshair to the next value that is not finite; false if there is none.
  bool go_to_problem(bool forward);

  LineView line_view() const;
  void go_to_end();

 Q_SIGNALS:
  void drawn();
  void zoomed(double low, double high);
  void zoom_reset();
  void cursor_moved(std::optional<double> x);
  void pins_changed(const QList<double>& pins);
  void checkpoint_clicked(const QString& run, const QString& stage, qint64 step);
  void log_y_toggled();
  void focus_changed();
  void menu_wanted(const QPoint& global);

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void apply_style();
  void set_ranges();
  void fill();
  void add_line(const QString& layer, std::size_t& used, const std::vector<Vec2>& points, const QPen& pen);
  QCPGraph* graph_of(const QString& layer, std::size_t index);
  std::pair<double, double> outlier_limits(const RunSeries& series, std::size_t begin, std::size_t end) const;
  void user_zoom(PlotRange range);
  void zoom_x(double factor, double centre);
  void zoom_y(double factor, double centre);
  void pan(double pixels_x, double pixels_y);
  void zoom_to(const QRect& box);
  void reset_zoom();
  void user_cursor(std::optional<double> x);
  void user_pins(const QList<double>& pins);
  void step_cursor(int points);
  void click(const QPoint& position);
  void redraw_overlay();

  std::shared_ptr<PlotData> data_;
  PlotStyle style_;
  QSharedPointer<PlotTicker> x_ticker_;
  QSharedPointer<PlotTicker> y_ticker_;
  std::map<QString, std::vector<QCPGraph*>> graphs_;  ///< by layer; kept for the next drawing
  PlotMarks* marks_ = nullptr;
  PlotOverlay* overlay_ = nullptr;
  PlotNotes notes_;
  bool log_y_ = false;
  bool all_points_ = false;

  std::optional<PlotRange> common_extent_;
  std::optional<PlotRange> x_zoom_;
  std::optional<PlotRange> y_zoom_;
  double end_when_zoomed_ = 0;

  std::optional<double> cursor_;
  QList<double> pins_;
  bool pointer_here_ = false;
  enum class Drag { none, pressed, pan, box };
  Drag drag_ = Drag::none;
  Qt::MouseButton button_ = Qt::NoButton;
  QPoint pressed_;
  QPoint dragged_;
  std::optional<QRect> zoom_box_;

  QTimer redraw_timer_;
  QElapsedTimer since_redraw_;
  bool dirty_ = true;
  int redraws_ = 0;
};

}  // namespace mimir
