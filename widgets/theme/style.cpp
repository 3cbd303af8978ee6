#include "widgets/theme/style.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSlider>
#include <QStyleFactory>
#include <QStyleOption>
#include <algorithm>

#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"

namespace mimir {
namespace {

constexpr int kArrowColumn = 24;
constexpr int kSpinColumn = 20;
constexpr int kFieldPadding = 8;
constexpr int kSliderHeight = 22;
constexpr int kScrollBar = 10;
constexpr int kShortestHandle = 28;
constexpr int kTooltipDelayMs = 500;

bool is(const QWidget* widget, const char* property) { return widget && widget->property(property).isValid() && widget->property(property).toString() != QLatin1String("false"); }

/// A frame whose ground the style draws, 4 px around what is inside.
bool has_panel(const QWidget* widget) { return qobject_cast<const QPlainTextEdit*>(widget) || (widget && widget->inherits("QComboBoxPrivateContainer")); }

}  // namespace

Style::Style(const Theme& theme) : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))), theme_(&theme) {}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const {
  const Tokens& t = theme_->tokens();
  switch (element) {
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck: draw_indicator(false, *option, *painter); return;
    case PE_IndicatorRadioButton: draw_indicator(true, *option, *painter); return;
    case PE_IndicatorHeaderArrow: {
      const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
      if (!header || header->sortIndicator == QStyleOptionHeader::None) return;
      const bool up = header->sortIndicator == QStyleOptionHeader::SortUp;
      paint_icon(*painter, option->rect, QLatin1String(up ? "chevron-up" : "chevron-down"), Theme::colour(t.text2));
      return;
    }
    case PE_PanelLineEdit: {
      const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
      if (!frame || frame->lineWidth == 0 || is(widget, "bare")) return;
      painter->save();
      draw_field(*option, option->rect, *painter, widget);
      painter->restore();
      return;
    }
    case PE_PanelItemViewItem:
      if (const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(option)) draw_item_ground(*item, *painter, widget);
      return;
    case PE_PanelMenu: draw_panel(option->rect, t.raised, t.border, 0, *painter); return;
    case PE_PanelTipLabel: draw_panel(option->rect, t.raised, t.control, 0, *painter); return;
    case PE_Frame:
      if (!has_panel(widget)) break;
      if (qobject_cast<const QPlainTextEdit*>(widget)) draw_panel(option->rect, t.sunken, option->state & State_HasFocus ? t.focus : t.border, size::kControlRadius, *painter);
      else draw_panel(option->rect, t.raised, t.border, 0, *painter);
      return;
    case PE_FrameMenu:
    case PE_PanelMenuBar:
    case PE_PanelScrollAreaCorner:
    case PE_FrameFocusRect: return;  // the row, the border or the ring says it
    default: break;
  }
  QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const {
  const Tokens& t = theme_->tokens();
  switch (element) {
    case CE_PushButtonBevel:
      if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) draw_push_button(*button, *painter, widget);
      return;
    case CE_PushButtonLabel:
      if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) draw_push_button_label(*button, *painter, widget);
      return;
    case CE_MenuBarItem:
      if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option)) draw_menu_bar_item(*item, *painter);
      return;
    case CE_MenuItem:
      if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option)) draw_menu_item(*item, *painter);
      return;
    case CE_HeaderSection:
    case CE_HeaderEmptyArea: draw_header(*option, *painter); return;
    case CE_HeaderLabel:
      if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option)) draw_header_label(*header, *painter, widget);
      return;
    case CE_FocusFrame:
      painter->save();
      painter->setRenderHint(QPainter::Antialiasing);
      painter->setBrush(Qt::NoBrush);
      painter->setPen(QPen(Theme::colour(t.focus), size::kRing));
      painter->drawRoundedRect(QRectF(option->rect).adjusted(1, 1, -1, -1), size::kControlRadius + 2, size::kControlRadius + 2);
      painter->restore();
      return;
    case CE_ProgressBarContents:
      if (const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(option)) draw_progress(*bar, *painter);
      return;
    case CE_ProgressBarGroove:
    case CE_ProgressBarLabel:  // the number stands beside the bar
    case CE_MenuBarEmptyArea:
    case CE_MenuEmptyArea:
    case CE_Splitter: return;
    default: QProxyStyle::drawControl(element, option, painter, widget);
  }
}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const {
  switch (control) {
    case CC_Slider:
      if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option)) draw_slider(*slider, *painter);
      return;
    case CC_ScrollBar:
      if (const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option)) draw_scroll_bar(*bar, *painter);
      return;
    case CC_ComboBox: draw_combo_box(*option, *painter, widget); return;
    case CC_SpinBox:
      if (const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option)) draw_spin_box(*spin, *painter, widget);
      return;
    case CC_ToolButton:
      if (const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option)) draw_tool_button(*button, *painter, widget);
      return;
    default: QProxyStyle::drawComplexControl(control, option, painter, widget);
  }
}

