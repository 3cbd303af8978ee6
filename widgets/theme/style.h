#pragma once

#include <QProxyStyle>

class QStyleOptionProgressBar;
class QStyleOptionSlider;

namespace mimir {

class Theme;

/// Fusion, with what a style sheet cannot draw: combo and spin boxes, indicators, sliders, progress, and behaviour
/// (a click on a slider jumps; tooltips after 500 ms; no focus rectangle in item views).
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
  void draw_indicator(bool round, const QStyleOption& option, QPainter& painter) const;
  void draw_field(const QStyleOption& option, const QRectF& rect, QPainter& painter, const QWidget* widget) const;
  void draw_progress(const QStyleOptionProgressBar& bar, QPainter& painter) const;
  void draw_slider(const QStyleOptionSlider& option, QPainter& painter) const;

  const Theme* theme_;
};

}  // namespace mimir
