#include "widgets/panels/launch/share_bar.h"

#include <QPainter>

namespace mimir {

ShareBar::ShareBar(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) { setFixedHeight(4); }

void ShareBar::set_share(double share) {
  share_ = share;
  update();
}

void ShareBar::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.track));
  painter.drawRoundedRect(rect(), 2, 2);
  if (share_ <= 0) return;
  painter.setBrush(Theme::colour(t.accent));
  painter.drawRoundedRect(QRectF(0, 0, std::max(4.0, share_ * width()), height()), 2, 2);
}

}  // namespace mimir
