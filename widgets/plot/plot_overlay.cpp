#include "widgets/plot/plot_overlay.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"
#include "widgets/plot/plot_canvas.h"

namespace mimir {
namespace {

constexpr std::size_t kRowsAtMost = 12;

QString text(const char* source) { return QCoreApplication::translate("mimir::PlotOverlay", source); }

bool smoothed(const PlotData& data, const PlotCurve& curve) { return curve.series.smoothing() > 0 && !data.per_epoch; }

/// What the line shows there; the raw value where it shows none.
double shown_value(const PlotData& data, const CursorValue& value) {
  const RunSeries& series = value.curve->series;
  const double raw = series.value(value.index);
  return smoothed(data, *value.curve) && std::isfinite(raw) ? series.smoothed(value.index) : raw;
}

}  // namespace

std::vector<CursorValue> values_at(const PlotData& data, double x) {
  std::vector<CursorValue> values;
  for (const PlotCurve* curve : data.visible_curves()) {
    if (const auto index = curve->series.nearest(x, data.options.x)) values.push_back({curve, *index});
  }
  std::stable_sort(values.begin(), values.end(), [&](const CursorValue& a, const CursorValue& b) {
    const double left = shown_value(data, a), right = shown_value(data, b);
    if (std::isnan(left) || std::isnan(right)) return std::isnan(left) && !std::isnan(right);
    return left > right;
  });
  return values;
}

QString cursor_value_text(const PlotData& data, const CursorValue& value) {
  const QString shown = number_text(shown_value(data, value));
  if (!smoothed(data, *value.curve)) return shown;
  return text("%1 (raw %2)").arg(shown, number_text(value.curve->series.value(value.index)));
}

PlotOverlay::PlotOverlay(PlotCanvas& canvas) : QCPLayerable(&canvas, QStringLiteral("overlay")), canvas_(&canvas) {}

void PlotOverlay::applyDefaultAntialiasingHint(QCPPainter* painter) const { painter->setAntialiasing(true); }

void PlotOverlay::draw(QCPPainter* painter) {
  const Tokens& t = canvas_->style().tokens();
  const QList<double>& pins = canvas_->pins();
  const PlotData& data = canvas_->data();
  for (const double pin : pins) {
    draw_line(painter, pin, true);
    draw_dots(painter, pin);
  }
  const bool reading = canvas_->pointer_here() || canvas_->hasFocus();
  if (pins.size() == 2) {
    if (reading) {
      const double delta = pins[1] - pins[0];
      const bool time = data.options.x == XKind::since_start || data.options.x == XKind::wall_clock;
      draw_popover(painter, pins[1], QStringLiteral("Δ ") + (time ? (delta < 0 ? QStringLiteral("\u2212") : QString()) + duration_text(std::abs(delta)) : x_text(delta, data.options.x)), rows_between(pins[0], pins[1]));
    }
  } else if (pins.size() == 1) {
    if (reading) draw_popover(painter, pins[0], {}, rows_at(pins[0]));
  } else if (canvas_->cursor()) {
    draw_line(painter, *canvas_->cursor(), true);
    draw_dots(painter, *canvas_->cursor());
    if (reading) draw_popover(painter, *canvas_->cursor(), {}, rows_at(*canvas_->cursor()));
  }
  if (canvas_->zoom_box()) {
    QColor fill = Theme::colour(t.accent);
    fill.setAlphaF(0.14F);
    painter->setPen(QPen(Theme::colour(t.accent), 1));
    painter->setBrush(fill);
    painter->drawRect(QRectF(*canvas_->zoom_box()).adjusted(0.5, 0.5, -0.5, -0.5));
    painter->setBrush(Qt::NoBrush);
  }
}

void PlotOverlay::draw_line(QCPPainter* painter, double x, bool tag) {
  const PlotStyle& style = canvas_->style();
  const QRect axes = canvas_->axes();
  const double pixel = std::floor(canvas_->xAxis->coordToPixel(x)) + 0.5;
  if (pixel < axes.left() || pixel > axes.right() + 1) return;
  painter->setPen(QPen(Theme::colour(style.tokens().crosshair), 1));
  painter->drawLine(QLineF(pixel, axes.top(), pixel, axes.bottom()));
  if (!tag) return;
  painter->setFont(style.font(font::kTick));
  const QString word = x_text(x, canvas_->data().options.x);
  const QFontMetricsF metrics(painter->font());
  const double width = metrics.horizontalAdvance(word) + 12;
  const double left = std::clamp(pixel - width / 2, 0.0, canvas_->viewport().width() - width);
  const QRectF box(std::round(left), axes.bottom() + 3, std::ceil(width), metrics.height() + 4);
  painter->setPen(Qt::NoPen);
  painter->setBrush(Theme::colour(style.tokens().crosshair));
  painter->drawRoundedRect(box, 3, 3);
  painter->setBrush(Qt::NoBrush);
  painter->setPen(Theme::colour(style.tokens().surface));
  painter->drawText(box, Qt::AlignCenter, word);
}

void PlotOverlay::draw_dots(QCPPainter* painter, double x) {
  const PlotStyle& style = canvas_->style();
  const PlotData& data = canvas_->data();
  const QRectF axes = canvas_->axes();
  for (const CursorValue& value : values_at(data, x)) {
    const double shown = shown_value(data, value);
    if (!std::isfinite(shown) || (canvas_->log_y() && shown <= 0)) continue;
    const QPointF centre(canvas_->xAxis->coordToPixel(value.curve->series.x(value.index, data.options.x)), canvas_->yAxis->coordToPixel(shown));
    if (!axes.adjusted(-1, -1, 1, 1).contains(centre)) continue;
    painter->setPen(QPen(Theme::colour(style.tokens().surface), 1.5));
    painter->setBrush(style.pen(data, *value.curve).color());
    painter->drawEllipse(centre, 4.0, 4.0);
  }
  painter->setBrush(Qt::NoBrush);
}

std::vector<PlotOverlay::Row> PlotOverlay::rows_at(double x) const {
  const PlotData& data = canvas_->data();
  std::vector<Row> rows;
  for (const CursorValue& value : values_at(data, x)) {
    Row row{canvas_->style().pen(data, *value.curve), data.curve_name(*value.curve), number_text(shown_value(data, value)), {}};
    if (smoothed(data, *value.curve)) row.extra = text("raw %1").arg(number_text(value.curve->series.value(value.index)));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<PlotOverlay::Row> PlotOverlay::rows_between(double from, double to) const {
  const PlotData& data = canvas_->data();
  std::vector<Row> rows;
  const auto before = values_at(data, from);
  for (const CursorValue& after : values_at(data, to)) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const CursorValue& v) { return v.curve == after.curve; });
    if (same == before.end()) continue;
    const double first = shown_value(data, *same), second = shown_value(data, after);
    Row row{canvas_->style().pen(data, *after.curve), data.curve_name(*after.curve), number_text(second - first), {}};
    if (first != 0 && std::isfinite(second / first)) row.extra = QChar(0xD7) + number_text(second / first, 3);
    rows.push_back(std::move(row));
  }
  return rows;
}

