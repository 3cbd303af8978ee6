#include "widgets/theme/segmented_control.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>

namespace mimir {

SegmentedControl::SegmentedControl(Theme& theme, const QString& name, const QStringList& labels, QWidget* parent)
    : QWidget(parent), theme_(&theme), buttons_(new QButtonGroup(this)) {
  setAccessibleName(name);
  setFixedHeight(size::kField);
  setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(2, 2, 2, 2);
  row->setSpacing(2);
  for (int i = 0; i < labels.size(); ++i) {
    auto* button = new QPushButton(labels[i], this);
    button->setCheckable(true);
    button->setAutoDefault(false);
    button->setProperty("seg", QStringLiteral("1"));
    button->setAccessibleName(tr("%1: %2").arg(name, labels[i]));
    buttons_->addButton(button, i);
    row->addWidget(button);
  }
  if (auto* first = buttons_->button(0)) first->setChecked(true);
  connect(buttons_, &QButtonGroup::idToggled, this, [this](int index, bool on) {
    if (on) Q_EMIT chosen(index);
  });
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

int SegmentedControl::index() const { return buttons_->checkedId(); }

void SegmentedControl::set_index(int index) {
  if (auto* button = buttons_->button(index)) button->setChecked(true);
}

void SegmentedControl::set_enabled(int index, bool enabled, const QString& why_not) {
  if (auto* button = buttons_->button(index)) {
    button->setEnabled(enabled);
    button->setToolTip(enabled ? QString() : why_not);
  }
}

void SegmentedControl::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Theme::colour(t.border));
  painter.setBrush(Theme::colour(t.sunken));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kControlRadius, size::kControlRadius);
}

}  // namespace mimir
