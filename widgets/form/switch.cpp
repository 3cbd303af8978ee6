#include "widgets/form/switch.h"

#include <QPainter>

namespace mimir {

Switch::Switch(Theme& theme, QWidget* parent) : QAbstractButton(parent), theme_(&theme) {
  setCheckable(true);
  setFocusPolicy(Qt::StrongFocus);
  setFixedSize(sizeHint());
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Switch::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(isChecked() ? Qt::NoPen : QPen(Theme::colour(t.borderStrong)));
  painter.setBrush(Theme::colour(!isChecked() ? t.track : underMouse() ? t.accentFillHover : t.accentFill));
  const QRectF body = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.drawRoundedRect(body, body.height() / 2, body.height() / 2);
  const double side = body.height() - 5;
  const double left = isChecked() ? body.right() - side - 2.5 : body.left() + 2.5;
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(isChecked() ? t.onAccent : t.text2));
  painter.drawEllipse(QRectF(left, body.top() + 2.5, side, side));
}

}  // namespace mimir
