#pragma once

#include <QProxyStyle>
#include <cstdint>

class QStyleOptionButton;
class QStyleOptionHeader;
class QStyleOptionMenuItem;
class QStyleOptionProgressBar;
class QStyleOptionSlider;
class QStyleOptionSpinBox;
class QStyleOptionToolButton;
class QStyleOptionViewItem;

namespace mimir {

class Theme;

/// Fusion with every control drawn from the tokens. There is no style sheet: a switch of the theme then is a new palette
/// and one repaint, where a sheet would be matched anew against each of a thousand widgets.
/// What a control is, it says by properties, set before it is shown:
/// - QLabel "role": place, name, heading, secondary, label, caption, number, figure, caption-number
/// - QPushButton "kind": primary, danger, destructive, flat; "compact"; "seg" for one of a SegmentedControl
/// - QToolButton "compact"
/// - QLineEdit "state": error; "mono"; "bare": no frame. QPlainTextEdit "mono"
/// - content of a QScrollArea "ground": none, to let the ground behind it through
/// It also sets behaviour: a click on a slider jumps; tooltips after 500 ms; no focus rectangle in item views.
class Style : public QProxyStyle {
  Q_OBJECT

 public:
  explicit Style(const Theme& theme);

  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
  void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
  void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const override;
  QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const override;
  QRect subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const override;
  QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const override;
  int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
  int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const override;
  void polish(QWidget* widget) override;
  using QProxyStyle::polish;

 private:
  // style_buttons.cpp
  void draw_push_button(const QStyleOptionButton& option, QPainter& painter, const QWidget* widget) const;
  void draw_push_button_label(const QStyleOptionButton& option, QPainter& painter, const QWidget* widget) const;
  void draw_tool_button(const QStyleOptionToolButton& option, QPainter& painter, const QWidget* widget) const;
  // style_fields.cpp
  void draw_indicator(bool round, const QStyleOption& option, QPainter& painter) const;
  void draw_field(const QStyleOption& option, const QRectF& rect, QPainter& painter, const QWidget* widget) const;
  void draw_combo_box(const QStyleOptionComplex& option, QPainter& painter, const QWidget* widget) const;
  void draw_spin_box(const QStyleOptionSpinBox& option, QPainter& painter, const QWidget* widget) const;
  void draw_progress(const QStyleOptionProgressBar& bar, QPainter& painter) const;
  void draw_slider(const QStyleOptionSlider& option, QPainter& painter) const;
  // style_surfaces.cpp
  void draw_menu_bar_item(const QStyleOptionMenuItem& option, QPainter& painter) const;
  void draw_menu_item(const QStyleOptionMenuItem& option, QPainter& painter) const;
  void draw_header(const QStyleOption& option, QPainter& painter) const;
  void draw_header_label(const QStyleOptionHeader& option, QPainter& painter, const QWidget* widget) const;
  void draw_item_ground(const QStyleOptionViewItem& option, QPainter& painter, const QWidget* widget) const;
  void draw_scroll_bar(const QStyleOptionSlider& option, QPainter& painter) const;
  static bool in_combo_popup(const QWidget* widget);
  void draw_panel(const QRectF& rect, std::uint32_t fill, std::uint32_t line, qreal radius, QPainter& painter) const;
  void polish_label(QWidget& label) const;
  void polish_view(QWidget& view) const;

  const Theme* theme_;
};

}  // namespace mimir
