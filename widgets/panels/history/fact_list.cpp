#include "widgets/panels/history/fact_list.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace mimir {
namespace {

constexpr int kRow = 22;
constexpr int kSide = 6;
constexpr int kGap = 12;
constexpr int kBelow = 3;  ///< px under a value that stands below its name
constexpr int kValueFlags = Qt::AlignRight | Qt::AlignTop | Qt::TextWordWrap | Qt::TextWrapAnywhere;

}  // namespace

FactList::FactList(Theme& theme, const QString& name, QWidget* parent) : QWidget(parent), theme_(&theme), name_(name) {
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setAccessibleName(name);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void FactList::set_facts(std::vector<Fact> facts) {
  if (facts == facts_) return;
  facts_ = std::move(facts);
  setAccessibleDescription(as_text());
  updateGeometry();
  update();
}

QString FactList::as_text() const {
  QString text;
  for (const Fact& fact : facts_) text += fact.name + QLatin1Char('\t') + fact.value + QLatin1Char('\n');
  return text;
}

QSize FactList::sizeHint() const { return {120, static_cast<int>(facts_.size()) * kRow}; }

int FactList::heightForWidth(int width) const {
  int height = 0;
  for (const Fact& fact : facts_) height += shape(fact, width).height;
  return height;
}

FactList::Shape FactList::shape(const Fact& fact, int width) const {
  const QFontMetrics words(theme_->font(font::kLabel)), numbers(theme_->font(font::kNumber));
  const int inside = width - 2 * kSide, value = numbers.horizontalAdvance(fact.value) + 2;  // advances are rounded
  // A long name beside a short value, such as an event and its time, loses its middle instead.
  if (value <= inside / 2 || words.horizontalAdvance(fact.name) + 2 + kGap + value <= inside) return {kRow, false, fact.value};
  const QString shown = numbers.elidedText(fact.value, Qt::ElideMiddle, 2 * inside - kGap);
  return {kRow + numbers.boundingRect(QRect(0, 0, inside, QWIDGETSIZE_MAX), kValueFlags, shown).height() + kBelow, true, shown};
}

bool FactList::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto* help = static_cast<QHelpEvent*>(event);
  int bottom = 0;
  for (const Fact& fact : facts_) {
    bottom += shape(fact, width()).height;
    if (help->pos().y() >= bottom) continue;
    QToolTip::showText(help->globalPos(), fact.name + QStringLiteral(": ") + fact.value + (fact.tip.isEmpty() ? QString() : QLatin1Char('\n') + fact.tip), this);
    break;
  }
  return true;
}

void FactList::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  const QFont words = theme_->font(font::kLabel), numbers = theme_->font(font::kNumber);
  int top = 0;
  for (const Fact& fact : facts_) {
    const Shape shape = this->shape(fact, width());
    const QRect all(0, top, width(), shape.height), inside = QRect(0, top, width(), kRow).adjusted(kSide, 0, -kSide, 0);
    top += shape.height;
    if (fact.marked) painter.fillRect(all.adjusted(0, 1, 0, -1), Theme::colour(t.warningSoft));
    painter.setFont(words);
    painter.setPen(Theme::colour(fact.marked ? t.text : t.text2));
    const int value_width = shape.below ? 0 : QFontMetrics(numbers).horizontalAdvance(fact.value) + 2 + kGap;
    painter.drawText(inside, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(fact.name, Qt::ElideMiddle, inside.width() - value_width));
    painter.setFont(numbers);
    painter.setPen(Theme::colour(fact.marked ? t.warning : t.text));
    if (shape.below) painter.drawText(QRect(inside.left(), inside.bottom() + 1, inside.width(), shape.height - kRow), kValueFlags, shape.value);
    else painter.drawText(inside, Qt::AlignRight | Qt::AlignVCenter, fact.value);
  }
}

}  // namespace mimir
