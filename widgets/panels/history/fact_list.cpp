#include "widgets/panels/history/fact_list.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace mimir {
namespace {

constexpr int kRow = 22;
constexpr int kSide = 6;
constexpr int kGap = 12;

}  // namespace

FactList::FactList(Theme& theme, const QString& name, QWidget* parent) : QWidget(parent), theme_(&theme), name_(name) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
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

bool FactList::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto* help = static_cast<QHelpEvent*>(event);
  const auto row = static_cast<std::size_t>(help->pos().y() / kRow);
  if (row < facts_.size()) {
    const Fact& fact = facts_[row];
    QToolTip::showText(help->globalPos(), fact.name + QStringLiteral(": ") + fact.value + (fact.tip.isEmpty() ? QString() : QLatin1Char('\n') + fact.tip), this);
  }
  return true;
}

void FactList::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  for (std::size_t i = 0; i < facts_.size(); ++i) {
    const Fact& fact = facts_[i];
    const QRect row(0, static_cast<int>(i) * kRow, width(), kRow);
    if (fact.marked) painter.fillRect(row.adjusted(0, 1, 0, -1), Theme::colour(t.warningSoft));
    const QRect inside = row.adjusted(kSide, 0, -kSide, 0);
    const QFont words = theme_->font(font::kLabel), numbers = theme_->font(font::kNumber);
    const int wanted = QFontMetrics(numbers).horizontalAdvance(fact.value) + 2;  // advances are rounded
    const int name_width = std::min(QFontMetrics(words).horizontalAdvance(fact.name) + 2, std::max(inside.width() / 2, inside.width() - wanted - kGap));
    painter.setFont(words);
    painter.setPen(Theme::colour(fact.marked ? t.text : t.text2));
    painter.drawText(inside, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(fact.name, Qt::ElideMiddle, name_width));
    painter.setFont(numbers);
    painter.setPen(Theme::colour(fact.marked ? t.warning : t.text));
    const int value_width = inside.width() - name_width - kGap;
    painter.drawText(inside, Qt::AlignRight | Qt::AlignVCenter, painter.fontMetrics().elidedText(fact.value, Qt::ElideMiddle, value_width));
  }
}

}  // namespace mimir
