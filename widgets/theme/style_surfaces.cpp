// Menus, item views, scroll bars and panels of Style, and what a widget is given once.

#include <QAbstractItemView>
#include <QHeaderView>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QStyleOption>
#include <array>

#include "widgets/theme/icon.h"
#include "widgets/theme/palette.h"
#include "widgets/theme/style.h"
#include "widgets/theme/theme.h"

namespace mimir {
namespace {

constexpr int kMenuInset = 8;    ///< left and right of an item's contents
constexpr int kMenuColumn = 24;  ///< of icons and check marks
constexpr int kMenuIcon = 16;
constexpr qreal kItemRadius = 4;

}  // namespace

bool Style::in_combo_popup(const QWidget* widget) {
  return widget && widget->parentWidget() && widget->parentWidget()->inherits("QComboBoxPrivateContainer");
}

void Style::draw_panel(const QRectF& rect, std::uint32_t fill, std::uint32_t line, qreal radius, QPainter& painter) const {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, radius > 0);
  painter.setPen(Theme::colour(line));
  painter.setBrush(Theme::colour(fill));
  painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
  painter.restore();
}

void Style::draw_menu_bar_item(const QStyleOptionMenuItem& option, QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  const bool active = option.state & State_Selected;
  painter.save();
  if (active) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::colour(t.hover));
    painter.drawRoundedRect(option.rect, size::kControlRadius, size::kControlRadius);
  }
  painter.setPen(Theme::colour(!(option.state & State_Enabled) ? t.disabled : active ? t.text : t.text2));
  painter.drawText(option.rect, Qt::AlignCenter | Qt::TextHideMnemonic, option.text);
  painter.restore();
}

void Style::draw_menu_item(const QStyleOptionMenuItem& option, QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  painter.save();
  if (option.menuItemType == QStyleOptionMenuItem::Separator) {
    painter.fillRect(QRect(option.rect.left() + kMenuInset, option.rect.center().y(), option.rect.width() - 2 * kMenuInset, 1), Theme::colour(t.border));
    painter.restore();
    return;
  }
  const bool enabled = option.state & State_Enabled, active = enabled && option.state & State_Selected;
  painter.setRenderHint(QPainter::Antialiasing);
  if (active) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::colour(t.selection));
    painter.drawRoundedRect(option.rect, kItemRadius, kItemRadius);
  }
  const QColor colour = Theme::colour(enabled ? t.text : t.disabled);
  QRect inside = option.rect.adjusted(kMenuInset, 0, -kMenuInset, 0);
  const QRect mark(inside.left(), inside.center().y() - kMenuIcon / 2 + 1, kMenuIcon, kMenuIcon);
  if (option.checkType != QStyleOptionMenuItem::NotCheckable) {
    if (option.checked) paint_icon(painter, visualRect(option.direction, option.rect, mark), QLatin1String("check"), colour);
  } else if (!option.icon.isNull()) {
    option.icon.paint(&painter, visualRect(option.direction, option.rect, mark), Qt::AlignCenter, !enabled ? QIcon::Disabled : active ? QIcon::Active : QIcon::Normal);
  }
  if (option.menuHasCheckableItems || option.maxIconWidth > 0) inside.setLeft(inside.left() + kMenuColumn);
  const qsizetype tab = option.text.indexOf(QLatin1Char('\t'));
  painter.setFont(option.font);
  painter.setPen(colour);
  const int flags = Qt::AlignVCenter | Qt::TextSingleLine | Qt::TextHideMnemonic;
  const QRect words = visualRect(option.direction, option.rect, inside);
  painter.drawText(words, flags | static_cast<int>(visualAlignment(option.direction, Qt::AlignLeft)), option.text.left(tab));
  if (tab >= 0) {
    painter.setPen(Theme::colour(enabled ? (active ? t.text2 : t.text3) : t.disabled));
    painter.drawText(words, flags | static_cast<int>(visualAlignment(option.direction, Qt::AlignRight)), option.text.mid(tab + 1));
  }
  if (option.menuItemType == QStyleOptionMenuItem::SubMenu) {
    const QRect arrow(inside.right() - kMenuIcon + 1, inside.center().y() - kMenuIcon / 2 + 1, kMenuIcon, kMenuIcon);
    paint_icon(painter, visualRect(option.direction, option.rect, arrow), QLatin1String("chevron-right"), Theme::colour(enabled ? t.text2 : t.disabled));
  }
  painter.restore();
}

