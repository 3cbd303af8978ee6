// Mouse and keyboard of PlotCanvas.
#include <QClipboard>
#include <QGuiApplication>
#include <QToolTip>
#include <cmath>
#include <limits>

#include "widgets/plot/plot_canvas.h"
#include "widgets/plot/plot_marks.h"
#include "widgets/plot/plot_overlay.h"

namespace mimir {
namespace {

constexpr int kClickSlack = 4;    // px
constexpr double kZoomStep = 0.8;  // of a wheel click or key
constexpr double kPanStep = 0.1;
constexpr int kThinBox = 10;  // px: a box no higher zooms in x only

/// Both ends moved so that `centre` stays where it is.
PlotRange scaled(const QCPAxis* axis, double factor, double centre) {
  QCPRange range = axis->range();
  if (axis->scaleType() == QCPAxis::stLogarithmic) {
    return {centre * std::pow(range.lower / centre, factor), centre * std::pow(range.upper / centre, factor)};
  }
  return {centre + (range.lower - centre) * factor, centre + (range.upper - centre) * factor};
}

PlotRange moved(const QCPAxis* axis, double pixels) {
  const double low = axis->coordToPixel(axis->range().lower), high = axis->coordToPixel(axis->range().upper);
  return {axis->pixelToCoord(low + pixels), axis->pixelToCoord(high + pixels)};
}

}  // namespace

void PlotCanvas::user_zoom(PlotRange range) {
  // Not closer than a double can tell apart.
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) return;
  if (range.high - range.low < std::max(std::abs(range.low), std::abs(range.high)) * 1e-10) return;
  set_zoom(range);
  Q_EMIT zoomed(range.low, range.high);
}

void PlotCanvas::zoom_x(double factor, double centre) { user_zoom(scaled(xAxis, factor, centre)); }

void PlotCanvas::zoom_y(double factor, double centre) {
  const PlotRange range = scaled(yAxis, factor, centre);
  if (!std::isfinite(range.low) || !std::isfinite(range.high) || !(range.high - range.low > 1e-300)) return;
  y_zoom_ = range;
  request_redraw();
}

void PlotCanvas::pan(double pixels_x, double pixels_y) {
  if (pixels_y != 0) {
    y_zoom_ = moved(yAxis, pixels_y);
    request_redraw();
  }
  if (pixels_x != 0) user_zoom(moved(xAxis, pixels_x));
}

void PlotCanvas::zoom_to(const QRect& box) {
  if (box.height() > kThinBox) y_zoom_ = PlotRange{yAxis->pixelToCoord(box.bottom()), yAxis->pixelToCoord(box.top())};
  user_zoom({xAxis->pixelToCoord(box.left()), xAxis->pixelToCoord(box.right())});
}

void PlotCanvas::reset_zoom() {
  y_zoom_.reset();
  set_zoom(std::nullopt);
  request_redraw();
  Q_EMIT zoom_reset();
}

void PlotCanvas::go_to_end() {
  const PlotRange extent = x_extent();
  if (!x_zoom_) return;
  const PlotRange range = data_->options.log_x ? PlotRange{x_zoom_->low * extent.high / x_zoom_->high, extent.high}
                                               : PlotRange{extent.high - (x_zoom_->high - x_zoom_->low), extent.high};
  end_when_zoomed_ = extent.high;
  user_zoom(range);
}

void PlotCanvas::user_cursor(std::optional<double> x) {
  if (cursor_ == x) return;
  cursor_ = x;
  redraw_overlay();
  Q_EMIT cursor_moved(x);
}

void PlotCanvas::user_pins(const QList<double>& pins) {
  set_pins(pins);
  Q_EMIT pins_changed(pins);
}

void PlotCanvas::mousePressEvent(QMouseEvent* event) {
  button_ = event->button();
  pressed_ = dragged_ = event->pos();
  drag_ = Drag::pressed;
  event->accept();
}

