#include "widgets/panels/reconstruction/probe_scrubber.h"

#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kFramesPerSecond = 4;
constexpr int kHalfHandle = 8;

}  // namespace

ProbeScrubber::ProbeScrubber(Theme& theme, QWidget* parent)
    : Card(theme, {}, parent), curve_(new MetricPlot(theme)), slider_(new QSlider(Qt::Horizontal)), slider_row_(new QHBoxLayout), where_(new QLabel) {
  setAccessibleName(tr("Through training"));
  body()->setSpacing(4);
  curve_->set_flat(true);
  curve_->set_title(tr("Through training"), tr("error of the removed patches of the probe batch"));
  curve_->set_per_epoch(true);
  PlotOptions options;
  options.x_title = true;
  curve_->set_options(options);
  curve_->set_empty_text(tr("The first value comes with the first epoch."));
  body()->addWidget(curve_, 1);
  slider_->setAccessibleName(tr("Stored step"));
  slider_->installEventFilter(this);
  slider_row_->addWidget(slider_);
  body()->addLayout(slider_row_);
  make_transport(theme);
  connect(slider_, &QSlider::actionTriggered, this, &ProbeScrubber::slide);
  connect(curve_->canvas(), &PlotCanvas::drawn, this, &ProbeScrubber::align);
  connect(curve_, &MetricPlot::cursor_moved, this, [this](std::optional<double> x) {
    if (x) Q_EMIT step_pointed_at(std::llround(*x));
  });
  connect(&play_timer_, &QTimer::timeout, this, [this] { choose(position_ + 1 < static_cast<int>(steps_.size()) ? position_ + 1 : 0); });
}

void ProbeScrubber::make_transport(Theme& theme) {
  auto* transport = new QHBoxLayout;
  transport->setSpacing(4);
  const auto button = [&](const char* picture, const QString& name, const QString& tip) {
    auto* made = new QToolButton;
    made->setIcon(icon(theme, QLatin1String(picture)));
    made->setFocusPolicy(Qt::StrongFocus);
    made->setAccessibleName(name);
    made->setToolTip(tip);
    transport->addWidget(made);
    return made;
  };
  connect(button("step-prev", tr("Earlier picture"), tr("Earlier picture (,)")), &QToolButton::clicked, this, [this] { step(-1); });
  play_ = button("play", tr("Play through the epochs"), tr("Play or pause (Space)"));
  play_->setCheckable(true);
  connect(button("step-next", tr("Later picture"), tr("Later picture (.)")), &QToolButton::clicked, this, [this] { step(1); });
  where_->setProperty("role", QStringLiteral("number"));
  transport->addSpacing(4);
  transport->addWidget(where_);
  transport->addStretch();
  body()->addLayout(transport);
  connect(play_, &QToolButton::toggled, this, [this, &theme](bool on) {
    play_->setIcon(icon(theme, on ? QLatin1String("pause") : QLatin1String("play")));
    on ? play_timer_.start(1000 / kFramesPerSecond) : play_timer_.stop();
  });
}

void ProbeScrubber::set_steps(std::vector<std::int64_t> steps) {
  steps_ = std::move(steps);
  align();
}

void ProbeScrubber::show_position(int position, const QString& words) {
  position_ = position;
  const std::int64_t at = steps_[static_cast<std::size_t>(position)];
  slider_->setValue(static_cast<int>(at));
  where_->setText(words);
  curve_->set_cursor(static_cast<double>(at));
}

void ProbeScrubber::choose(int position) {
  if (!steps_.empty()) Q_EMIT chosen(std::clamp(position, 0, static_cast<int>(steps_.size()) - 1));
}

void ProbeScrubber::step(int by) { choose(position_ + by); }
void ProbeScrubber::step_to_end(bool last) { choose(last ? static_cast<int>(steps_.size()) - 1 : 0); }
void ProbeScrubber::toggle_play() { play_->toggle(); }

int ProbeScrubber::nearest(std::int64_t step) const {
  const auto later = std::lower_bound(steps_.begin(), steps_.end(), step);
  if (later == steps_.begin()) return 0;
  if (later == steps_.end() || step - *std::prev(later) <= *later - step) return static_cast<int>(later - steps_.begin()) - 1;
  return static_cast<int>(later - steps_.begin());
}

/// The slider counts steps of the optimiser and stands only where there is a picture.
void ProbeScrubber::slide(int action) {
  switch (action) {
    case QAbstractSlider::SliderSingleStepAdd: step(1); break;
    case QAbstractSlider::SliderSingleStepSub: step(-1); break;
    case QAbstractSlider::SliderPageStepAdd: step(10); break;
    case QAbstractSlider::SliderPageStepSub: step(-10); break;
    case QAbstractSlider::SliderToMinimum: step_to_end(false); break;
    case QAbstractSlider::SliderToMaximum: step_to_end(true); break;
    default: choose(nearest(slider_->sliderPosition()));
  }
  if (!steps_.empty()) slider_->setSliderPosition(static_cast<int>(steps_[static_cast<std::size_t>(position_)]));
}

bool ProbeScrubber::eventFilter(QObject* watched, QEvent* event) {
  if (watched != slider_ || event->type() != QEvent::Wheel) return Card::eventFilter(watched, event);
  step(static_cast<QWheelEvent*>(event)->angleDelta().y() > 0 ? 1 : -1);
  return true;
}

/// The handle's centre stands under the crosshair.
void ProbeScrubber::align() {
  const QRect axes = curve_->axes();
  if (axes.width() <= 0) return;
  slider_row_->setContentsMargins(axes.left() - kHalfHandle, 0, std::max(0, curve_->width() - axes.right() - 1 - kHalfHandle), 0);
  const PlotRange range = curve_->range().value_or(curve_->extent());
  slider_->setRange(static_cast<int>(std::floor(range.low)), static_cast<int>(std::ceil(range.high)));
  if (static_cast<std::size_t>(position_) < steps_.size()) slider_->setValue(static_cast<int>(steps_[static_cast<std::size_t>(position_)]));
}

void ProbeScrubber::resizeEvent(QResizeEvent* event) {
  Card::resizeEvent(event);
  QTimer::singleShot(0, this, &ProbeScrubber::align);
}

void ProbeScrubber::showEvent(QShowEvent* event) {
  Card::showEvent(event);
  QTimer::singleShot(0, this, &ProbeScrubber::align);
}

}  // namespace mimir
