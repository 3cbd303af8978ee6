#include "widgets/form/tab_order.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QKeyEvent>
#include <QListView>

namespace mimir {
namespace {

class KeyPasser : public QObject {
 public:
  KeyPasser(QWidget& place, QList<int> keys) : QObject(&place), place_(&place), keys_(std::move(keys)) {}

  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() != QEvent::KeyPress) return false;
    const auto* key = static_cast<QKeyEvent*>(event);
    if (!keys_.contains(key->key()) || (key->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier))) return false;
    QCoreApplication::sendEvent(place_, event);
    return true;
  }

 private:
  QWidget* place_;
  QList<int> keys_;
};

/// A popup's own list is none of the place's.
bool in_combo(const QWidget* widget) {
  for (const QWidget* at = widget->parentWidget(); at; at = at->parentWidget()) {
    if (qobject_cast<const QComboBox*>(at)) return true;
  }
  return false;
}

}  // namespace

void set_tab_order(const QList<QWidget*>& parts) {
  QWidget* before = nullptr;
  for (QWidget* part : parts) {
    QList<QWidget*> stops = part->findChildren<QWidget*>();
    stops.prepend(part);
    for (QWidget* stop : stops) {
      // Of a group of buttons only the checked one takes Tab, and which that is changes: all keep their place.
      if (stop->focusPolicy() == Qt::NoFocus || stop->focusProxy() || stop->window() != part->window() || in_combo(stop)) continue;
      if (before) QWidget::setTabOrder(before, stop);
      before = stop;
    }
  }
}

void pass_on_keys(QWidget& place, const QList<int>& keys) {
  auto* passer = new KeyPasser(place, keys);
  for (QComboBox* combo : place.findChildren<QComboBox*>()) {
    if (!combo->isEditable() && combo->window() == place.window()) combo->installEventFilter(passer);
  }
  for (QListView* list : place.findChildren<QListView*>()) {
    if (!in_combo(list)) list->installEventFilter(passer);
  }
}

}  // namespace mimir
