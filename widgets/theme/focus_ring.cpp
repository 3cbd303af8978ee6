#include "widgets/theme/focus_ring.h"

#include <QAbstractButton>
#include <QAbstractSlider>
#include <QApplication>
#include <QFocusEvent>
#include <QToolButton>

namespace mimir {

FocusRing::FocusRing(QApplication& application) : QObject(&application) { application.installEventFilter(this); }

bool FocusRing::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::FocusIn && event->type() != QEvent::FocusOut) return false;
  auto* widget = qobject_cast<QWidget*>(watched);
  if (!widget) return false;
  if (event->type() == QEvent::FocusOut) {
    if (frame_ && frame_->widget() == widget) frame_->setWidget(nullptr);
    return false;
  }
  const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
  const bool keyboard = reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason || reason == Qt::ShortcutFocusReason;
  if (!keyboard || qobject_cast<QToolButton*>(widget) || !(qobject_cast<QAbstractButton*>(widget) || qobject_cast<QAbstractSlider*>(widget))) return false;
  if (!frame_) frame_ = new QFocusFrame(widget->window());
  frame_->setWidget(widget);
  return false;
}

}  // namespace mimir
