#include "widgets/theme/style.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QPainter>
#include <QSlider>
#include <QStyleFactory>
#include <QStyleOption>

#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"

namespace mimir {
namespace {

constexpr int kIndicator = 16;
constexpr int kHandle = 16;
constexpr int kGroove = 4;
constexpr int kProgress = 6;
constexpr int kArrow = 14;
constexpr int kArrowColumn = 24;
constexpr int kSpinColumn = 20;
constexpr int kTooltipDelayMs = 500;
constexpr qreal kRingWidth = 2;

}  // namespace

Style::Style(const Theme& theme) : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))), theme_(&theme) {}

void Style::draw_indicator(bool round, const QStyleOption& option, QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  const bool enabled = option.state & State_Enabled;
  const bool on = option.state & (State_On | State_NoChange);
  QRectF box(0, 0, kIndicator - 1, kIndicator - 1);
  box.moveCenter(QRectF(option.rect).center());
  box.moveTopLeft(QPointF(std::floor(box.left()) + 0.5, std::floor(box.top()) + 0.5));
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const std::uint32_t fill = !enabled ? (on ? t.track : t.surface) : on ? t.accentFill : option.state & State_MouseOver ? t.hover : t.field;
  painter.setBrush(Theme::colour(fill));
  painter.setPen(Theme::colour(!enabled ? t.control : on ? t.accentFill : t.borderStrong));
  const qreal radius = round ? box.width() / 2 : 4;
  painter.drawRoundedRect(box, radius, radius);
  const QColor mark = Theme::colour(enabled ? t.onAccent : t.disabled);
  if (on && round) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(mark);
    painter.drawEllipse(box.center(), 3, 3);
  } else if (option.state & State_NoChange) {
    painter.setPen(QPen(mark, 1.6, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(box.center() - QPointF(3.5, 0), box.center() + QPointF(3.5, 0));
  } else if (on) {
    painter.setPen(QPen(mark, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF c = box.center();
    painter.drawPolyline(QPolygonF{{c + QPointF(-3.5, 0.2), c + QPointF(-1, 2.7), c + QPointF(3.6, -2.6)}});
  }
  painter.restore();
}

void Style::draw_field(const QStyleOption& option, const QRectF& rect, QPainter& painter, const QWidget* widget) const {
  const Tokens& t = theme_->tokens();
  const bool enabled = option.state & State_Enabled;
  const bool error = widget && widget->property("state").toString() == QLatin1String("error");
  const bool focus = option.state & State_HasFocus;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Theme::colour(enabled ? t.field : t.surface));
  const std::uint32_t line = error ? t.danger : !enabled ? t.control : focus ? t.focus : t.fieldLine;
  const qreal width = focus && enabled ? kRingWidth : 1;
  painter.setPen(QPen(Theme::colour(line), width));
  const qreal inset = width / 2;
  painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), size::kControlRadius, size::kControlRadius);
}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const {
  switch (element) {
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck: draw_indicator(false, *option, *painter); return;
    case PE_IndicatorRadioButton: draw_indicator(true, *option, *painter); return;
    case PE_FrameFocusRect: return;  // the row, the border or the ring says it
    default: QProxyStyle::drawPrimitive(element, option, painter, widget);
  }
}

void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const {
  const Tokens& t = theme_->tokens();
  if (element == CE_FocusFrame) {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(Theme::colour(t.focus), kRingWidth));
    painter->drawRoundedRect(QRectF(option->rect).adjusted(1, 1, -1, -1), size::kControlRadius + 2, size::kControlRadius + 2);
    painter->restore();
    return;
  }
  if (element == CE_ProgressBarContents) {
    if (const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(option)) draw_progress(*bar, *painter);
    return;
  }
  if (element == CE_ProgressBarGroove || element == CE_ProgressBarLabel) return;  // the number stands beside the bar
  QProxyStyle::drawControl(element, option, painter, widget);
}

