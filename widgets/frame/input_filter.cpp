#include "widgets/frame/input_filter.h"

#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTextEdit>
#include <QWhatsThis>

namespace mimir {
namespace {

/// Letters are text there, or find a row.
bool takes_letters(const QObject* widget) {
  for (const QObject* at = widget; at; at = at->parent()) {
    if (qobject_cast<const QLineEdit*>(at) || qobject_cast<const QAbstractSpinBox*>(at) || qobject_cast<const QPlainTextEdit*>(at) || qobject_cast<const QTextEdit*>(at) ||
        qobject_cast<const QAbstractItemView*>(at) || qobject_cast<const QComboBox*>(at)) {
      return true;
    }
  }
  return false;
}

/// The nearest widget around that says something of itself.
const QWidget* spoken(const QObject* watched) {
  for (const auto* at = qobject_cast<const QWidget*>(watched); at; at = at->parentWidget()) {
    if (!at->whatsThis().isEmpty()) return nullptr;  // Qt shows that
    if (!at->toolTip().isEmpty() || (at->focusPolicy() != Qt::NoFocus && !at->accessibleName().isEmpty())) return at;
  }
  return nullptr;
}

}  // namespace

InputFilter::InputFilter(QObject* parent) : QObject(parent) { QCoreApplication::instance()->installEventFilter(this); }

bool InputFilter::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::ShortcutOverride:
    case QEvent::KeyPress: {
      const auto* key = static_cast<QKeyEvent*>(event);
      const bool letter = key->key() >= Qt::Key_A && key->key() <= Qt::Key_Z && !(key->modifiers() & ~Qt::ShiftModifier);
      if (letters_ || !letter || !watched->isWidgetType()) return false;
      if (event->type() == QEvent::ShortcutOverride) {
        event->accept();  // no shortcut: an ordinary key
        return true;
      }
      return !takes_letters(watched);
    }
    case QEvent::QueryWhatsThis:
      if (!spoken(watched)) return false;
      event->accept();
      return true;
    case QEvent::WhatsThis:
      if (const QWidget* widget = spoken(watched)) {
        QWhatsThis::showText(static_cast<QHelpEvent*>(event)->globalPos(), widget->toolTip().isEmpty() ? widget->accessibleName() : widget->toolTip());
        return true;
      }
      return false;
    default: return false;
  }
}

}  // namespace mimir
