#include "widgets/frame/menu_row.h"

#include <QAction>
#include <QHBoxLayout>
#include <QMenuBar>
#include <QPainter>
#include <QToolButton>

#include "widgets/frame/messages.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kSearchWidth = 380;
constexpr int kSearchLeast = 160;

}  // namespace

SearchButton::SearchButton(Theme& theme, QWidget* parent) : QAbstractButton(parent), theme_(&theme) {
  setText(tr("Find a run, place or command"));
  setAccessibleName(text());
  setToolTip(tr("Find a run, place or command (Ctrl+K)"));
  setFocusPolicy(Qt::TabFocus);
  setAttribute(Qt::WA_Hover);
}

void SearchButton::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Theme::colour(underMouse() ? t.fieldLine : t.control));
  painter.setBrush(Theme::colour(t.field));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kControlRadius, size::kControlRadius);
  paint_icon(painter, QRectF(10, height() / 2.0 - 7, 14, 14), QLatin1String("search"), Theme::colour(t.text3));
  painter.setFont(theme_->font(font::kCaptionNumber));
  const QString keys = QStringLiteral("Ctrl K");
  const qreal wide = painter.fontMetrics().horizontalAdvance(keys) + 10;
  const QRectF cap(width() - wide - 6, height() / 2.0 - 8, wide, 17);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.hover));
  painter.drawRoundedRect(cap, 4, 4);
  painter.setPen(Theme::colour(t.text2));
  painter.drawText(cap, Qt::AlignCenter, keys);
  painter.setFont(theme_->font(font::kLabel));
  painter.setPen(Theme::colour(t.text3));
  const QRectF words(32, 0, cap.left() - 40, height());
  painter.drawText(words, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(text(), Qt::ElideRight, static_cast<int>(words.width())));
}

MenuRow::MenuRow(Theme& theme, QAction* palette, QAction* switch_theme, MessageModel& messages, QWidget* parent)
    : QWidget(parent), menus_(new QMenuBar(this)), search_(new SearchButton(theme, this)), right_(new QWidget(this)), bell_(new Bell(theme, messages, right_)) {
  setFixedHeight(size::kMenuRow);
  menus_->setNativeMenuBar(false);
  menus_->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
  auto* switcher = new QToolButton(right_);
  switcher->setDefaultAction(switch_theme);
  switcher->setToolButtonStyle(Qt::ToolButtonIconOnly);
  switcher->setFocusPolicy(Qt::TabFocus);
  const auto dress = [this, &theme, switcher] {
    switcher->setIcon(icon(theme, theme.dark() ? QLatin1String("sun") : QLatin1String("moon")));
    switcher->setToolTip(theme.dark() ? tr("Switch to light (Ctrl+Shift+L)") : tr("Switch to dark (Ctrl+Shift+L)"));
    switcher->setAccessibleName(theme.dark() ? tr("Switch to light") : tr("Switch to dark"));
    update();
  };
  connect(&theme, &Theme::changed, this, dress);
  dress();
  auto* end = new QHBoxLayout(right_);
  end->setContentsMargins(0, 0, 12, 0);
  end->setSpacing(4);
  end->addWidget(bell_);
  end->addWidget(switcher);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(menus_);
  row->addStretch(1);
  row->addWidget(right_);
  connect(search_, &QAbstractButton::clicked, palette, &QAction::trigger);
}

void MenuRow::place_search() {
  const int left = menus_->geometry().right() + 16;
  const int right = right_->geometry().left() - 16;
  const int wide = std::clamp(right - left, kSearchLeast, kSearchWidth);
  // In the middle of the window where there is room, else between the menus and the end.
  const int at = std::clamp((width() - wide) / 2, left, std::max(left, right - wide));
  search_->setGeometry(at, (height() - size::kField) / 2, wide, size::kField);
}

void MenuRow::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  layout()->activate();
  place_search();
}

}  // namespace mimir
