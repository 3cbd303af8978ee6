#include "widgets/plot/plot_canvas.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/plot/plot_marks.h"
#include "widgets/plot/plot_overlay.h"

namespace mimir {
namespace {

constexpr int kRedrawMs = 40;  // 25 a second
constexpr int kApartMs = 4;
constexpr std::size_t kBucketed = 100'000;
constexpr std::size_t kAntialiased = 20'000;
constexpr std::size_t kPercentileValues = 50'000;
constexpr double kAutomaticLog = 30;
constexpr double kPadding = 0.05;
const QString kRawLayer = QStringLiteral("raw");
const QString kLineLayer = QStringLiteral("lines");

/// A graph whose points at the edge of the axes are drawn whole.
class WholeGraph : public QCPGraph {
 public:
  using QCPGraph::QCPGraph;
  bool beyond = false;  ///< nothing of it lies outside of the axes but halves of points

 protected:
  QRect clipRect() const override {
    const QRect axes = QCPGraph::clipRect();
    return beyond ? axes.adjusted(-5, -5, 5, 5) : axes;
  }
};

}  // namespace

PlotCanvas::PlotCanvas(std::shared_ptr<PlotData> data, PlotStyle style, QWidget* parent)
    : QCustomPlot(parent), data_(std::move(data)), style_(style), x_ticker_(new PlotTicker), y_ticker_(new PlotTicker) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumSize(200, 90);
  setAutoAddPlottableToLegend(false);
  setPlottingHint(QCP::phImmediateRefresh, false);  // each drawing would paint all that waits in the window, at once
  addLayer(kRawLayer, layer(QStringLiteral("main")), limAbove);
  addLayer(kLineLayer, layer(kRawLayer), limAbove);
  addLayer(QStringLiteral("marks"), layer(QStringLiteral("axes")), limAbove);
  layer(QStringLiteral("overlay"))->setMode(QCPLayer::lmBuffered);
  plotLayout()->setAutoMargins(QCP::msNone);
  plotLayout()->setMargins(QMargins(0, 0, 0, 0));
  axisRect()->setAutoMargins(QCP::msLeft | QCP::msBottom);
  xAxis->setTicker(x_ticker_);
  yAxis->setTicker(y_ticker_);
  marks_ = new PlotMarks(*this);
  overlay_ = new PlotOverlay(*this);

  redraw_timer_.setSingleShot(true);
  connect(&redraw_timer_, &QTimer::timeout, this, [this] {
    // The timers of all plots of a place come due together; between two drawings the window answers.
    static QElapsedTimer last;
    if (last.isValid() && last.elapsed() < kApartMs) return redraw_timer_.start(kApartMs);
    if (isVisible()) replot();
    else dirty_ = true;
    last.start();
  });
  connect(this, &QCustomPlot::beforeReplot, this, &PlotCanvas::prepare);
  connect(this, &QCustomPlot::afterLayout, this, &PlotCanvas::fill);
  connect(this, &QCustomPlot::afterReplot, this, [this] {
    ++redraws_;
    dirty_ = false;
    since_redraw_.start();
    Q_EMIT drawn();
  });
}

void PlotCanvas::request_redraw() {
  dirty_ = true;
  if (!isVisible() || redraw_timer_.isActive()) return;
  const qint64 since = since_redraw_.isValid() ? since_redraw_.elapsed() : kRedrawMs;
  redraw_timer_.start(static_cast<int>(std::clamp<qint64>(kRedrawMs - since, 0, kRedrawMs)));
}

void PlotCanvas::showEvent(QShowEvent* event) {
  QCustomPlot::showEvent(event);
  if (dirty_) request_redraw();
}

void PlotCanvas::resizeEvent(QResizeEvent*) {
  // QCustomPlot would draw all plots of a resized window one after another, with no turn of the event loop between.
  setViewport(rect());
  request_redraw();
}

void PlotCanvas::prepare() {
  apply_style();
  set_ranges();
}

