#include "widgets/form/elided_label.h"

#include <QEvent>

namespace mimir {

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent, Qt::TextElideMode mode) : QLabel(parent), mode_(mode) {
  setTextFormat(Qt::PlainText);
  set_full_text(text);
}

void ElidedLabel::set_full_text(const QString& text) {
  full_ = text;
  setAccessibleName(text);
  updateGeometry();
  fit();
}

QSize ElidedLabel::sizeHint() const { return {fontMetrics().horizontalAdvance(full_) + 2, QLabel::sizeHint().height()}; }
QSize ElidedLabel::minimumSizeHint() const { return {24, QLabel::minimumSizeHint().height()}; }

void ElidedLabel::resizeEvent(QResizeEvent* event) {
  QLabel::resizeEvent(event);
  fit();
}

void ElidedLabel::changeEvent(QEvent* event) {
  QLabel::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) fit();
}

void ElidedLabel::fit() {
  const QString shown = fontMetrics().elidedText(full_, mode_, width());
  if (shown != text()) setText(shown);
  const QString tip = shown == full_ ? QString() : full_;
  if (tip != toolTip()) setToolTip(tip);
}

}  // namespace mimir
