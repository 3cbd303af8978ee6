// Fields, indicators, sliders and bars of Style.

#include <QAbstractSpinBox>
#include <QPainter>
#include <QStyleOption>

#include "widgets/theme/icon.h"
#include "widgets/theme/style.h"
#include "widgets/theme/theme.h"

namespace mimir {
namespace {

constexpr int kGroove = 4;
constexpr int kArrow = 14;

}  // namespace

void Style::draw_indicator(bool round, const QStyleOption& option, QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  const bool enabled = option.state & State_Enabled;
  const bool on = option.state & (State_On | State_NoChange);
  QRectF box(0, 0, size::kIndicator - 1, size::kIndicator - 1);
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
  const qreal width = focus && enabled ? size::kRing : 1;
  painter.setPen(QPen(Theme::colour(line), width));
  const qreal inset = width / 2;
  painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), size::kControlRadius, size::kControlRadius);
}

void Style::draw_combo_box(const QStyleOptionComplex& option, QPainter& painter, const QWidget* widget) const {
  const Tokens& t = theme_->tokens();
  painter.save();
  draw_field(option, option.rect, painter, widget);
  QRectF mark(0, 0, kArrow, kArrow);
  mark.moveCenter(QRectF(proxy()->subControlRect(CC_ComboBox, &option, SC_ComboBoxArrow, widget)).center());
  paint_icon(painter, mark, QLatin1String("chevron-down"), Theme::colour(option.state & State_Enabled ? t.text2 : t.disabled));
  painter.restore();
}

void Style::draw_spin_box(const QStyleOptionSpinBox& option, QPainter& painter, const QWidget* widget) const {
  const Tokens& t = theme_->tokens();
  painter.save();
  draw_field(option, option.rect, painter, widget);
  if (option.buttonSymbols != QAbstractSpinBox::NoButtons) {
    for (const auto& [part, flag, name] : {std::tuple{SC_SpinBoxUp, QAbstractSpinBox::StepUpEnabled, "chevron-up"},
                                           std::tuple{SC_SpinBoxDown, QAbstractSpinBox::StepDownEnabled, "chevron-down"}}) {
      QRectF mark(0, 0, kArrow - 4, kArrow - 4);
      mark.moveCenter(QRectF(proxy()->subControlRect(CC_SpinBox, &option, part, widget)).center());
      const bool works = option.state & State_Enabled && (option.stepEnabled & flag);
      paint_icon(painter, mark, QLatin1String(name), Theme::colour(works ? t.text2 : t.disabled));
    }
  }
  painter.restore();
}

void Style::draw_progress(const QStyleOptionProgressBar& bar, QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  QRectF ground(bar.rect);
  ground.setHeight(std::min<qreal>(ground.height(), size::kProgress));
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
  painter.drawEllipse(handle.center(), size::kHandle / 2.0 - 1, size::kHandle / 2.0 - 1);
  painter.restore();
}

}  // namespace mimir
