#include "widgets/panels/attack_lab/step_plot.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/figure/scale.h"
#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kLeft = 38;
constexpr int kRight = 22;
constexpr int kLegend = 20;
constexpr int kAxis = 20;
constexpr int kTitle = 14;
constexpr double kPoint = 2.6;
constexpr double kStale = 0.45;

}  // namespace

StepPlot::StepPlot(Theme& theme, const QString& name, QWidget* parent) : QWidget(parent), theme_(&theme), label_([](double x) { return fixed_text(x, 0); }) {
  setAccessibleName(name);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void StepPlot::set_lines(std::vector<Line> lines) {
  lines_ = std::move(lines);
  QStringList words;
  for (const Line& line : lines_) {
    if (!line.points.empty()) words += tr("%1 from %2 to %3").arg(line.name, number_text(line.points.front().y(), 3), number_text(line.points.back().y(), 3));
  }
  setAccessibleDescription(words.isEmpty() ? empty_ : words.join(QStringLiteral("; ")));
  fit();
  update();
}

void StepPlot::set_marks(std::vector<Mark> marks) {
  marks_ = std::move(marks);
  update();
}

void StepPlot::set_ticks(std::vector<Tick> ticks) {
  ticks_ = std::move(ticks);
  update();
}

void StepPlot::set_x(double low, double high, double every, std::function<QString(double)> label) {
  low_ = low;
  high_ = high > low ? high : low + 1;
  every_ = every;
  label_ = std::move(label);
  update();
}

void StepPlot::set_x_title(const QString& title) {
  x_title_ = title;
  update();
}

void StepPlot::set_cursor(std::optional<double> x) {
  if (cursor_ == x) return;
  cursor_ = x;
  update();
}

void StepPlot::set_empty_text(const QString& sentence) {
  empty_ = sentence;
  if (lines_.empty()) setAccessibleDescription(sentence);
  update();
}

void StepPlot::set_stale(bool stale) {
  if (stale_ == stale) return;
  stale_ = stale;
  update();
}

QRect StepPlot::axes() const {
  const int below = kAxis + (x_title_.isEmpty() ? 0 : kTitle);
  return {kLeft, kLegend, std::max(width() - kLeft - kRight, 1), std::max(height() - kLegend - below, 1)};
}

void StepPlot::fit() {
  bottom_ = std::numeric_limits<double>::infinity();
  top_ = -bottom_;
  for (const Line& line : lines_) {
    for (const QPointF& point : line.points) {
      if (!std::isfinite(point.y())) continue;
      bottom_ = std::min(bottom_, point.y());
      top_ = std::max(top_, point.y());
    }
  }
  if (bottom_ > top_) bottom_ = 0, top_ = 1;
  bottom_ = std::min(bottom_, 0.0);  // where the class flips
  top_ = std::max(top_, 0.0);
  const double air = std::max((top_ - bottom_) * 0.08, 1e-9);
  bottom_ -= air;
  top_ += air;
}

double StepPlot::x_at(double value) const { return axes().left() + (value - low_) / (high_ - low_) * axes().width(); }

double StepPlot::y_at(double value) const { return axes().bottom() - (value - bottom_) / (top_ - bottom_) * axes().height(); }

void StepPlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Tokens& t = theme_->tokens();
  painter.setOpacity(stale_ ? kStale : 1);
  const bool empty = std::none_of(lines_.begin(), lines_.end(), [](const Line& line) { return !line.points.empty(); });
  if (!empty) {
    for (const Mark& mark : marks_) {
      if (mark.kind != Mark::Kind::flip || mark.x > high_) continue;
      QColor wrong = Theme::colour(t.danger);
      wrong.setAlphaF(0.06F);
      const double x = std::max(x_at(mark.x), double(axes().left()));
      painter.fillRect(QRectF(x, axes().top(), axes().right() + 1 - x, axes().height()), wrong);
    }
  }
  paint_axes(painter);
  if (empty) {
    painter.setFont(theme_->font(font::kLabel));
    painter.setPen(Theme::colour(t.text2));
    painter.drawText(axes(), Qt::AlignCenter | Qt::TextWordWrap, empty_);
    return;
  }
  painter.setRenderHint(QPainter::Antialiasing);
  paint_marks(painter);
  for (const Line& line : lines_) paint_line(painter, line);
  paint_mark_words(painter);
  paint_cursor(painter);
}