void Style::draw_progress(const QStyleOptionProgressBar& bar, QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  QRectF ground(bar.rect);
  ground.setHeight(std::min<qreal>(ground.height(), kProgress));
  ground.moveCenter(QRectF(bar.rect).center());
  const qreal radius = ground.height() / 2;
  painter.setBrush(Theme::colour(t.track));
  painter.drawRoundedRect(ground, radius, radius);
  const int span = bar.maximum - bar.minimum;
  // Without an end that is known, the ground alone: the words beside it say what is going on.
  const qreal share = span > 0 ? qBound(0.0, (bar.progress - bar.minimum) / static_cast<qreal>(span), 1.0) : 0;
  if (share > 0) {
    painter.setBrush(Theme::colour(bar.state & State_Enabled ? t.accent : t.disabled));
    painter.drawRoundedRect(QRectF(ground.topLeft(), QSizeF(std::max(ground.height(), ground.width() * share), ground.height())), radius, radius);
  }
  painter.restore();
}

void Style::draw_slider(const QStyleOptionSlider& option, QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  const bool enabled = option.state & State_Enabled;
  const bool across = option.orientation == Qt::Horizontal;
  const QRectF handle = proxy()->subControlRect(CC_Slider, &option, SC_SliderHandle, nullptr);
  QRectF groove(option.rect);
  if (across) groove = QRectF(groove.left(), groove.center().y() - kGroove / 2.0, groove.width(), kGroove);
  else groove = QRectF(groove.center().x() - kGroove / 2.0, groove.top(), kGroove, groove.height());
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.track));
  painter.drawRoundedRect(groove, kGroove / 2.0, kGroove / 2.0);
  QRectF filled = groove;
  if (across) option.upsideDown ? filled.setLeft(handle.center().x()) : filled.setRight(handle.center().x());
  else option.upsideDown ? filled.setTop(handle.center().y()) : filled.setBottom(handle.center().y());
  painter.setBrush(Theme::colour(enabled ? t.accent : t.disabled));
  painter.drawRoundedRect(filled, kGroove / 2.0, kGroove / 2.0);
  painter.setPen(Theme::colour(enabled ? t.borderStrong : t.control));
  painter.setBrush(Theme::colour(!enabled ? t.surface : theme_->dark() ? t.text : t.raised));
  painter.drawEllipse(handle.center(), kHandle / 2.0 - 1, kHandle / 2.0 - 1);
  painter.restore();
}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const {
  const Tokens& t = theme_->tokens();
  const bool enabled = option->state & State_Enabled;
  const QColor arrow = Theme::colour(enabled ? t.text2 : t.disabled);
  if (control == CC_Slider) {
    if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option)) draw_slider(*slider, *painter);
    return;
  }
  if (control == CC_ComboBox) {
    painter->save();
    draw_field(*option, option->rect, *painter, widget);
    const QRectF column = proxy()->subControlRect(CC_ComboBox, option, SC_ComboBoxArrow, widget);
    QRectF mark(0, 0, kArrow, kArrow);
    mark.moveCenter(column.center());
    paint_icon(*painter, mark, QLatin1String("chevron-down"), arrow);
    painter->restore();
    return;
  }
  if (control == CC_SpinBox) {
    const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
    if (!spin) return;
    painter->save();
    draw_field(*option, option->rect, *painter, widget);
    if (spin->buttonSymbols != QAbstractSpinBox::NoButtons) {
      for (const auto& [part, flag, name] : {std::tuple{SC_SpinBoxUp, QAbstractSpinBox::StepUpEnabled, "chevron-up"},
                                             std::tuple{SC_SpinBoxDown, QAbstractSpinBox::StepDownEnabled, "chevron-down"}}) {
        QRectF mark(0, 0, kArrow - 4, kArrow - 4);
        mark.moveCenter(QRectF(proxy()->subControlRect(CC_SpinBox, option, part, widget)).center());
        const bool works = enabled && (spin->stepEnabled & flag);
        paint_icon(*painter, mark, QLatin1String(name), works ? arrow : Theme::colour(t.disabled));
      }
    }
    painter->restore();
    return;
  }
  QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect Style::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const {
  const QRect all = option->rect;
  if (control == CC_ComboBox) {
    if (part == SC_ComboBoxArrow) return visualRect(option->direction, all, QRect(all.right() - kArrowColumn, all.top(), kArrowColumn, all.height()));
    if (part == SC_ComboBoxEditField) return visualRect(option->direction, all, all.adjusted(8, 2, -kArrowColumn, -2));
  }
  if (control == CC_SpinBox) {
    const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
    const int column = spin && spin->buttonSymbols == QAbstractSpinBox::NoButtons ? 0 : kSpinColumn;
    const QRect buttons(all.right() - column, all.top() + 2, column, all.height() - 4);
    switch (part) {
      case SC_SpinBoxUp: return visualRect(option->direction, all, QRect(buttons.left(), buttons.top(), column, buttons.height() / 2));
      case SC_SpinBoxDown: return visualRect(option->direction, all, QRect(buttons.left(), buttons.center().y() + 1, column, buttons.height() / 2));
      case SC_SpinBoxEditField: return visualRect(option->direction, all, all.adjusted(8, 2, -column - 2, -2));
      default: break;
    }
  }
  if (control == CC_Slider && part == SC_SliderHandle) {
    if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option)) {
      const bool across = slider->orientation == Qt::Horizontal;
      const int room = (across ? all.width() : all.height()) - kHandle;
      const int at = sliderPositionFromValue(slider->minimum, slider->maximum, slider->sliderPosition, room, slider->upsideDown);
      return across ? QRect(all.left() + at, all.center().y() - kHandle / 2 + 1, kHandle, kHandle)
                    : QRect(all.center().x() - kHandle / 2 + 1, all.top() + at, kHandle, kHandle);
    }
  }
  return QProxyStyle::subControlRect(control, option, part, widget);
}

