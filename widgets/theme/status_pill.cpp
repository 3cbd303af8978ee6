#include "widgets/theme/status_pill.h"

#include <QPainter>

namespace mimir {

StatusPill::StatusPill(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void StatusPill::show_look(const StatusLook& look) {
  if (look == look_) return;
  look_ = look;
  setAccessibleName(look.word);
  updateGeometry();
  update();
}

QSize StatusPill::sizeHint() const { return status_pill_size(*theme_, look_); }

void StatusPill::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint_status_pill(painter, rect(), *theme_, look_);
}

}  // namespace mimir