void StepPlot::paint_axes(QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  const QRect area = axes();
  painter.setFont(theme_->font(font::kTick));
  const std::vector<double> ticks = round_ticks(bottom_, top_, std::max(area.height() / 36, 2));
  const double between = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  for (const double tick : ticks) {
    const double y = std::floor(y_at(tick)) + 0.5;
    painter.setPen(QPen(Theme::colour(tick == 0 ? t.axis : t.grid), 1));
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setPen(Theme::colour(t.text3));
    painter.drawText(QRectF(0, y - 8, kLeft - 6, 16), Qt::AlignRight | Qt::AlignVCenter, QString::fromStdString(tick_label(tick, between)).replace(QLatin1Char('-'), QChar(0x2212)));
  }
  painter.setPen(QPen(Theme::colour(t.axis), 1));
  painter.drawLine(QPointF(area.left(), area.bottom() + 0.5), QPointF(area.right(), area.bottom() + 0.5));
  painter.setPen(Theme::colour(t.text3));
  // As many labels as have room.
  const double room = 8 + QFontMetricsF(painter.font()).horizontalAdvance(label_(high_));
  double every = every_;
  while (every / (high_ - low_) * area.width() < room) every *= 2;
  for (double x = low_; x <= high_ + every * 1e-6; x += every) painter.drawText(QRectF(x_at(x) - 40, area.bottom() + 4, 80, 14), Qt::AlignHCenter | Qt::AlignTop, label_(x));
  for (const Tick& tick : ticks_) {
    painter.setPen(QPen(Theme::colour(tick.broken ? t.danger : t.ok), 2));
    painter.drawLine(QPointF(x_at(tick.x), area.bottom() - 7), QPointF(x_at(tick.x), area.bottom()));
  }
  painter.setFont(theme_->font(font::kCaption));
  painter.setPen(Theme::colour(t.text3));
  painter.drawText(QRectF(area.left(), area.bottom() + kAxis, area.width(), kTitle), Qt::AlignCenter, x_title_);
  double x = area.left();
  for (const Line& line : lines_) {
    if (!line.legend || line.points.empty()) continue;
    painter.setPen(QPen(Theme::colour(t.*line.colour), 2, line.dashed ? Qt::DashLine : Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(QPointF(x, 8), QPointF(x + 14, 8));
    painter.setPen(Theme::colour(t.text2));
    painter.drawText(QRectF(x + 19, 0, area.width(), 16), Qt::AlignVCenter | Qt::AlignLeft, line.name);
    x += 19 + QFontMetricsF(painter.font()).horizontalAdvance(line.name) + 16;
  }
}

void StepPlot::paint_marks(QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  const QRect area = axes();
  for (const Mark& mark : marks_) {
    if (mark.x < low_ || mark.x > high_) continue;
    const QColor colour = Theme::colour(mark.kind == Mark::Kind::flip ? t.danger : t.accent);
    const double x = std::round(x_at(mark.x)) + 0.5;
    painter.setPen(QPen(colour, 1, Qt::DashLine));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
}

void StepPlot::paint_mark_words(QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  const QRect area = axes();
  painter.setFont(theme_->font(font::kCaption));
  for (const Mark& mark : marks_) {
    if (mark.x < low_ || mark.x > high_) continue;
    const double x = std::round(x_at(mark.x)) + 0.5, wide = QFontMetricsF(painter.font()).horizontalAdvance(mark.word);
    const bool left = x + 5 + wide > area.right(), flip = mark.kind == Mark::Kind::flip;
    const QRectF place(left ? x - 5 - wide : x + 5, area.top() + (flip ? 1 : 16), wide + 2, 14);
    painter.fillRect(place.adjusted(-2, 0, 0, 0), Theme::colour(t.surface));  // a line behind it would strike it through
    painter.setPen(Theme::colour(flip ? t.danger : t.accent));
    painter.drawText(place, Qt::AlignVCenter | Qt::AlignLeft, mark.word);
  }
}

void StepPlot::paint_line(QPainter& painter, const Line& line) const {
  const Tokens& t = theme_->tokens();
  const QColor colour = Theme::colour(t.*line.colour);
  QPolygonF drawn;
  for (const QPointF& point : line.points) {
    if (std::isfinite(point.y())) drawn << QPointF(x_at(point.x()), y_at(point.y()));
  }
  QPen pen(colour, 1.8, line.dashed ? Qt::CustomDashLine : Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
  if (line.dashed) pen.setDashPattern({3.3, 1.7});
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawPolyline(drawn);
  if (drawn.size() > axes().width() / 8) return;
  painter.setPen(QPen(Theme::colour(t.surface), 1.5));
  painter.setBrush(colour);
  for (const QPointF& point : drawn) painter.drawEllipse(point, kPoint, kPoint);
}

void StepPlot::paint_cursor(QPainter& painter) const {
  if (!cursor_ || *cursor_ < low_ || *cursor_ > high_) return;
  const Tokens& t = theme_->tokens();
  const QRect area = axes();
  const double x = x_at(*cursor_);
  painter.setPen(QPen(Theme::colour(t.crosshair), 1));
  painter.drawLine(QPointF(std::round(x) + 0.5, area.top()), QPointF(std::round(x) + 0.5, area.bottom()));
  for (const Line& line : lines_) {
    const auto at = std::find_if(line.points.begin(), line.points.end(), [this](const QPointF& point) { return std::abs(point.x() - *cursor_) < 1e-9; });
    if (at == line.points.end() || !std::isfinite(at->y())) continue;
    painter.setPen(QPen(Theme::colour(t.surface), 1.5));
    painter.setBrush(Theme::colour(t.*line.colour));
    painter.drawEllipse(QPointF(x, y_at(at->y())), kPoint + 1.4, kPoint + 1.4);
  }
  painter.setFont(theme_->font(font::kTick));
  const QString tag = label_(*cursor_);
  const double half = std::max(QFontMetricsF(painter.font()).horizontalAdvance(tag) / 2 + 5, 11.0);
  const QRectF box(x - half, area.bottom() + 3, 2 * half, 16);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.crosshair));
  painter.drawRoundedRect(box, 3, 3);
  painter.setPen(Theme::colour(t.surface));
  painter.drawText(box, Qt::AlignCenter, tag);
}

void StepPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) mouseMoveEvent(event);
}

void StepPlot::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & Qt::LeftButton) || lines_.empty()) return;
  Q_EMIT chosen(std::clamp(low_ + (event->position().x() - axes().left()) / axes().width() * (high_ - low_), low_, high_));
}

}  // namespace mimir
