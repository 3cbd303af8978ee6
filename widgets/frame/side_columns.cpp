#include "widgets/frame/side_columns.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QWidget>

namespace mimir {

/// A raised sheet over an edge of the place.
class SideColumns::Drawer : public QWidget {
 public:
  Drawer(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme), row_(new QHBoxLayout(this)) {
    row_->setContentsMargins(size::kGap, size::kGap, size::kGap, size::kGap);
    row_->setSpacing(size::kGap);
    setAccessibleName(tr("Side column"));
    hide();
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
  }
  QHBoxLayout& row() { return *row_; }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Tokens& t = theme_->tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Theme::colour(t.control));
    painter.setBrush(Theme::colour(t.canvas));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kCardRadius, size::kCardRadius);
  }

 private:
  Theme* theme_;
  QHBoxLayout* row_;
};

SideColumns::SideColumns(Theme& theme, QWidget* ground)
    : QObject(ground), ground_(ground), left_(new Drawer(theme, ground)), right_(new Drawer(theme, ground)) {
  ground->installEventFilter(this);
  // Esc reaches a drawer only where nothing inside wants it.
  left_->installEventFilter(this);
  right_->installEventFilter(this);
}

void SideColumns::show_place(const QString& place, const QList<QWidget*>& columns) {
  if (folded_) put_back();
  columns_.clear();
  place_ = place;
  for (QWidget* column : columns) columns_.push_back({column, nullptr, column->parentWidget()->layout()->indexOf(column) == 0});
  stand();
}

void SideColumns::set_folded(bool folded) {
  if (folded == folded_) return;
  if (folded_) put_back();
  folded_ = folded;
  stand();
}

void SideColumns::stand() {
  open_ = false;
  if (folded_) take_out();
  else show_in_place();
  arrange();
  Q_EMIT changed();
}

void SideColumns::show_in_place() {
  for (const Column& column : columns_)
    if (column.widget) column.widget->setVisible(!hidden_.contains(place_));
}

void SideColumns::take_out() {
  for (Column& column : columns_) {
    if (!column.widget || column.stand_in) continue;
    QWidget* home = column.widget->parentWidget();
    column.stand_in = new QWidget(home);
    column.stand_in->hide();
    delete home->layout()->replaceWidget(column.widget, column.stand_in);
    (column.left ? left_ : right_)->row().addWidget(column.widget);
    column.widget->show();
  }
}

void SideColumns::put_back() {
  for (Column& column : columns_) {
    if (!column.widget || !column.stand_in) continue;
    QWidget* home = column.stand_in->parentWidget();
    (column.left ? left_ : right_)->row().removeWidget(column.widget);
    column.widget->setParent(home);
    delete home->layout()->replaceWidget(column.stand_in, column.widget);
    delete column.stand_in;
    column.widget->show();
  }
}

void SideColumns::toggle() {
  if (!any()) return;
  if (!folded_) {
    if (!hidden_.remove(place_)) hidden_.insert(place_);
    show_in_place();
  } else {
    QWidget* focus = QApplication::focusWidget();
    const bool inside = focus && (left_->isAncestorOf(focus) || right_->isAncestorOf(focus));
    open_ = !open_;
    arrange();
    if (open_) {
      before_ = focus;
      focus_first();
    } else if (inside && before_) {
      before_->setFocus(Qt::OtherFocusReason);
    }
  }
  Q_EMIT changed();
}

void SideColumns::focus_first() {
  QWidget* column = columns_.front().widget;
  for (QWidget* at = column; at && (at == column || column->isAncestorOf(at)); at = at->nextInFocusChain()) {
    if (!(at->focusPolicy() & Qt::TabFocus) || !at->isVisible() || !at->isEnabled()) continue;
    return at->setFocus(Qt::ShortcutFocusReason);
  }
}

void SideColumns::arrange() {
  for (Drawer* drawer : {left_, right_}) {
    const bool shown = folded_ && open_ && drawer->row().count() > 0;
    if (shown) {
      const int wide = std::min(drawer->sizeHint().width(), ground_->width());
      drawer->setGeometry(drawer == left_ ? 0 : ground_->width() - wide, 0, wide, ground_->height());
      drawer->raise();
    }
    drawer->setVisible(shown);
  }
}

bool SideColumns::eventFilter(QObject* watched, QEvent* event) {
  if (watched == ground_ && event->type() == QEvent::Resize) arrange();
  if (watched != ground_ && event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape && open_ && folded_) {
    toggle();
    return true;
  }
  return false;
}

}  // namespace mimir
