#include "widgets/form/popup_form.h"

#include <QGridLayout>
#include <QLabel>
#include <QScreen>
#include <algorithm>

namespace mimir {

PopupForm::PopupForm(const QString& name, QWidget* parent) : QFrame(parent, Qt::Popup), grid_(new QGridLayout(this)) {
  setFrameShape(QFrame::StyledPanel);
  setAccessibleName(name);
  grid_->setContentsMargins(12, 12, 12, 12);
  grid_->setHorizontalSpacing(16);
  grid_->setVerticalSpacing(8);
}

void PopupForm::add_row(const QString& label, QWidget* control) {
  auto* word = new QLabel(label);
  word->setProperty("role", QStringLiteral("label"));
  const int row = grid_->rowCount();
  grid_->addWidget(word, row, 0);
  grid_->addWidget(control, row, 1);
}

void PopupForm::add_wide(QWidget* control) { grid_->addWidget(control, grid_->rowCount(), 0, 1, 2); }

void PopupForm::open() {
  adjustSize();
  const QWidget& button = *parentWidget();
  const QRect room = button.screen()->availableGeometry();
  QPoint at = button.mapToGlobal(QPoint(0, button.height() + 4));
  if (at.y() + height() > room.bottom()) at.setY(button.mapToGlobal(QPoint(0, 0)).y() - height() - 4);
  at.setX(std::clamp(at.x(), room.left(), std::max(room.right() - width(), room.left())));
  move(at);
  show();
  if (QLayoutItem* first = grid_->itemAtPosition(1, 1)) first->widget()->setFocus(Qt::TabFocusReason);
}

}  // namespace mimir
