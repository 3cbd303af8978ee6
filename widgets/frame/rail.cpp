#include "widgets/frame/rail.h"

#include <QButtonGroup>
#include <QCoreApplication>
#include <QPainter>
#include <QVBoxLayout>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kItem = 32;
constexpr int kStep = 36;
constexpr int kIcon = 16;
constexpr FontRole kCountFont{11, 400, true};

/// Where a hairline parts the places: making runs | looking inside | comparing.
int group_of(int position) { return position <= 2 ? 0 : position <= 5 ? 1 : 2; }

}  // namespace

RailItem::RailItem(Theme& theme, const PanelEntry& entry, QWidget* parent)
    : QAbstractButton(parent), theme_(&theme), icon_(QLatin1String(entry.icon)) {
  setText(QCoreApplication::translate("mimir::Panel", entry.title));
  setAccessibleName(text());
  setCheckable(true);
  setFocusPolicy(Qt::TabFocus);
  setFixedHeight(kItem);
  setAttribute(Qt::WA_Hover);
  setToolTip(QCoreApplication::translate("mimir::Rail", "%1 (Ctrl+%2)").arg(text()).arg(entry.position));
}

void RailItem::set_narrow(bool narrow) {
  narrow_ = narrow;
  update();
}

void RailItem::set_count(int count, bool calls) {
  if (count == count_ && calls == calls_) return;
  count_ = count;
  calls_ = calls;
  setAccessibleDescription(count ? QString::number(count) : QString());
  update();
}

QSize RailItem::sizeHint() const { return {narrow_ ? size::kRailNarrow - 12 : size::kRail - 12, kItem}; }

void RailItem::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF all(rect());
  painter.setPen(Qt::NoPen);
  if (isChecked() || underMouse()) {
    painter.setBrush(Theme::colour(isChecked() ? t.accentSoft : t.hover));
    painter.drawRoundedRect(all, size::kControlRadius, size::kControlRadius);
  }
  if (isChecked()) {
    painter.setBrush(Theme::colour(t.accent));
    painter.drawRoundedRect(QRectF(0, 7, 3, height() - 14), 1.5, 1.5);
  }
  const QColor colour = Theme::colour(isChecked() ? t.text : t.text2);
  const qreal left = narrow_ ? (all.width() - kIcon) / 2 : 12;
  paint_icon(painter, QRectF(left, (height() - kIcon) / 2.0, kIcon, kIcon), icon_, isChecked() ? Theme::colour(t.accent) : colour);
  if (narrow_) {
    if (calls_) {
      painter.setBrush(Theme::colour(t.running));
      painter.drawEllipse(QPointF(all.right() - 9, all.top() + 8), 3, 3);
    }
    return;
  }
  QRectF words = all.adjusted(12 + kIcon + 10, 0, -8, 0);
  if (count_ > 0) {
    painter.setFont(theme_->font(kCountFont));
    const QString number = QString::number(count_);
    const qreal width = std::max(18.0, painter.fontMetrics().horizontalAdvance(number) + 12.0);
    const QRectF pill(words.right() - width, all.center().y() - 9, width, 18);
    painter.setBrush(Theme::colour(calls_ ? t.runningSoft : t.neutralSoft));
    painter.drawRoundedRect(pill, 9, 9);
    painter.setPen(Theme::colour(calls_ ? t.running : t.text2));
    painter.drawText(pill, Qt::AlignCenter, number);
    words.setRight(pill.left() - 4);
  }
  painter.setFont(theme_->font(font::kButton));
  painter.setPen(colour);
  painter.drawText(words, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(text(), Qt::ElideMiddle, static_cast<int>(words.width())));
}

Rail::Rail(Theme& theme, const std::vector<PanelEntry>& entries, QWidget* parent)
    : QWidget(parent), theme_(&theme), group_(new QButtonGroup(this)), card_(new RunningCard(theme, this)) {
  setAccessibleName(tr("Places"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 4, 8);
  column->setSpacing(kStep - kItem);
  int group = -1;
  for (const PanelEntry& entry : entries) {
    if (group >= 0 && group != group_of(entry.position)) {
      auto* line = new QWidget(this);  // painted by the rail
      line->setFixedHeight(9);
      lines_.push_back(line);
      column->addWidget(line);
    }
    group = group_of(entry.position);
    auto* item = new RailItem(theme, entry, this);
    const QString id = QLatin1String(entry.id);
    items_[id] = item;
    group_->addButton(item);
    column->addWidget(item);
    connect(item, &QAbstractButton::toggled, this, [this, id](bool on) {
      if (on) Q_EMIT place_chosen(id);
    });
  }
  column->addStretch(1);
  column->addWidget(card_);
  card_->hide();
  connect(card_, &QAbstractButton::clicked, this, &Rail::running_chosen);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
  setFixedWidth(size::kRail);
}

void Rail::set_place(const QString& id) {
  if (const auto found = items_.find(id); found != items_.end()) found->second->setChecked(true);
}

void Rail::set_narrow(bool narrow) {
  if (narrow == narrow_) return;
  narrow_ = narrow;
  setFixedWidth(narrow ? size::kRailNarrow : size::kRail);
  for (const auto& [id, item] : items_) item->set_narrow(narrow);
  card_->set_narrow(narrow);
}

void Rail::set_count(const QString& place, int count, bool calls) {
  if (const auto found = items_.find(place); found != items_.end()) found->second->set_count(count, calls);
}

void Rail::show_running(const RunEntry* run, int colour, int queued) {
  if (run) card_->show_run(*run, colour, queued);
  card_->setVisible(run != nullptr);
}

void Rail::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  for (const QWidget* line : lines_) {
    painter.fillRect(QRect(line->x() + (narrow_ ? 6 : 12), line->geometry().center().y(), line->width() - (narrow_ ? 12 : 20), 1), Theme::colour(theme_->tokens().border));
  }
}

}  // namespace mimir
