#include "widgets/theme/empty_state.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kPicture = 32;
constexpr int kSentenceWidth = 440;

}  // namespace

EmptyState::EmptyState(Theme& theme, QLatin1String icon, const QString& line, const QString& sentence, QWidget* parent)
    : QWidget(parent), theme_(&theme), icon_(icon), picture_(new QLabel(this)), line_(new QLabel(this)),
      sentence_(new QLabel(this)), buttons_(new QHBoxLayout) {
  line_->setProperty("role", QStringLiteral("name"));
  sentence_->setProperty("role", QStringLiteral("secondary"));
  sentence_->setWordWrap(true);
  sentence_->setMaximumWidth(kSentenceWidth);
  for (QLabel* label : {picture_, line_, sentence_}) label->setAlignment(Qt::AlignCenter);
  auto* column = new QVBoxLayout(this);
  column->setSpacing(size::kGap);
  column->addStretch(1);
  column->addWidget(picture_);
  column->addWidget(line_);
  auto* words = new QHBoxLayout;  // as wide as reads well, and less where there is less
  words->addStretch(1);
  words->addWidget(sentence_, 1000);
  words->addStretch(1);
  column->addLayout(words);
  column->addSpacing(4);
  auto* row = new QHBoxLayout;
  row->addStretch(1);
  row->addLayout(buttons_);
  row->addStretch(1);
  buttons_->setSpacing(size::kGap);
  column->addLayout(row);
  column->addStretch(1);
  set_text(line, sentence);
  connect(&theme, &Theme::changed, this, &EmptyState::dress);
  dress();
}

void EmptyState::set_text(const QString& line, const QString& sentence) {
  line_->setText(line);
  sentence_->setText(sentence);
  sentence_->setVisible(!sentence.isEmpty());
  setAccessibleName(line);
  setAccessibleDescription(sentence);
}

QPushButton* EmptyState::add_button(const QString& verb, Kind kind) {
  auto* button = new QPushButton(verb, this);
  if (kind == Kind::primary) button->setProperty("kind", QStringLiteral("primary"));
  button->setMinimumWidth(140);
  buttons_->addWidget(button);
  return button;
}

void EmptyState::dress() {
  picture_->setPixmap(icon(*theme_, icon_, &Tokens::text3).pixmap(QSize(kPicture, kPicture), devicePixelRatioF()));
}

}  // namespace mimir
