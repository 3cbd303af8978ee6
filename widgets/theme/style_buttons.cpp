// Push buttons and tool buttons of Style.

#include <QPainter>
#include <QStyleOption>
#include <QWidget>
#include <algorithm>
#include <optional>

#include "widgets/theme/style.h"
#include "widgets/theme/theme.h"

namespace mimir {
namespace {

constexpr int kIconGap = 6;

/// What a button looks like; no colour is nothing drawn.
struct ButtonLook {
  std::optional<std::uint32_t> ground, edge;
  std::uint32_t text;
};

struct ButtonState {
  bool enabled, hover, pressed, checked;

  explicit ButtonState(const QStyleOption& option)
      : enabled(option.state & QStyle::State_Enabled),
        hover(enabled && option.state & QStyle::State_MouseOver),
        pressed(enabled && option.state & QStyle::State_Sunken),
        checked(enabled && option.state & QStyle::State_On) {}
};

ButtonLook filled(const Tokens& t, const ButtonState& state, std::uint32_t ground, std::uint32_t active) {
  if (!state.enabled) return {t.track, t.track, t.disabled};
  const std::uint32_t now = state.hover || state.pressed ? active : ground;
  return {now, now, t.onAccent};
}

/// A button whose ground shows only while it is pointed at or checked.
ButtonLook flat(const Tokens& t, const ButtonState& state) {
  if (!state.enabled) return {std::nullopt, std::nullopt, t.disabled};
  if (state.checked) return {t.accentSoft, t.accentLine, t.text};
  if (state.pressed) return {t.pressed, std::nullopt, t.text};
  if (state.hover) return {t.hover, std::nullopt, t.text};
  return {std::nullopt, std::nullopt, t.text};
}

ButtonLook raised(const Tokens& t, const ButtonState& state) {
  if (!state.enabled) return {t.surface, t.border, t.disabled};
  if (state.checked) return {t.accentSoft, t.accentLine, t.text};
  return {state.pressed ? t.pressed : state.hover ? t.hover : t.raised, t.control, t.text};
}

ButtonLook look_of(const Theme& theme, const QStyleOption& option, const QWidget* widget) {
  const Tokens& t = theme.tokens();
  const ButtonState state(option);
  const QString kind = widget ? widget->property("kind").toString() : QString();
  if (widget && widget->property("seg").isValid()) {
    if (state.checked) return {theme.dark() ? t.hover : t.raised, t.control, t.text};  // stands out of its sunken ground
    return {std::nullopt, std::nullopt, !state.enabled ? t.disabled : state.hover ? t.text : t.text2};
  }
  if (kind == QLatin1String("primary")) return filled(t, state, t.accentFill, t.accentFillHover);
  if (kind == QLatin1String("destructive")) return filled(t, state, t.dangerFill, t.dangerFill);
  if (kind == QLatin1String("flat")) return flat(t, state);
  ButtonLook look = raised(t, state);
  if (kind == QLatin1String("danger") && state.enabled) {
    look.text = t.danger;
    if (state.hover || state.pressed) look = {t.dangerSoft, t.danger, t.danger};
  }
  return look;
}

void draw_ground(const ButtonLook& look, const QRect& rect, qreal radius, QPainter& painter) {
  if (!look.ground && !look.edge) return;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(look.edge ? QPen(Theme::colour(*look.edge)) : QPen(Qt::NoPen));
  painter.setBrush(look.ground ? QBrush(Theme::colour(*look.ground)) : QBrush(Qt::NoBrush));
  painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
  painter.restore();
}

}  // namespace

void Style::draw_push_button(const QStyleOptionButton& option, QPainter& painter, const QWidget* widget) const {
  const bool segment = widget && widget->property("seg").isValid();
  draw_ground(look_of(*theme_, option, widget), option.rect, segment ? 4 : size::kControlRadius, painter);
}

void Style::draw_push_button_label(const QStyleOptionButton& option, QPainter& painter, const QWidget* widget) const {
  const QColor colour = Theme::colour(look_of(*theme_, option, widget).text);
  const int icon = option.icon.isNull() ? 0 : option.iconSize.width();
  const int gap = icon > 0 && !option.text.isEmpty() ? kIconGap : 0;
  const int words = option.fontMetrics.size(Qt::TextShowMnemonic, option.text).width();
  QRect inside(0, 0, std::min(icon + gap + words, option.rect.width()), option.rect.height());
  inside.moveCenter(option.rect.center());
  if (icon > 0) {
    const QRect mark(inside.left(), inside.center().y() - option.iconSize.height() / 2, icon, option.iconSize.height());
    option.icon.paint(&painter, visualRect(option.direction, option.rect, mark), Qt::AlignCenter, option.state & State_Enabled ? QIcon::Normal : QIcon::Disabled, option.state & State_On ? QIcon::On : QIcon::Off);
  }
  painter.setPen(colour);
  painter.drawText(visualRect(option.direction, option.rect, inside.adjusted(icon + gap, 0, 0, 0)), Qt::AlignVCenter | Qt::TextHideMnemonic, option.text);
}

void Style::draw_tool_button(const QStyleOptionToolButton& option, QPainter& painter, const QWidget* widget) const {
  const ButtonLook look = flat(theme_->tokens(), ButtonState(option));
  draw_ground(look, option.rect, size::kControlRadius, painter);
  if (option.state & State_HasFocus) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Theme::colour(theme_->tokens().focus), size::kRing));
    painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), size::kControlRadius, size::kControlRadius);
    painter.restore();
  }
  QStyleOptionToolButton label(option);
  label.features &= ~QStyleOptionToolButton::HasMenu;  // no mark: the button's icon says it
  label.palette.setColor(QPalette::ButtonText, Theme::colour(look.text));
  proxy()->drawControl(CE_ToolButtonLabel, &label, &painter, widget);
}

}  // namespace mimir
