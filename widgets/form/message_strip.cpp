#include "widgets/form/message_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kIcon = 14;

}  // namespace

MessageStrip::MessageStrip(Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(&theme), text_(new QLabel(this)), detail_(new QLabel(this)), button_(new QPushButton(this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(8 + kIcon + 8, 4, 4, 4);
  row->setSpacing(8);
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  for (QLabel* label : {text_, detail_}) {
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    words->addWidget(label);
  }
  text_->setProperty("role", QStringLiteral("label"));
  detail_->setProperty("role", QStringLiteral("caption"));
  detail_->hide();
  row->addLayout(words, 1);
  button_->setProperty("kind", QStringLiteral("flat"));
  button_->setProperty("compact", true);
  button_->setAutoDefault(false);
  button_->hide();
  row->addWidget(button_);
  setMinimumHeight(28);
  connect(button_, &QPushButton::clicked, this, &MessageStrip::acted);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void MessageStrip::show_message(Tone tone, QLatin1String icon, const QString& text, const QString& detail) {
  tone_ = tone;
  icon_ = icon;
  text_->setText(text);
  detail_->setText(detail);
  detail_->setVisible(!detail.isEmpty());
  setAccessibleName(text);
  update();
}

void MessageStrip::set_verb(const QString& verb) {
  button_->setText(verb);
  button_->setAccessibleName(verb);
  button_->setVisible(!verb.isEmpty());
}

QString MessageStrip::text() const { return text_->text(); }

void MessageStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(tone_ground(*theme_, tone_));
  painter.drawRoundedRect(rect(), 4, 4);
  paint_icon(painter, QRectF(8, (height() - kIcon) / 2.0, kIcon, kIcon), icon_, tone_colour(*theme_, tone_));
}

}  // namespace mimir
