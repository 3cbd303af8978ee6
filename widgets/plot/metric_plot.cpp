#include "widgets/plot/metric_plot.h"

#include <QActionGroup>
#include <QCoreApplication>
#include <QMenu>
#include <QPainter>
#include <QPointer>
#include <QThreadPool>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/plot/export_dialog.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/plot/plot_header.h"
#include "widgets/plot/plot_overlay.h"

namespace mimir {
namespace {

constexpr std::size_t kLoadedAside = 20'000;  ///< points; fewer take some ms

}  // namespace

MetricPlot::MetricPlot(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme), data_(std::make_shared<PlotData>()) {
  data_->empty = tr("The curve begins with the first recorded point.");
  header_ = new PlotHeader(*data_, PlotStyle(theme), this);
  canvas_ = new PlotCanvas(data_, PlotStyle(theme), this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 4, 8, 6);
  layout->setSpacing(2);
  layout->addWidget(header_);
  layout->addWidget(canvas_, 1);
  setFocusProxy(canvas_);
  make_menu();

  connect(canvas_, &PlotCanvas::zoomed, this, &MetricPlot::range_changed);
  connect(canvas_, &PlotCanvas::zoom_reset, this, &MetricPlot::range_reset);
  connect(canvas_, &PlotCanvas::cursor_moved, this, &MetricPlot::cursor_moved);
  connect(canvas_, &PlotCanvas::pins_changed, this, &MetricPlot::pins_changed);
  connect(canvas_, &PlotCanvas::checkpoint_clicked, this, &MetricPlot::checkpoint_clicked);
  connect(canvas_, &PlotCanvas::drawn, this, &MetricPlot::update_words);
  connect(canvas_, &PlotCanvas::focus_changed, this, qOverload<>(&QWidget::update));
  connect(canvas_, &PlotCanvas::menu_wanted, this, [this](const QPoint& at) { menu_->popup(at); });
  connect(canvas_, &PlotCanvas::log_y_toggled, this, [this] {
    PlotOptions options = data_->options;
    options.y = canvas_->log_y() ? ScaleKind::linear : ScaleKind::logarithmic;
    user_options(options);
  });
  connect(theme_, &Theme::changed, this, [this] {
    canvas_->request_redraw();
    update();
  });
}

MetricPlot::~MetricPlot() = default;

void MetricPlot::make_menu() {
  menu_ = new QMenu(this);
  auto* scales = new QActionGroup(this);
  const auto scale = [&](const QString& text, ScaleKind kind) {
    QAction* action = menu_->addAction(text);
    action->setCheckable(true);
    scales->addAction(action);
    connect(action, &QAction::triggered, this, [this, kind] {
      PlotOptions options = data_->options;
      options.y = kind;
      user_options(options);
    });
    connect(menu_, &QMenu::aboutToShow, action, [this, action, kind] { action->setChecked(data_->options.y == kind); });
  };
  scale(tr("Automatic y"), ScaleKind::automatic);
  scale(tr("Linear y"), ScaleKind::linear);
  scale(tr("Logarithmic y\tL"), ScaleKind::logarithmic);
  menu_->addSeparator();
  const auto toggle = [&](const QString& text, bool PlotOptions::*field) {
    QAction* action = menu_->addAction(text);
    action->setCheckable(true);
    connect(action, &QAction::triggered, this, [this, field](bool on) {
      PlotOptions options = data_->options;
      options.*field = on;
      user_options(options);
    });
    connect(menu_, &QMenu::aboutToShow, action, [this, action, field] { action->setChecked(data_->options.*field); });
  };
  toggle(tr("Logarithmic x"), &PlotOptions::log_x);
  toggle(tr("Ignore outliers"), &PlotOptions::ignore_outliers);
  toggle(tr("Points that a resume replaced"), &PlotOptions::replaced);
  toggle(tr("Checkpoints"), &PlotOptions::checkpoints);
  menu_->addSeparator();
  const auto key = [&](const QString& text, int code) {
    connect(menu_->addAction(text), &QAction::triggered, this, [this, code] {
      QKeyEvent press(QEvent::KeyPress, code, Qt::NoModifier);
      QCoreApplication::sendEvent(canvas_, &press);
    });
  };
  key(tr("Reset zoom\tR"), Qt::Key_R);
  key(tr("Copy the values at the crosshair\tC"), Qt::Key_C);
  connect(menu_->addAction(tr("Next problem")), &QAction::triggered, this, [this] { go_to_problem(true); });
  connect(menu_->addAction(tr("Export…")), &QAction::triggered, this, &MetricPlot::export_plot);
  QToolButton* button = header_->menu_button();
  connect(button, &QToolButton::clicked, this, [this, button] { menu_->popup(button->mapToGlobal(QPoint(0, button->height()))); });
}

void MetricPlot::user_options(const PlotOptions& options) {
  set_options(options);
  Q_EMIT options_changed();
}

void MetricPlot::set_title(const QString& title, const QString& unit) {
  data_->title = title;
  data_->unit = unit;
  header_->menu_button()->setAccessibleName(tr("Menu of the plot %1").arg(title));
  header_->menu_button()->setToolTip(tr("Scale, zoom, export"));
  changed();
  update_words();
}

void MetricPlot::set_empty_text(const QString& sentence) {
  if (sentence == data_->empty) return;
  data_->empty = sentence;
  changed();
}

void MetricPlot::set_per_epoch(bool per_epoch) {
  if (per_epoch == data_->per_epoch) return;
  data_->per_epoch = per_epoch;
  changed();
}

void MetricPlot::set_flat(bool flat) {
  flat_ = flat;
  layout()->setContentsMargins(flat ? QMargins(0, 0, 8, 0) : QMargins(8, 4, 8, 6));
  update();
}

void MetricPlot::set_runs(const QList<PlotRun>& runs) {
  if (std::ranges::equal(runs, data_->runs)) return;
  data_->runs.assign(runs.begin(), runs.end());
  std::erase_if(data_->curves, [this](const PlotCurve& curve) { return !data_->find_run(curve.run); });
  std::erase_if(data_->checkpoints, [this](const auto& entry) { return !data_->find_run(entry.first); });
  std::erase_if(loads_, [this](const auto& entry) { return !data_->find_run(entry.first.first); });
  changed();
}

void MetricPlot::set_series(const QString& run, RunSeries series, Measured measured) {
  series.set_smoothing(data_->options.smoothing);
  if (PlotCurve* curve = data_->find_curve(run, measured)) {
    curve->series = std::move(series);
  } else {
    data_->curves.push_back({run, measured, std::move(series)});
  }
  header_->updateGeometry();
  changed();
}

void MetricPlot::load(const QString& run, const PointSeries& points, const std::vector<SegmentRow>& segments, double steps_per_epoch, double images_per_step, Measured measured) {
  const auto make = [points, segments, steps_per_epoch, images_per_step, beta = data_->options.smoothing] {
    RunSeries series(points, segments);
    series.set_pace(steps_per_epoch, images_per_step);
    series.set_smoothing(beta);
    return series;
  };
  const std::pair curve(run, measured);
  loads_.erase(curve);
  if (points.size() < kLoadedAside) return set_series(run, make(), measured);
  const int load = ++last_load_;
  loads_[curve] = load;
  QThreadPool::globalInstance()->start([guard = QPointer<MetricPlot>(this), make, curve, load] {
    QMetaObject::invokeMethod(QCoreApplication::instance(), [guard, series = make(), curve, load]() mutable {
      if (!guard) return;
      const auto waiting = guard->loads_.find(curve);
      if (waiting == guard->loads_.end() || waiting->second != load) return;  // given up meanwhile
      guard->loads_.erase(waiting);
      guard->set_series(curve.first, std::move(series), curve.second);
    });
  });
}

void MetricPlot::append(const QString& run, std::span<const Point> points, Measured measured) {
  PlotCurve* curve = data_->find_curve(run, measured);
  if (!curve) {
    set_series(run, RunSeries(points), measured);
    return;
  }
  if (points.empty()) return;
  curve->series.append(points);
  changed();
}

const RunSeries* MetricPlot::series(const QString& run, Measured measured) const {
  const PlotCurve* curve = data_->find_curve(run, measured);
  return curve ? &curve->series : nullptr;
}

void MetricPlot::set_checkpoints(const QString& run, std::vector<CheckpointRow> checkpoints) {
  std::vector<CheckpointRow>& before = data_->checkpoints[run];
  if (checkpoints == before) return;
  before = std::move(checkpoints);
  changed();
}

void MetricPlot::set_options(const PlotOptions& options) {
  if (data_->options == options) return;
  const bool other_x = options.x != data_->options.x || options.log_x != data_->options.log_x;
  if (options.smoothing != data_->options.smoothing) {
    for (PlotCurve& curve : data_->curves) curve.series.set_smoothing(options.smoothing);
  }
  data_->options = options;
  if (other_x) {  // what was zoomed and pinned was in the other unit
    canvas_->set_zoom(std::nullopt);
    canvas_->set_common_extent(std::nullopt);
    canvas_->set_cursor(std::nullopt);
    canvas_->set_pins({});
  }
  changed();
}

const PlotOptions& MetricPlot::options() const { return data_->options; }
const PlotData& MetricPlot::data() const { return *data_; }
PlotRange MetricPlot::extent() const { return canvas_->x_extent(); }
void MetricPlot::set_common_extent(std::optional<PlotRange> extent) { canvas_->set_common_extent(extent); }
void MetricPlot::set_range(std::optional<PlotRange> range) { canvas_->set_zoom(range); }
std::optional<PlotRange> MetricPlot::range() const { return canvas_->zoom(); }
void MetricPlot::set_cursor(std::optional<double> x) { canvas_->set_cursor(x); }
std::optional<double> MetricPlot::cursor() const { return canvas_->cursor(); }
void MetricPlot::set_pins(const QList<double>& pins) { canvas_->set_pins(pins); }
QList<double> MetricPlot::pins() const { return canvas_->pins(); }
bool MetricPlot::go_to_problem(bool forward) { return canvas_->go_to_problem(forward); }
QRect MetricPlot::axes() const { return canvas_->axes().translated(canvas_->pos()); }
int MetricPlot::redraws() const { return canvas_->redraws(); }

void MetricPlot::export_plot() {
  ExportDialog dialog(*this, this);
  dialog.exec();
}

void MetricPlot::changed() {
  canvas_->request_redraw();
  Q_EMIT data_changed();
}

/// What stands around the curves and what a screen reader says, after each drawing.
void MetricPlot::update_words() {
  header_->set_notes(notes_text(canvas_->notes()));
  const QString words = data_->words(canvas_->log_y());
  for (QWidget* widget : {static_cast<QWidget*>(this), static_cast<QWidget*>(canvas_)}) {
    widget->setAccessibleName(data_->title);
    widget->setAccessibleDescription(words);
  }
}

void MetricPlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Tokens& t = theme_->tokens();
  const bool focus = canvas_->hasFocus();
  if (flat_ && !focus) return;
  painter.setPen(QPen(Theme::colour(focus ? t.focus : t.border), focus ? 2 : 1));
  painter.setBrush(Theme::colour(t.surface));
  const double inset = focus ? 1 : 0.5;
  painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), size::kCardRadius, size::kCardRadius);
}

}  // namespace mimir