void PlotCanvas::mouseMoveEvent(QMouseEvent* event) {
  const QPoint position = event->pos();
  if (drag_ == Drag::pressed && (position - pressed_).manhattanLength() > kClickSlack) {
    const bool box = button_ == Qt::RightButton || (button_ == Qt::LeftButton && event->modifiers() & Qt::ControlModifier);
    drag_ = box ? Drag::box : button_ == Qt::LeftButton ? Drag::pan : Drag::none;
    if (drag_ == Drag::pan) setCursor(Qt::ClosedHandCursor);
  }
  if (drag_ == Drag::pan) {
    const QPoint step = dragged_ - position;
    dragged_ = position;
    pan(step.x(), y_zoom_ ? step.y() : 0);
    // The ranges of the next step: it may come before the drawing.
    if (x_zoom_) xAxis->setRange(x_zoom_->low, x_zoom_->high);
    if (y_zoom_) yAxis->setRange(y_zoom_->low, y_zoom_->high);
    return;
  }
  if (drag_ == Drag::box) {
    zoom_box_ = QRect(pressed_, position).normalized() & axisRect()->rect();
    if (zoom_box_->height() <= kThinBox) {
      zoom_box_->setTop(axisRect()->top());
      zoom_box_->setBottom(axisRect()->bottom());
    }
    redraw_overlay();
    return;
  }
  const bool inside = axisRect()->rect().contains(position);
  const auto hit = marks_->hit(position);
  setCursor(hit && hit->kind != PlotMarks::Hit::Kind::problem ? Qt::PointingHandCursor : inside ? Qt::CrossCursor : Qt::ArrowCursor);
  if (hit) QToolTip::showText(event->globalPosition().toPoint(), hit->text, this);
  else QToolTip::hideText();
  const bool was_here = pointer_here_;
  pointer_here_ = inside;
  if (inside) user_cursor(xAxis->pixelToCoord(position.x()));
  else if (was_here) user_cursor(std::nullopt);
  if (was_here != inside) redraw_overlay();
}

void PlotCanvas::mouseReleaseEvent(QMouseEvent* event) {
  const Drag drag = std::exchange(drag_, Drag::none);
  if (drag == Drag::box && zoom_box_) {
    const QRect drawn = QRect(pressed_, event->pos()).normalized() & axisRect()->rect();
    zoom_box_.reset();
    redraw_overlay();
    if (drawn.width() > kClickSlack) zoom_to(drawn);
  } else if (drag == Drag::pan) {
    setCursor(Qt::CrossCursor);
    request_redraw();  // antialiased again
  } else if (drag == Drag::pressed && event->button() == Qt::LeftButton) {
    click(event->pos());
  } else if (drag == Drag::pressed && event->button() == Qt::RightButton) {
    Q_EMIT menu_wanted(event->globalPosition().toPoint());
  }
}

void PlotCanvas::click(const QPoint& position) {
  if (const auto hit = marks_->hit(position)) {
    if (hit->kind == PlotMarks::Hit::Kind::checkpoint) {
      Q_EMIT checkpoint_clicked(hit->run, hit->stage, hit->step);
      return;
    }
    if (hit->kind == PlotMarks::Hit::Kind::newer) {
      go_to_end();
      return;
    }
  }
  if (!axisRect()->rect().contains(position)) return;
  const double x = xAxis->pixelToCoord(position.x());
  user_pins(pins_.size() == 1 ? QList<double>{pins_[0], x} : QList<double>{x});
}

void PlotCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
  drag_ = Drag::none;
  user_pins({});
  reset_zoom();
  event->accept();
}

void PlotCanvas::wheelEvent(QWheelEvent* event) {
  const QPoint angle = event->angleDelta();
  const double clicks = (angle.y() != 0 ? angle.y() : angle.x()) / 120.0;  // some platforms turn the wheel with Shift
  const double factor = std::pow(kZoomStep, clicks);
  const bool both = event->modifiers() & Qt::ShiftModifier;
  const bool only_y = !both && event->modifiers() & Qt::ControlModifier;
  if (!only_y) zoom_x(factor, xAxis->pixelToCoord(event->position().x()));
  if (both || only_y) zoom_y(factor, yAxis->pixelToCoord(event->position().y()));
  if (x_zoom_) xAxis->setRange(x_zoom_->low, x_zoom_->high);
  if (y_zoom_) yAxis->setRange(y_zoom_->low, y_zoom_->high);
  event->accept();
}