void PlotCanvas::apply_style() {
  const Tokens& t = style_.tokens();
  setBackground(QBrush(Theme::colour(t.surface)));
  const QFont tick_font = style_.font(font::kTick);
  const double scale = style_.scale();
  axisRect()->setMinimumMargins(QMargins(qRound(34 * scale), 0, qRound(4 * scale), qRound((data_->options.x_title ? 32 : 20) * scale)));
  if (const int edge = qRound(4 * scale); axisRect()->margins().right() != edge) {  // left and bottom follow the labels
    QMargins margins = axisRect()->margins();
    margins.setRight(edge);
    margins.setTop(edge);
    axisRect()->setMargins(margins);
  }
  for (QCPAxis* axis : {xAxis, yAxis}) {
    axis->setTickLabelFont(tick_font);
    axis->setTickLabelColor(Theme::colour(t.text3));
    axis->setTickLabelPadding(qRound((axis == xAxis ? 4 : 6) * scale));
    axis->setTickLength(0, 0);
    axis->setSubTickLength(0, 0);
    axis->setTickPen(QPen(Qt::NoPen));
    axis->setSubTickPen(QPen(Qt::NoPen));
    axis->setBasePen(axis == xAxis ? QPen(Theme::colour(t.axis), 1) : QPen(Qt::NoPen));
    axis->grid()->setPen(QPen(Theme::colour(t.grid), 1));
    QColor minor = Theme::colour(t.grid);
    minor.setAlphaF(0.6F);
    axis->grid()->setSubGridPen(QPen(minor, 1));
    axis->grid()->setZeroLinePen(Qt::NoPen);
    axis->grid()->setAntialiased(false);
    axis->grid()->setAntialiasedSubGrid(false);
  }
  xAxis->setLabel(data_->options.x_title ? x_title(data_->options.x) : QString());
  xAxis->setLabelFont(style_.font(font::kCaption));
  xAxis->setLabelColor(Theme::colour(t.text2));
  xAxis->setLabelPadding(qRound(2 * scale));
}

PlotRange PlotCanvas::x_extent() const {
  const XKind kind = data_->options.x;
  std::optional<PlotRange> extent;
  for (const PlotCurve* curve : data_->visible_curves()) {
    const RunSeries& series = curve->series;
    std::size_t first = 0;
    if (data_->options.log_x) first = series.first_at_or_after(std::numeric_limits<double>::min(), kind);
    if (first >= series.size()) continue;
    const PlotRange own{series.x(first, kind), series.x(series.size() - 1, kind)};
    extent = extent ? PlotRange{std::min(extent->low, own.low), std::max(extent->high, own.high)} : own;
  }
  if (!extent) return data_->options.log_x ? PlotRange{1, 10} : PlotRange{0, 1};
  if (!data_->options.log_x && extent->low > 0 && extent->low < extent->high / 20) extent->low = 0;
  if (!(extent->high > extent->low)) extent->high = extent->low + std::max(1.0, std::abs(extent->low) / 10);
  return *extent;
}

void PlotCanvas::set_ranges() {
  const PlotOptions& options = data_->options;
  const auto curves = data_->visible_curves();
  notes_ = {};

  PlotRange x = x_zoom_ ? *x_zoom_ : common_extent_.value_or(x_extent());
  if (options.log_x && x.low <= 0) x.low = std::min(x_extent().low, x.high / 10);
  xAxis->setScaleType(options.log_x ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  xAxis->setRange(x.low, x.high);
  notes_.newer = x_zoom_ && x_extent().high > std::max(end_when_zoomed_, x_zoom_->high);

  // The scale is chosen by all points, so that it does not change while zooming.
  log_y_ = options.y == ScaleKind::logarithmic;
  if (options.y == ScaleKind::automatic && !curves.empty()) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const PlotCurve* curve : curves) {
      const Extremes found = curve->series.extremes(0, curve->series.size());
      if (found.lowest == Extremes::kNone) continue;
      low = std::min(low, curve->series.value(found.lowest));
      high = std::max(high, curve->series.value(found.highest));
    }
    log_y_ = low > 0 && high / low >= kAutomaticLog && std::isfinite(high);
  }

  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const PlotCurve* curve : curves) {
    const RunSeries& series = curve->series;
    if (log_y_) notes_.not_positive += series.not_positive();
    if (options.log_x) notes_.not_positive += series.first_at_or_after(std::numeric_limits<double>::min(), options.x);
    const std::size_t begin = series.first_at_or_after(x.low, options.x);
    const std::size_t end = std::min(series.size(), series.first_at_or_after(x.high, options.x) + 1);
    if (begin >= end) continue;
    const Extremes found = series.extremes(begin, end);
    const std::uint32_t lowest = log_y_ ? found.lowest_positive : found.lowest;
    if (lowest == Extremes::kNone) continue;
    double own_low = series.value(lowest), own_high = series.value(found.highest);
    if (options.ignore_outliers) {
      const auto limits = outlier_limits(series, begin, end);
      notes_.outside_below = notes_.outside_below || own_low < limits.first;
      notes_.outside_above = notes_.outside_above || own_high > limits.second;
      own_low = std::max(own_low, limits.first);
      own_high = std::min(own_high, limits.second);
    }
    low = std::min(low, own_low);
    high = std::max(high, own_high);
  }
  if (!(low <= high)) {
    low = log_y_ ? 0.1 : 0;
    high = 1;
  }
  yAxis->setScaleType(log_y_ ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  if (log_y_) {
    const double factor = std::max(std::pow(high / low, kPadding), 1.05);
    low /= factor;
    high *= factor;
  } else {
    if (high == low) {
      const double half = low == 0 ? 1 : std::abs(low) / 2;
      low -= half;
      high += half;
    }
    // Zero belongs to it where that at most doubles the span.
    const double span = high - low;
    const bool from_zero = low >= 0 && high <= 2 * span;
    const bool to_zero = high <= 0 && -low <= 2 * span;
    low = from_zero ? 0 : low - kPadding * span;
    high = to_zero ? 0 : high + kPadding * span;
  }
  if (y_zoom_ && (!log_y_ || y_zoom_->low > 0)) {
    low = y_zoom_->low;
    high = y_zoom_->high;
  }
  yAxis->setRange(low, high);

  const bool time = options.x == XKind::since_start || options.x == XKind::wall_clock;
  const double scale = style_.scale();
  const int width = std::max(60, viewport().width() - 40), height = std::max(40, viewport().height() - 24);
  x_ticker_->configure(!time ? TickKind::number : options.x == XKind::wall_clock ? TickKind::clock : TickKind::duration, options.log_x,
                       static_cast<int>(width / (96 * scale)));
  y_ticker_->configure(TickKind::number, log_y_, static_cast<int>(height / (40 * scale)));
}