void PlotOverlay::draw_popover(QCPPainter* painter, double x, const QString& heading, std::vector<Row> rows) {
  if (rows.empty()) return;
  const PlotStyle& style = canvas_->style();
  const Tokens& t = style.tokens();
  const std::size_t left_out = rows.size() > kRowsAtMost ? rows.size() - kRowsAtMost : 0;
  rows.resize(rows.size() - left_out);
  const QFont name_font = style.font(font::kCaption), number_font = style.font(font::kCaptionNumber);
  const QFontMetricsF names(name_font), numbers(number_font);
  double name_width = 0, value_width = 0, extra_width = 0;
  for (Row& row : rows) {
    row.name = names.elidedText(row.name, Qt::ElideMiddle, 180);
    name_width = std::max(name_width, names.horizontalAdvance(row.name));
    value_width = std::max(value_width, numbers.horizontalAdvance(row.value));
    extra_width = std::max(extra_width, numbers.horizontalAdvance(row.extra));
  }
  const double row_height = std::ceil(std::max(names.height(), numbers.height())) + 3;
  const double extra_gap = extra_width > 0 ? 8 : 0;
  double width = 8 + 14 + 6 + name_width + 12 + value_width + extra_gap + extra_width + 8;
  if (!heading.isEmpty()) width = std::max(width, numbers.horizontalAdvance(heading) + 16);
  const double lines = static_cast<double>(rows.size()) + (heading.isEmpty() ? 0 : 1) + (left_out ? 1 : 0);
  const QRectF view = canvas_->viewport();
  const double pixel = canvas_->xAxis->coordToPixel(x);
  double left = pixel + 12;
  if (left + width > view.right() - 2) left = pixel - 12 - width;
  left = std::clamp(left, 1.0, std::max(1.0, view.right() - width - 1));
  const QRectF box(std::round(left) + 0.5, canvas_->axes().top() + 8.5, std::ceil(width), std::min(lines * row_height + 12, view.height() - 10));
  for (const double spread : {3.0, 2.0, 1.0}) {  // the shadow of a popover
    QColor shadow = Theme::colour(t.shadow);
    shadow.setAlphaF(0.08F);
    painter->setPen(Qt::NoPen);
    painter->setBrush(shadow);
    painter->drawRoundedRect(box.adjusted(-spread, 2 - spread, spread, 2 + spread), 6 + spread, 6 + spread);
  }
  painter->setPen(QPen(Theme::colour(t.control), 1));
  painter->setBrush(Theme::colour(t.raised));
  painter->drawRoundedRect(box, 6, 6);
  painter->setBrush(Qt::NoBrush);
  double top = box.top() + 6;
  if (!heading.isEmpty()) {
    painter->setFont(number_font);
    painter->setPen(Theme::colour(t.text2));
    painter->drawText(QRectF(box.left() + 8, top, width - 16, row_height), Qt::AlignVCenter | Qt::AlignLeft, heading);
    top += row_height;
  }
  for (const Row& row : rows) {
    QPen swatch = row.pen;
    swatch.setWidthF(2.4);
    swatch.setCapStyle(Qt::FlatCap);
    painter->setPen(swatch);
    const double middle = std::floor(top + row_height / 2) + 0.5;
    painter->drawLine(QLineF(box.left() + 8, middle, box.left() + 22, middle));
    painter->setFont(name_font);
    painter->setPen(Theme::colour(t.text));
    painter->drawText(QRectF(box.left() + 28, top, name_width + 2, row_height), Qt::AlignVCenter | Qt::AlignLeft, row.name);
    painter->setFont(number_font);
    const double right = box.right() - 8 - extra_gap - extra_width;
    painter->drawText(QRectF(right - value_width - 2, top, value_width + 2, row_height), Qt::AlignVCenter | Qt::AlignRight, row.value);
    painter->setPen(Theme::colour(t.text3));
    painter->drawText(QRectF(box.right() - 10 - extra_width, top, extra_width + 2, row_height), Qt::AlignVCenter | Qt::AlignRight, row.extra);
    top += row_height;
  }
  if (left_out) {
    painter->setFont(name_font);
    painter->setPen(Theme::colour(t.text3));
    painter->drawText(QRectF(box.left() + 28, top, name_width + 40, row_height), Qt::AlignVCenter | Qt::AlignLeft,
                      QStringLiteral("+ %1").arg(left_out));
  }
}

}  // namespace mimir