void PlotCanvas::keyPressEvent(QKeyEvent* event) {
  const QRect axes = axisRect()->rect();
  const QPointF middle = axes.center();
  const bool control = event->modifiers() & Qt::ControlModifier;
  const bool shift = event->modifiers() & Qt::ShiftModifier;
  const double centre = cursor_ && xAxis->range().contains(*cursor_) ? *cursor_ : xAxis->pixelToCoord(middle.x());
  switch (event->key()) {
    case Qt::Key_Left: pan(-kPanStep * axes.width(), 0); break;
    case Qt::Key_Right: pan(kPanStep * axes.width(), 0); break;
    case Qt::Key_Up: pan(0, -kPanStep * axes.height()); break;
    case Qt::Key_Down: pan(0, kPanStep * axes.height()); break;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      if (control) zoom_y(kZoomStep, yAxis->pixelToCoord(middle.y()));
      else zoom_x(kZoomStep, centre);
      break;
    case Qt::Key_Minus:
      if (control) zoom_y(1 / kZoomStep, yAxis->pixelToCoord(middle.y()));
      else zoom_x(1 / kZoomStep, centre);
      break;
    case Qt::Key_R: reset_zoom(); break;
    case Qt::Key_L: Q_EMIT log_y_toggled(); break;
    case Qt::Key_Comma:
    case Qt::Key_Less: step_cursor(shift ? -10 : -1); break;
    case Qt::Key_Period:
    case Qt::Key_Greater: step_cursor(shift ? 10 : 1); break;
    case Qt::Key_Home: user_cursor(x_extent().low); break;
    case Qt::Key_End: user_cursor(x_extent().high); break;
    case Qt::Key_M:
      if (cursor_) user_pins(pins_.size() == 1 ? QList<double>{pins_[0], *cursor_} : QList<double>{*cursor_});
      break;
    case Qt::Key_C: QGuiApplication::clipboard()->setText(cursor_values()); break;
    case Qt::Key_Escape:
      if (pins_.isEmpty() && !cursor_) return event->ignore();
      user_pins({});
      user_cursor(std::nullopt);
      break;
    case Qt::Key_Return:
    case Qt::Key_Enter: {
      // The newest checkpoint at or before the crosshair.
      const auto at = !pins_.isEmpty() ? std::optional(pins_.last()) : cursor_;
      const PlotRun* run = data_->leading_run();
      const auto found = run ? data_->checkpoints.find(run->id) : data_->checkpoints.end();
      const CheckpointRow* nearest = nullptr;
      if (at && found != data_->checkpoints.end()) {
        for (const PlotCurve* curve : data_->visible_curves()) {
          if (curve->run != run->id) continue;
          for (const CheckpointRow& checkpoint : found->second) {
            const bool before = curve->series.x_of_step(checkpoint.step, data_->options.x) <= *at;
            if (before && (!nearest || checkpoint.step > nearest->step)) nearest = &checkpoint;
          }
        }
      }
      if (!nearest) return event->ignore();
      Q_EMIT checkpoint_clicked(run->id, QString::fromStdString(nearest->stage), nearest->step);
      break;
    }
    default: return event->ignore();
  }
  event->accept();
}

void PlotCanvas::step_cursor(int points) {
  const PlotRun* run = data_->leading_run();
  for (const PlotCurve* curve : data_->visible_curves()) {
    if (!run || curve->run != run->id) continue;
    const RunSeries& series = curve->series;
    const auto last = static_cast<qint64>(series.size()) - 1;
    const auto at = cursor_ ? static_cast<qint64>(series.nearest(*cursor_, data_->options.x).value_or(series.size() - 1)) : last;
    user_cursor(series.x(static_cast<std::size_t>(std::clamp<qint64>(at + points, 0, last)), data_->options.x));
    return;
  }
}

bool PlotCanvas::go_to_problem(bool forward) {
  const double from = cursor_.value_or(forward ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity());
  std::optional<double> best;
  for (const PlotCurve* curve : data_->visible_curves()) {
    for (const auto* list : {&curve->series.problems_above(), &curve->series.problems_below()}) {
      for (const std::uint32_t index : *list) {
        const double x = curve->series.x(index, data_->options.x);
        if (forward ? x > from && (!best || x < *best) : x < from && (!best || x > *best)) best = x;
      }
    }
  }
  if (!best) return false;
  if (x_zoom_ && (*best < x_zoom_->low || *best > x_zoom_->high)) {
    const double half = (x_zoom_->high - x_zoom_->low) / 2;
    user_zoom({*best - half, *best + half});
  }
  user_cursor(best);
  return true;
}

/// One line a curve, tab-separated: name, x, raw value, smoothed value. Numbers as in files.
QString PlotCanvas::cursor_values() const {
  const auto at = !pins_.isEmpty() ? std::optional(pins_.last()) : cursor_;
  if (!at) return {};
  QString text;
  for (const CursorValue& value : values_at(*data_, *at)) {
    const RunSeries& series = value.curve->series;
    const auto number = [](double v) { return QString::number(v, 'g', QLocale::FloatingPointShortest); };
    text += data_->curve_name(*value.curve) + QLatin1Char('\t') + number(series.x(value.index, data_->options.x)) + QLatin1Char('\t') +
            number(series.value(value.index)) + QLatin1Char('\t') + number(series.smoothed(value.index)) + QLatin1Char('\n');
  }
  return text;
}

void PlotCanvas::leaveEvent(QEvent* event) {
  QCustomPlot::leaveEvent(event);
  if (!pointer_here_) return;
  pointer_here_ = false;
  user_cursor(std::nullopt);
}

bool PlotCanvas::event(QEvent* event) {
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) {
    redraw_overlay();
    Q_EMIT focus_changed();
  }
  return QCustomPlot::event(event);
}

}  // namespace mimir