std::pair<double, double> PlotCanvas::outlier_limits(const RunSeries& series, std::size_t begin, std::size_t end) const {
  std::vector<double> values;
  const std::size_t stride = 1 + (end - begin) / kPercentileValues;
  for (std::size_t i = begin; i < end; i += stride) {
    const double value = series.value(i);
    if (std::isfinite(value) && (!log_y_ || value > 0)) values.push_back(value);
  }
  if (values.empty()) return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  const auto at = [&](double part) {
    const auto index = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), index, values.end());
    return *index;
  };
  return {at(0.05), at(0.95)};
}

LineView PlotCanvas::line_view() const {
  LineView view;
  view.x = data_->options.x;
  view.low = xAxis->range().lower;
  view.high = xAxis->range().upper;
  view.log_x = data_->options.log_x;
  view.log_y = log_y_;
  const QRect axes = axisRect()->rect();
  if (all_points_) return view;
  view.columns = std::max(1, static_cast<int>(axes.width() * bufferDevicePixelRatio()));
  const QCPRange y = yAxis->range();
  const double rows = std::max(1.0, axes.height() * bufferDevicePixelRatio());
  view.tolerance = 0.5 * (log_y_ ? std::log10(y.upper / y.lower) : y.size()) / rows;
  return view;
}

QCPGraph* PlotCanvas::graph_of(const QString& layer_name, std::size_t index) {
  auto& pool = graphs_[layer_name];
  while (pool.size() <= index) {
    QCPGraph* graph = new WholeGraph(xAxis, yAxis);  // the plot's from here on
    graph->setLayer(layer_name);
    graph->setAdaptiveSampling(false);
    graph->setSelectable(QCP::stNone);
    pool.push_back(graph);
  }
  return pool[index];
}

void PlotCanvas::add_line(const QString& layer_name, std::size_t& used, const std::vector<Vec2>& points, const QPen& pen) {
  QCPGraph* graph = graph_of(layer_name, used++);
  QVector<QCPGraphData> data;
  data.reserve(static_cast<qsizetype>(points.size()));
  for (const Vec2& point : points) data.append({point.x, point.y});
  graph->data()->set(data, true);
  graph->setPen(pen);
  graph->setScatterStyle(QCPScatterStyle::ssNone);
  graph->setVisible(true);
}