QRect Style::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const {
  if (element == SE_ProgressBarGroove || element == SE_ProgressBarContents) return option->rect;
  return QProxyStyle::subElementRect(element, option, widget);
}

QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const {
  QSize found = QProxyStyle::sizeFromContents(type, option, contents, widget);
  if (type == CT_ComboBox) found = QSize(contents.width() + 8 + kArrowColumn + 4, size::kField);
  if (type == CT_SpinBox) found.setHeight(size::kField);
  if (type == CT_ProgressBar) found.setHeight(kProgress);
  if (type == CT_Slider) {
    const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (slider && slider->orientation == Qt::Horizontal) found.setHeight(22);
    else found.setWidth(22);
  }
  return found;
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight: return kIndicator;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing: return size::kGap;
    case PM_SliderLength:
    case PM_SliderControlThickness: return kHandle;
    case PM_SliderThickness: return 22;
    case PM_FocusFrameHMargin:
    case PM_FocusFrameVMargin: return 3;
    case PM_ButtonIconSize: return 15;
    case PM_SmallIconSize:
    case PM_ToolBarIconSize: return 16;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing: return size::kGap;
    case PM_ScrollBarExtent: return 10;
    default: return QProxyStyle::pixelMetric(metric, option, widget);
  }
}

int Style::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const {
  switch (hint) {
    case SH_Slider_AbsoluteSetButtons: return Qt::LeftButton;
    case SH_Slider_PageSetButtons: return Qt::MiddleButton;
    case SH_ToolTip_WakeUpDelay: return kTooltipDelayMs;
    case SH_ComboBox_Popup: return 0;
    case SH_DialogButtonBox_ButtonsHaveIcons: return 0;
    case SH_ItemView_ShowDecorationSelected: return 1;
    case SH_EtchDisabledText:
    case SH_DitherDisabledText: return 0;
    case SH_Menu_Scrollable: return 1;
    case SH_UnderlineShortcut: return 0;
    default: return QProxyStyle::styleHint(hint, option, widget, data);
  }
}

void Style::polish(QWidget* widget) {
  QProxyStyle::polish(widget);
  if (qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QSlider*>(widget)) widget->setAttribute(Qt::WA_Hover);
}

}  // namespace mimir
