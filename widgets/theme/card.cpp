#include "widgets/theme/card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace mimir {
namespace {

constexpr int kBusyAfterMs = 500;

}  // namespace

Card::Card(Theme& theme, const QString& title, QWidget* parent) : QWidget(parent), theme_(&theme) {
  auto* all = new QVBoxLayout(this);
  all->setSpacing(size::kGap);
  head_ = new QWidget(this);
  head_->setMinimumHeight(size::kCardHeader);  // higher with a tool of 28 in it
  auto* row = new QHBoxLayout(head_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(size::kGap);
  title_ = new QLabel(head_);
  caption_ = new QLabel(head_);
  title_->setProperty("role", QStringLiteral("heading"));
  caption_->setProperty("role", QStringLiteral("caption"));
  caption_->hide();
  slot_ = new QHBoxLayout;
  slot_->setSpacing(4);
  row->addWidget(title_);
  row->addWidget(caption_);
  row->addStretch(1);
  row->addLayout(slot_);
  body_ = new QVBoxLayout;
  body_->setSpacing(size::kGap);
  all->addWidget(head_);
  all->addLayout(body_, 1);
  set_padding(size::kCardPadding);
  set_title(title);
  busy_.setSingleShot(true);
  busy_.setInterval(kBusyAfterMs);
  connect(&busy_, &QTimer::timeout, this, [this] {
    busy_shown_ = true;
    update();
  });
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Card::set_title(const QString& title) {
  title_->setText(title);
  setAccessibleName(title);
  head_->setVisible(!title.isEmpty() || !slot_->isEmpty());
}

void Card::set_caption(const QString& caption) {
  caption_->setText(caption);
  caption_->setVisible(!caption.isEmpty());
}

void Card::set_padding(int px) { layout()->setContentsMargins(px, px == 0 ? 1 : px - 4, px, px); }

void Card::set_busy(bool busy) {
  if (busy) {
    if (!busy_shown_ && !busy_.isActive()) busy_.start();
    return;
  }
  busy_.stop();
  busy_shown_ = false;
  update();
}

void Card::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Theme::colour(t.border));
  painter.setBrush(Theme::colour(t.surface));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kCardRadius, size::kCardRadius);
  if (busy_shown_) painter.fillRect(QRectF(size::kCardRadius, 0, width() - 2 * size::kCardRadius, 2), Theme::colour(t.accent));
}

}  // namespace mimir