void Style::draw_header(const QStyleOption& option, QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  painter.fillRect(option.rect, Theme::colour(t.surface));
  painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), Theme::colour(t.border));
}

void Style::draw_header_label(const QStyleOptionHeader& option, QPainter& painter, const QWidget* widget) const {
  QStyleOptionHeader label(option);
  const Tokens& t = theme_->tokens();
  label.palette.setColor(QPalette::ButtonText, Theme::colour(option.state & State_MouseOver ? t.text : t.text3));
  QProxyStyle::drawControl(CE_HeaderLabel, &label, &painter, widget);
}

void Style::draw_item_ground(const QStyleOptionViewItem& option, QPainter& painter, const QWidget* widget) const {
  const Tokens& t = theme_->tokens();
  if (option.backgroundBrush.style() != Qt::NoBrush) painter.fillRect(option.rect, option.backgroundBrush);
  const bool selected = option.state & State_Selected, hover = option.state & State_Enabled && option.state & State_MouseOver;
  if (!selected && !hover) return;
  const QColor fill = Theme::colour(selected ? t.selection : t.hover);
  if (!in_combo_popup(widget)) return painter.fillRect(option.rect, fill);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(fill);
  painter.drawRoundedRect(option.rect, kItemRadius, kItemRadius);
  painter.restore();
}

void Style::draw_scroll_bar(const QStyleOptionSlider& option, QPainter& painter) const {
  if (option.maximum <= option.minimum) return;
  const Tokens& t = theme_->tokens();
  const bool held = option.state & State_Enabled && option.activeSubControls & SC_ScrollBarSlider && option.state & (State_MouseOver | State_Sunken);
  const QRectF handle = QRectF(proxy()->subControlRect(CC_ScrollBar, &option, SC_ScrollBarSlider, nullptr)).adjusted(2, 2, -2, -2);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(held ? t.borderStrong : t.track));
  painter.drawRoundedRect(handle, 3, 3);
  painter.restore();
}

void Style::polish_label(QWidget& label) const {
  struct Role {
    const char* name;
    FontRole font;
    QPalette::ColorRole colour;
  };
  static constexpr std::array kRoles{
      Role{"place", font::kPlace, QPalette::WindowText},       Role{"name", font::kName, QPalette::WindowText},
      Role{"heading", font::kHeading, QPalette::WindowText},   Role{"secondary", font::kBody, kSecondaryText},
      Role{"label", font::kLabel, kSecondaryText},             Role{"caption", font::kCaption, kCaptionText},
      Role{"number", font::kNumber, QPalette::WindowText},     Role{"figure", font::kFigure, QPalette::WindowText},
      Role{"caption-number", font::kCaptionNumber, kCaptionText},
  };
  const QString name = label.property("role").toString();
  for (const Role& role : kRoles) {
    if (name != QLatin1String(role.name)) continue;
    label.setFont(theme_->font(role.font));
    label.setForegroundRole(role.colour);
  }
}

void Style::polish_view(QWidget& widget) const {
  if (auto* header = qobject_cast<QHeaderView*>(&widget)) {
    header->setFont(theme_->font(font::kSegment));
    header->viewport()->setAttribute(Qt::WA_Hover);
  } else if (auto* view = qobject_cast<QAbstractItemView*>(&widget)) {
    if (!in_combo_popup(view)) view->setFrameShape(QFrame::NoFrame);
    view->viewport()->setBackgroundRole(in_combo_popup(view) ? QPalette::Button : QPalette::AlternateBase);
    view->viewport()->setAttribute(Qt::WA_Hover);
  } else if (auto* text = qobject_cast<QPlainTextEdit*>(&widget)) {
    text->viewport()->setAutoFillBackground(false);  // the frame's ground, with its round corners, goes under it
    if (text->property("mono").toBool()) text->setFont(theme_->font(font::kCaptionNumber));
  } else if (auto* area = qobject_cast<QScrollArea*>(&widget)) {
    area->setFrameShape(QFrame::NoFrame);
    area->viewport()->setAutoFillBackground(false);
  }
}

}  // namespace mimir