QRect Style::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const {
  const QRect all = option->rect;
  if (control == CC_ComboBox) {
    if (part == SC_ComboBoxArrow) return visualRect(option->direction, all, QRect(all.right() - kArrowColumn, all.top(), kArrowColumn, all.height()));
    if (part == SC_ComboBoxEditField) return visualRect(option->direction, all, all.adjusted(kFieldPadding, 2, -kArrowColumn, -2));
  }
  if (control == CC_SpinBox) {
    const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
    const int column = spin && spin->buttonSymbols == QAbstractSpinBox::NoButtons ? 0 : kSpinColumn;
    const QRect buttons(all.right() - column, all.top() + 2, column, all.height() - 4);
    switch (part) {
      case SC_SpinBoxUp: return visualRect(option->direction, all, QRect(buttons.left(), buttons.top(), column, buttons.height() / 2));
      case SC_SpinBoxDown: return visualRect(option->direction, all, QRect(buttons.left(), buttons.center().y() + 1, column, buttons.height() / 2));
      case SC_SpinBoxEditField: return visualRect(option->direction, all, all.adjusted(kFieldPadding, 2, -column - 2, -2));
      default: break;
    }
  }
  if (control == CC_Slider && part == SC_SliderHandle) {
    if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option)) {
      const bool across = slider->orientation == Qt::Horizontal;
      const int room = (across ? all.width() : all.height()) - size::kHandle;
      const int at = sliderPositionFromValue(slider->minimum, slider->maximum, slider->sliderPosition, room, slider->upsideDown);
      return across ? QRect(all.left() + at, all.center().y() - size::kHandle / 2 + 1, size::kHandle, size::kHandle)
                    : QRect(all.center().x() - size::kHandle / 2 + 1, all.top() + at, size::kHandle, size::kHandle);
    }
  }
  if (control == CC_ScrollBar) {
    const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (!bar) return all;
    const bool across = bar->orientation == Qt::Horizontal;
    const int length = across ? all.width() : all.height(), range = bar->maximum - bar->minimum;
    const int handle = range <= 0 ? length : std::clamp(static_cast<int>(qint64(length) * bar->pageStep / (qint64(range) + bar->pageStep)), std::min(kShortestHandle, length), length);
    const int at = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - handle, bar->upsideDown);
    const auto piece = [&](int from, int to) {
      const QRect found = across ? QRect(all.left() + from, all.top(), to - from, all.height()) : QRect(all.left(), all.top() + from, all.width(), to - from);
      return visualRect(option->direction, all, found);
    };
    switch (part) {
      case SC_ScrollBarSlider: return piece(at, at + handle);
      case SC_ScrollBarSubPage: return piece(0, at);
      case SC_ScrollBarAddPage: return piece(at + handle, length);
      case SC_ScrollBarGroove: return all;
      default: return {};  // no buttons at its ends
    }
  }
  return QProxyStyle::subControlRect(control, option, part, widget);
}

QRect Style::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const {
  if (element == SE_ProgressBarGroove || element == SE_ProgressBarContents) return option->rect;
  if (element == SE_LineEditContents) {
    const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
    const bool padded = frame && frame->lineWidth > 0 && !is(widget, "bare");
    return padded ? option->rect.adjusted(kFieldPadding - 1, 1, 1 - kFieldPadding, -1) : option->rect;
  }
  return QProxyStyle::subElementRect(element, option, widget);
}

QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const {
  QSize found = QProxyStyle::sizeFromContents(type, option, contents, widget);
  switch (type) {
    case CT_ComboBox: return QSize(contents.width() + kFieldPadding + kArrowColumn + 4, size::kField);
    case CT_SpinBox: found.setHeight(size::kField); break;
    case CT_LineEdit: return QSize(contents.width() + 2 * kFieldPadding, size::kField);
    case CT_ProgressBar: found.setHeight(size::kProgress); break;
    case CT_Slider: {
      const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option);
      if (slider && slider->orientation == Qt::Horizontal) found.setHeight(kSliderHeight);
      else found.setWidth(kSliderHeight);
      break;
    }
    case CT_PushButton: {
      const int height = is(widget, "seg") ? size::kSegment : is(widget, "compact") ? size::kSmallButton : size::kButton;
      const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
      const int more = button && !button->icon.isNull() ? 2 : 0;  // Qt counts 4 px between icon and text, drawn are 6
      return QSize(contents.width() + more + (is(widget, "compact") ? 18 : 26), std::max(height, contents.height()));
    }
    case CT_ToolButton: return (contents + QSize(2, 2)).expandedTo(is(widget, "compact") ? QSize(22, 22) : QSize(size::kField, size::kField));
    case CT_MenuBarItem: return contents + QSize(22, 10);
    case CT_MenuItem: {
      const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option);
      if (!item) break;
      if (item->menuItemType == QStyleOptionMenuItem::Separator) return QSize(contents.width(), 9);
      const bool column = item->menuHasCheckableItems || item->maxIconWidth > 0;
      return QSize(contents.width() + (column ? 24 : 0) + 48, contents.height() + 10);
    }
    case CT_HeaderSection: found.setHeight(std::max(found.height(), size::kTableHeader)); break;
    case CT_ItemViewItem:
      if (in_combo_popup(widget)) found.setHeight(std::max(found.height(), size::kSmallButton));
      break;
    default: break;
  }
  return found;
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight: return size::kIndicator;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing: return size::kGap;
    case PM_SliderLength:
    case PM_SliderControlThickness: return size::kHandle;
    case PM_SliderThickness: return kSliderHeight;
    case PM_FocusFrameHMargin:
    case PM_FocusFrameVMargin: return 3;
    case PM_ButtonIconSize: return 15;
    case PM_SmallIconSize:
    case PM_ToolBarIconSize: return 16;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing: return size::kGap;
    case PM_ScrollBarExtent: return kScrollBar;
    case PM_ScrollBarSliderMin: return kShortestHandle;
    case PM_ButtonMargin:
    case PM_ButtonDefaultIndicator:
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
    case PM_MenuButtonIndicator:
    case PM_MenuBarItemSpacing:
    case PM_MenuBarPanelWidth:
    case PM_MenuBarHMargin:
    case PM_MenuBarVMargin:
    case PM_ScrollView_ScrollBarSpacing: return 0;
    case PM_MenuPanelWidth: return 1;
    case PM_MenuHMargin:
    case PM_MenuVMargin: return 4;
    case PM_ToolTipLabelFrameWidth: return 5;
    case PM_HeaderMargin: return size::kGap;
    case PM_HeaderMarkSize: return 10;
    case PM_DefaultFrameWidth: return has_panel(widget) ? 5 : 1;
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
  if (qobject_cast<QScrollBar*>(widget)) widget->setAttribute(Qt::WA_OpaquePaintEvent, false);
  if (auto* button = qobject_cast<QPushButton*>(widget)) button->setFont(theme_->font(is(button, "seg") ? font::kSegment : font::kButton));
  if (auto* line = qobject_cast<QLineEdit*>(widget); line && is(line, "mono")) line->setFont(theme_->font(font::kNumber));
  if (widget->property("ground").toString() == QLatin1String("none")) widget->setAutoFillBackground(false);
  if (auto* label = qobject_cast<QLabel*>(widget)) polish_label(*label);
  else polish_view(*widget);
}

}  // namespace mimir
