#include "widgets/plot/plot_marks.h"

#include <QCoreApplication>

#include "widgets/format.h"
#include "widgets/plot/plot_canvas.h"

namespace mimir {
namespace {

constexpr double kTriangleWidth = 9;
constexpr double kTriangleHeight = 8;
constexpr std::array kMarkDash = {3.0, 3.0};

QString text(const char* source, int n = -1) { return QCoreApplication::translate("mimir::PlotMarks", source, nullptr, n); }

QPen dashed(QColor colour, double width) {
  QPen pen(colour, width);
  pen.setDashPattern({kMarkDash.begin(), kMarkDash.end()});
  pen.setCapStyle(Qt::FlatCap);
  return pen;
}

QString checkpoint_text(const CheckpointRow& checkpoint) {
  const QString step = fixed_text(static_cast<double>(checkpoint.step), 0);
  if (checkpoint.kind == "best") return text("Best checkpoint, step %1").arg(step);
  if (checkpoint.kind == "last") return text("Last checkpoint, step %1").arg(step);
  return text("Checkpoint, step %1").arg(step);
}

}  // namespace

PlotMarks::PlotMarks(PlotCanvas& canvas) : QCPLayerable(&canvas, QStringLiteral("marks")), canvas_(&canvas) {}

void PlotMarks::applyDefaultAntialiasingHint(QCPPainter* painter) const { painter->setAntialiasing(true); }

std::optional<PlotMarks::Hit> PlotMarks::hit(const QPointF& position) const {
  for (auto area = areas_.rbegin(); area != areas_.rend(); ++area) {
    if (area->area.contains(position)) return area->hit;
  }
  return std::nullopt;
}

void PlotMarks::draw(QCPPainter* painter) {
  areas_.clear();
  draw_segments(painter);
  draw_checkpoints(painter);
  draw_problems(painter);
  draw_notes(painter);
}

void PlotMarks::draw_segments(QCPPainter* painter) {
  const PlotStyle& style = canvas_->style();
  const QRect axes = canvas_->axes();
  const XKind kind = canvas_->data().options.x;
  painter->setFont(style.font(font::kTick));
  double free_from = axes.left();  // words do not overlap
  std::vector<double> drawn;
  for (const PlotCurve* curve : canvas_->data().visible_curves()) {
    const auto& parts = curve->series.parts();
    for (std::size_t i = 1; i < parts.size(); ++i) drawn.push_back(canvas_->xAxis->coordToPixel(curve->series.x(parts[i].begin, kind)));
  }
  std::sort(drawn.begin(), drawn.end());
  const QString word = text("resumed");
  const double width = QFontMetricsF(painter->font()).horizontalAdvance(word);
  double last = -1e9;
  for (const double pixel : drawn) {
    if (pixel < axes.left() || pixel > axes.right() || pixel - last < 1) continue;
    last = pixel;
    const double x = std::floor(pixel) + 0.5;
    const double top = axes.top() + QFontMetricsF(painter->font()).height() + 2;
    painter->setPen(dashed(Theme::colour(style.tokens().text3), 1));
    painter->drawLine(QLineF(x, top, x, axes.bottom()));
    const double left = std::clamp(x - width / 2, static_cast<double>(axes.left()), axes.right() - width);
    if (left < free_from) continue;
    painter->setPen(Theme::colour(style.tokens().text2));
    painter->drawText(QPointF(left, axes.top() + QFontMetricsF(painter->font()).ascent()), word);
    free_from = left + width + 8;
  }
}

void PlotMarks::draw_checkpoints(QCPPainter* painter) {
  const PlotData& data = canvas_->data();
  if (!data.options.checkpoints) return;
  const PlotStyle& style = canvas_->style();
  const QRect axes = canvas_->axes();
  const double size = 4 * style.scale();
  for (const PlotCurve* curve : data.visible_curves()) {
    const auto found = data.checkpoints.find(curve->run);
    if (found == data.checkpoints.end() || curve->measured == Measured::adversarial) continue;
    for (const CheckpointRow& checkpoint : found->second) {
      const double pixel = canvas_->xAxis->coordToPixel(curve->series.x_of_step(checkpoint.step, data.options.x));
      if (pixel < axes.left() || pixel > axes.right()) continue;
      const double x = std::floor(pixel) + 0.5;
      const bool best = checkpoint.kind == "best";
      if (best) {  // lines for all of them would hide the curves
        painter->setPen(dashed(Theme::colour(style.tokens().text3), 1));
        painter->drawLine(QLineF(x, axes.top() + 14 * style.scale(), x, axes.bottom() - size));
      }
      const QPolygonF diamond({QPointF(x, axes.bottom() - 2 * size), QPointF(x + size, axes.bottom() - size),
                               QPointF(x, axes.bottom()), QPointF(x - size, axes.bottom() - size)});
      painter->setPen(QPen(Theme::colour(style.tokens().surface), 1));
      painter->setBrush(Theme::colour(best ? style.tokens().accent : style.tokens().text3));
      painter->drawPolygon(diamond);
      areas_.push_back({QRectF(x - 6, axes.bottom() - 16, 12, 22),
                        {Hit::Kind::checkpoint, curve->run, QString::fromStdString(checkpoint.stage), checkpoint.step, checkpoint_text(checkpoint)}});
    }
  }
  painter->setBrush(Qt::NoBrush);
}

void PlotMarks::draw_problems(QCPPainter* painter) {
  const PlotData& data = canvas_->data();
  const PlotStyle& style = canvas_->style();
  const QRect axes = canvas_->axes();
  LineView view = canvas_->line_view();
  if (view.columns == 0) view.columns = axes.width();  // merged in exports, too
  painter->setPen(Qt::NoPen);
  painter->setBrush(Theme::colour(style.tokens().danger));
  const double half = kTriangleWidth / 2 * style.scale(), height = kTriangleHeight * style.scale();
  for (const PlotCurve* curve : data.visible_curves()) {
    for (const ProblemMark& mark : visible_problems(curve->series, view)) {
      const double x = canvas_->xAxis->coordToPixel(mark.x);
      const double base = mark.below ? axes.bottom() - height - 1 : axes.top() + height + 1;
      const double tip = mark.below ? axes.bottom() - 1.0 : axes.top() + 1.0;
      painter->drawPolygon(QPolygonF({QPointF(x - half, base), QPointF(x + half, base), QPointF(x, tip)}));
      const Point first = curve->series.point(mark.first), last = curve->series.point(mark.last);
      const QString name = data.curve_name(*curve);
      const QString hover =
          mark.count == 1
              ? text("%1: %2 at step %3").arg(name, number_text(first.value), fixed_text(static_cast<double>(first.step), 0))
              : text("%1: %2 values that are not finite, steps %3 to %4")
                    .arg(name, fixed_text(static_cast<double>(mark.count), 0), fixed_text(static_cast<double>(first.step), 0), fixed_text(static_cast<double>(last.step), 0));
      areas_.push_back({QRectF(x - half - 2, std::min(base, tip) - 2, 2 * half + 4, height + 4),
                        {Hit::Kind::problem, curve->run, {}, first.step, hover}});
    }
  }
  painter->setBrush(Qt::NoBrush);
}

void PlotMarks::draw_notes(QCPPainter* painter) {
  const PlotData& data = canvas_->data();
  const PlotStyle& style = canvas_->style();
  const Tokens& t = style.tokens();
  const QRectF axes = canvas_->axes();
  const PlotNotes& notes = canvas_->notes();
  if (data.visible_curves().empty()) {
    painter->setFont(style.font(font::kCaption));
    painter->setPen(Theme::colour(t.text3));
    painter->drawText(axes.adjusted(12, 0, -12, 0), Qt::AlignCenter | Qt::TextWordWrap, data.empty);
    return;
  }
  painter->setPen(QPen(Theme::colour(t.text2), 1.4 * style.scale(), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  const auto arrow = [&](double tip, double direction) {
    const double x = axes.left() + 8, size = 4 * style.scale();
    painter->drawPolyline(QPolygonF({QPointF(x - size, tip + direction * size), QPointF(x, tip), QPointF(x + size, tip + direction * size)}));
  };
  if (notes.outside_above) arrow(axes.top() + 3, 1);
  if (notes.outside_below) arrow(axes.bottom() - 3, -1);
  if (notes.newer) {
    painter->setFont(style.font(font::kCaption));
    const QString word = text("newer points →");
    const QFontMetricsF metrics(painter->font());
    const QRectF pill(axes.right() - metrics.horizontalAdvance(word) - 18, axes.top() + 14, metrics.horizontalAdvance(word) + 16, metrics.height() + 6);
    painter->setPen(QPen(Theme::colour(t.accentLine), 1));
    painter->setBrush(Theme::colour(t.accentSoft));
    painter->drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(Theme::colour(t.text));
    painter->drawText(pill, Qt::AlignCenter, word);
    areas_.push_back({pill, {Hit::Kind::newer, {}, {}, 0, text("Go to the newest points")}});
  }
}

}  // namespace mimir