void PlotCanvas::fill() {
  const LineView view = line_view();
  auto curves = data_->visible_curves();
  std::stable_partition(curves.begin(), curves.end(), [&](const PlotCurve* curve) {
    const PlotRun* run = data_->find_run(curve->run);
    return !run || !run->emphasised;
  });
  std::size_t raw_used = 0, lines_used = 0, drawn_points = 0;
  bool bucketed = false;
  for (const PlotCurve* curve : curves) {
    const RunSeries& series = curve->series;
    const QPen pen = style_.pen(*data_, *curve);
    QColor faint = pen.color();
    faint.setAlphaF(static_cast<float>(style_.raw_opacity()));
    const QPen raw_pen(faint, style_.scale());
    if (data_->options.replaced) {
      for (std::size_t i = 0; i < series.replaced().size();) {
        std::vector<Vec2> tail;
        const std::int32_t segment = series.replaced()[i].segment;
        for (; i < series.replaced().size() && series.replaced()[i].segment == segment; ++i) {
          tail.push_back({series.x(series.replaced()[i], view.x), series.replaced()[i].value});
        }
        add_line(kRawLayer, raw_used, tail, QPen(faint, style_.scale(), Qt::DotLine));
      }
    }
    const bool smoothed = series.smoothing() > 0 && !data_->per_epoch;
    if (smoothed) {
      const auto raw = visible_line(series, SeriesLine::raw, view);
      drawn_points += raw.size();
      add_line(kRawLayer, raw_used, raw, raw_pen);
    }
    const auto line = visible_line(series, smoothed ? SeriesLine::smoothed : SeriesLine::raw, view);
    drawn_points += line.size();
    add_line(kLineLayer, lines_used, line, pen);
    static_cast<WholeGraph*>(graphs_[kLineLayer][lines_used - 1])->beyond = data_->per_epoch && !x_zoom_ && !y_zoom_ && !data_->options.ignore_outliers;
    if (data_->per_epoch && static_cast<double>(line.size()) * 10 < axisRect()->width()) {
      QCPScatterStyle dots(QCPScatterStyle::ssCircle, 6.7 * style_.scale());
      dots.setPen(QPen(Theme::colour(style_.tokens().surface), 1.5 * style_.scale()));
      dots.setBrush(pen.color());
      graphs_[kLineLayer][lines_used - 1]->setScatterStyle(dots);
    }
    if (series.size() > kBucketed) {
      bucketed = true;
      notes_.per_column = std::max(notes_.per_column, points_per_column(series, view));
    }
  }
  for (const auto& [name, used] : {std::pair{kRawLayer, raw_used}, std::pair{kLineLayer, lines_used}}) {
    auto& pool = graphs_[name];
    for (std::size_t i = used; i < pool.size(); ++i) {
      pool[i]->data()->clear();
      pool[i]->setVisible(false);
    }
  }
  // Most of the drawing of a line with more points than columns, which is a band, goes into smooth edges that nobody sees.
  const bool many = (drawn_points > kAntialiased || bucketed) && !all_points_;
  for (QCPGraph* graph : graphs_[kRawLayer]) graph->setAntialiased(!many);
  for (QCPGraph* graph : graphs_[kLineLayer]) {
    const bool coarse = many && (drag_ == Drag::pan || graph->dataCount() > static_cast<int>(axisRect()->width() * bufferDevicePixelRatio()));
    graph->setAntialiased(!coarse);
    if (coarse) {
      QPen pen = graph->pen();
      pen.setWidthF(1);
      graph->setPen(pen);
    }
  }
}

void PlotCanvas::set_common_extent(std::optional<PlotRange> extent) {
  if (common_extent_ == extent) return;
  common_extent_ = extent;
  if (!x_zoom_) request_redraw();
}

void PlotCanvas::set_zoom(std::optional<PlotRange> range) {
  if (x_zoom_ == range) return;
  if (!x_zoom_ || !range) end_when_zoomed_ = x_extent().high;
  x_zoom_ = range;
  if (!range) y_zoom_.reset();
  request_redraw();
}

void PlotCanvas::copy_view(const PlotCanvas& other) {
  common_extent_ = other.common_extent_;
  x_zoom_ = other.x_zoom_;
  y_zoom_ = other.y_zoom_;
  end_when_zoomed_ = std::numeric_limits<double>::infinity();  // "newer points" belongs to the window
}

void PlotCanvas::set_cursor(std::optional<double> x) {
  if (cursor_ == x) return;
  cursor_ = x;
  pointer_here_ = false;
  redraw_overlay();
}

void PlotCanvas::set_pins(const QList<double>& pins) {
  if (pins_ == pins) return;
  pins_ = pins;
  redraw_overlay();
}

void PlotCanvas::redraw_overlay() {
  // A drawing that is due anyway will show it.
  if (isVisible() && !dirty_) layer(QStringLiteral("overlay"))->replot();
}

}  // namespace mimir
