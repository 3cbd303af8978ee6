#include "widgets/session/in_sight.h"

#include <QEvent>
#include <QWidget>

namespace mimir {

InSight::InSight(QWidget& widget, std::function<void()> update, QObject* parent) : QObject(parent), widget_(&widget), update_(std::move(update)) {
  widget.installEventFilter(this);
}

void InSight::changed() {
  due_ = !widget_->isVisible();
  if (!due_) update_();
}

bool InSight::eventFilter(QObject* watched, QEvent* event) {
  if (due_ && event->type() == QEvent::Show) {
    due_ = false;
    update_();
  }
  return QObject::eventFilter(watched, event);
}

}  // namespace mimir
