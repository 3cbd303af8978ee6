#include "widgets/plot/line_plot.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "core/figure/scale.h"
#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kLegend = 20;
constexpr int kTicks = 16;
constexpr int kTitle = 14;
constexpr double kPoint = 2.6;

QString tick_text(double tick, double step) { return QString::fromStdString(tick_label(tick, step)).replace(QLatin1Char('-'), QChar(0x2212)); }

}  // namespace

LinePlot::LinePlot(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void LinePlot::set_lines(std::vector<PlotLine> lines) {
  lines_ = std::move(lines);
  const PlotLine* first = leading();
  if (point_ && (!first || *point_ >= first->x.size())) point_.reset();
  QStringList words;
  for (const PlotLine& line : lines_) {
    if (!line.name.isEmpty() && !line.y.empty()) words += tr("%1 ends at %2").arg(line.name, number_text(line.y.back(), 3));
  }
  setAccessibleDescription(words.isEmpty() ? empty_ : words.join(QStringLiteral("; ")));
  update();
}

void LinePlot::set_y(double low, double high, const QString& title) {
  y_low_ = low;
  y_high_ = high > low ? high : low + 1;
  y_title_ = title;
  update();
}

void LinePlot::set_x(double low, double high, const QString& title, std::vector<std::pair<double, QString>> ticks) {
  x_low_ = low;
  x_high_ = high > low ? high : low + 1;
  x_title_ = title;
  ticks_ = std::move(ticks);
  update();
}

void LinePlot::set_margins(int left, int right) {
  left_ = left;
  right_ = right;
  update();
}

void LinePlot::set_column(std::optional<double> x, double width) {
  column_ = x;
  column_width_ = width;
  update();
}

void LinePlot::set_empty_text(const QString& sentence) {
  empty_ = sentence;
  update();
}

QRect LinePlot::axes() const {
  const int below = (ticks_.empty() && x_title_.isEmpty() ? 4 : kTicks) + (x_title_.isEmpty() ? 0 : kTitle);
  return {left_, kLegend, std::max(width() - left_ - right_, 1), std::max(height() - kLegend - below, 1)};
}

const PlotLine* LinePlot::leading() const {
  const auto found = std::find_if(lines_.begin(), lines_.end(), [](const PlotLine& line) { return !line.name.isEmpty(); });
  return found == lines_.end() ? nullptr : &*found;
}

double LinePlot::pixel_x(double x) const { return axes().left() + (x - x_low_) / (x_high_ - x_low_) * axes().width(); }

double LinePlot::pixel_y(double y) const { return axes().bottom() - (y - y_low_) / (y_high_ - y_low_) * axes().height(); }

QColor LinePlot::colour_of(const PlotLine& line) const {
  QColor colour = line.run >= 0 ? theme_->run_colour(line.run) : Theme::colour(theme_->tokens().*line.colour);
  colour.setAlphaF(static_cast<float>(line.opacity));
  return colour;
}

void LinePlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Tokens& t = theme_->tokens();
  if (column_) {
    const double half = column_width_ / 2;
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::colour(t.accentSoft));
    painter.drawRect(QRectF(pixel_x(*column_) - half, 0, 2 * half, height()));
  }
  paint_axes(painter);
  if (lines_.empty()) {
    painter.setFont(theme_->font(font::kCaption));
    painter.setPen(Theme::colour(t.text3));
    painter.drawText(axes(), Qt::AlignCenter | Qt::TextWordWrap, empty_);
  }
  painter.setRenderHint(QPainter::Antialiasing);
  for (const PlotLine& line : lines_) {
    if (line.name.isEmpty()) paint_line(painter, line);
  }
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
    if (!line->name.isEmpty()) paint_line(painter, *line);
  }
  paint_legend(painter);
  if (const PlotLine* first = leading(); first && point_) {
    painter.setPen(QPen(Theme::colour(t.crosshair), 1));
    const double x = pixel_x(first->x[*point_]);
    painter.drawLine(QPointF(x, axes().top()), QPointF(x, axes().bottom()));
  }
  if (hasFocus()) {
    painter.setPen(QPen(Theme::colour(t.focus), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
  }
}

void LinePlot::paint_axes(QPainter& painter) {
  const Tokens& t = theme_->tokens();
  const QRect area = axes();
  painter.setFont(theme_->font(font::kTick));
  const auto y_ticks = round_ticks(y_low_, y_high_, std::max(area.height() / 40, 2));
  const double y_step = y_ticks.size() > 1 ? y_ticks[1] - y_ticks[0] : 1;
  for (const double tick : y_ticks) {
    const double y = std::round(pixel_y(tick)) + 0.5;
    painter.setPen(QPen(Theme::colour(t.grid), 1));
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setPen(Theme::colour(t.text3));
    painter.drawText(QRectF(0, y - 8, left_ - 6, 16), Qt::AlignRight | Qt::AlignVCenter, tick_text(tick, y_step));
  }
  painter.setPen(QPen(Theme::colour(t.axis), 1));
  painter.drawLine(QPointF(area.left(), area.bottom() + 0.5), QPointF(area.right(), area.bottom() + 0.5));
  painter.setPen(Theme::colour(t.text3));
  auto ticks = ticks_;
  if (ticks.empty() && !x_title_.isEmpty()) {
    const auto x_ticks = round_ticks(x_low_, x_high_, std::max(area.width() / 90, 2));
    for (const double tick : x_ticks) ticks.emplace_back(tick, tick_text(tick, x_ticks.size() > 1 ? x_ticks[1] - x_ticks[0] : 1));
  }
  for (const auto& [x, word] : ticks) painter.drawText(QRectF(pixel_x(x) - 40, area.bottom() + 3, 80, kTicks - 2), Qt::AlignHCenter | Qt::AlignTop, word);
  painter.setFont(theme_->font(font::kCaption));
  painter.drawText(QRectF(area.left(), area.bottom() + kTicks, area.width(), kTitle), Qt::AlignHCenter | Qt::AlignTop, x_title_);
}

void LinePlot::paint_line(QPainter& painter, const PlotLine& line) {
  QColor colour = colour_of(line);
  const std::size_t count = std::min(line.x.size(), line.y.size());
  if (line.low.size() == count && line.high.size() == count && count > 0) {
    QPolygonF band;
    for (std::size_t i = 0; i < count; ++i) band << QPointF(pixel_x(line.x[i]), pixel_y(line.high[i]));
    for (std::size_t i = count; i-- > 0;) band << QPointF(pixel_x(line.x[i]), pixel_y(line.low[i]));
    QColor fill = colour;
    fill.setAlphaF(theme_->dark() ? 0.17F : 0.14F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawPolygon(band);
  }
  QPen pen(colour, 1.8, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
  if (line.name.isEmpty()) pen.setWidthF(1);
  if (line.dashed) pen.setDashPattern({6 / 1.8, 3 / 1.8});
  QPainterPath path;
  bool open = false;
  for (std::size_t i = 0; i < count; ++i) {
    const QPointF at(pixel_x(line.x[i]), pixel_y(line.y[i]));
    if (!std::isfinite(line.y[i])) open = false;
    else if (open) path.lineTo(at);
    else path.moveTo(at), open = true;
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(pen);
  painter.drawPath(path);
  if (!line.points || line.name.isEmpty()) return;
  painter.setPen(QPen(Theme::colour(theme_->tokens().surface), 1.5));
  painter.setBrush(colour);
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isfinite(line.y[i])) painter.drawEllipse(QPointF(pixel_x(line.x[i]), pixel_y(line.y[i])), kPoint + 0.75, kPoint + 0.75);
  }
}

void LinePlot::paint_legend(QPainter& painter) {
  painter.setFont(theme_->font(font::kCaption));
  double x = axes().left();
  for (const PlotLine& line : lines_) {
    if (line.name.isEmpty()) continue;
    QPen pen(colour_of(line), 2, Qt::SolidLine, Qt::FlatCap);
    if (line.dashed) pen.setDashPattern({3, 1.5});
    painter.setPen(pen);
    painter.drawLine(QPointF(x, 8), QPointF(x + 16, 8));
    painter.setPen(Theme::colour(theme_->tokens().text2));
    painter.drawText(QRectF(x + 22, 0, 300, 16), Qt::AlignVCenter | Qt::AlignLeft, line.name);
    x += 22 + painter.fontMetrics().horizontalAdvance(line.name) + 16;
  }
  if (y_title_.isEmpty()) return;
  painter.setPen(Theme::colour(theme_->tokens().text3));
  painter.drawText(QRectF(x, 0, axes().right() - x, 16), Qt::AlignVCenter | Qt::AlignRight, y_title_);
}

std::optional<std::size_t> LinePlot::point_near(double pixel) const {
  const PlotLine* first = leading();
  if (!first || first->x.empty()) return std::nullopt;
  std::size_t best = 0;
  for (std::size_t i = 1; i < first->x.size(); ++i) {
    if (std::abs(pixel_x(first->x[i]) - pixel) < std::abs(pixel_x(first->x[best]) - pixel)) best = i;
  }
  return best;
}

QString LinePlot::words_at(double x) const {
  QStringList words;
  for (const PlotLine& line : lines_) {
    if (line.name.isEmpty()) continue;
    for (std::size_t i = 0; i < std::min(line.x.size(), line.y.size()); ++i) {
      if (line.x[i] == x) words += QStringLiteral("%1 %2").arg(line.name, number_text(line.y[i], 3));
    }
  }
  const auto tick = std::find_if(ticks_.begin(), ticks_.end(), [x](const auto& each) { return each.first == x; });
  const QString where = tick == ticks_.end() ? number_text(x, 3) : tick->second;
  return (x_title_.isEmpty() ? where : x_title_ + QLatin1Char(' ') + where) + QLatin1Char('\n') + words.join(QLatin1Char('\n'));
}

void LinePlot::read_out(std::optional<std::size_t> point) {
  if (point_ == point) return;
  point_ = point;
  if (point_) setAccessibleDescription(words_at(leading()->x[*point_]));
  update();
}

void LinePlot::mouseMoveEvent(QMouseEvent* event) {
  const auto point = axes().adjusted(-8, 0, 8, 0).contains(event->position().toPoint()) ? point_near(event->position().x()) : std::nullopt;
  read_out(point);
  point ? QToolTip::showText(event->globalPosition().toPoint(), words_at(leading()->x[*point]), this) : QToolTip::hideText();
}

void LinePlot::mousePressEvent(QMouseEvent* event) {
  if (const auto point = point_near(event->position().x()); point && event->button() == Qt::LeftButton) Q_EMIT x_chosen(leading()->x[*point]);
}

void LinePlot::leaveEvent(QEvent*) { read_out(std::nullopt); }

void LinePlot::keyPressEvent(QKeyEvent* event) {
  const PlotLine* first = leading();
  if (!first || first->x.empty()) return QWidget::keyPressEvent(event);
  const std::size_t last = first->x.size() - 1, at = point_.value_or(0);
  switch (event->key()) {
    case Qt::Key_Left: read_out(at > 0 ? at - 1 : 0); break;
    case Qt::Key_Right: read_out(point_ ? std::min(at + 1, last) : 0); break;
    case Qt::Key_Home: read_out(std::size_t{0}); break;
    case Qt::Key_End: read_out(last); break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (point_) Q_EMIT x_chosen(first->x[*point_]);
      return;
    default: return QWidget::keyPressEvent(event);
  }
  QToolTip::showText(mapToGlobal(QPoint(static_cast<int>(pixel_x(first->x[*point_])), axes().top())), words_at(first->x[*point_]), this);
}

void LinePlot::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void LinePlot::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  read_out(std::nullopt);
  update();
}

}  // namespace mimir
