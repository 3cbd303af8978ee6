#include "widgets/plot/plot_header.h"

#include <QPainter>
#include <QToolButton>
#include <cmath>

#include "widgets/format.h"
#include "widgets/plot/plot_canvas.h"

namespace mimir {
namespace {

constexpr int kRow = size::kCardHeader;
constexpr int kLegend = 16;
constexpr int kButton = 22;

bool finite(const PlotCurve& curve) { return std::isfinite(curve.series.value(curve.series.size() - 1)); }

}  // namespace

PlotHeader::PlotHeader(const PlotData& data, PlotStyle style, QWidget* parent)
    : QWidget(parent), data_(&data), style_(style), button_(new QToolButton(this)) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  button_->setText(QStringLiteral("⋯"));
  button_->setAutoRaise(true);
  button_->setProperty("kind", QStringLiteral("flat"));
  button_->setProperty("compact", true);
}

QSize PlotHeader::sizeHint() const { return {240, kRow + (data_->paired() ? kLegend : 0)}; }

void PlotHeader::set_notes(const QString& notes) {
  notes_ = notes;
  setToolTip(notes);
  update();
}

void PlotHeader::resizeEvent(QResizeEvent*) { button_->setGeometry(width() - kButton - 4, (kRow - kButton) / 2, kButton, kButton); }

QString PlotHeader::current_value(const PlotData& data) {
  const PlotRun* run = data.leading_run();
  QStringList values;
  for (const PlotCurve* curve : data.visible_curves()) {
    if (!run || curve->run != run->id) continue;
    const RunSeries& series = curve->series;
    const std::size_t last = series.size() - 1;
    const bool smoothed = series.smoothing() > 0 && !data.per_epoch && finite(*curve);
    values += number_text(smoothed ? series.smoothed(last) : series.value(last));
  }
  return values.join(QStringLiteral(" / "));
}

void PlotHeader::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Tokens& t = style_.tokens();
  const QString value = current_value(*data_);
  const PlotRun* run = data_->leading_run();
  bool all_finite = true;
  for (const PlotCurve* curve : data_->visible_curves()) all_finite = all_finite && (!run || curve->run != run->id || finite(*curve));

  double right = button_->x() - 4;
  painter.setFont(style_.font(FontRole{font::kBody.px, 400, true}));
  painter.setPen(Theme::colour(all_finite ? t.text : t.danger));
  const double value_width = painter.fontMetrics().horizontalAdvance(value);
  painter.drawText(QRectF(right - value_width, 0, value_width, kRow), Qt::AlignVCenter | Qt::AlignRight, value);
  right -= value_width + 12;

  double left = 4;
  painter.setFont(style_.font(font::kHeading));
  painter.setPen(Theme::colour(t.text));
  const QString title = painter.fontMetrics().elidedText(data_->title, Qt::ElideMiddle, static_cast<int>(std::max(0.0, right - left)));
  painter.drawText(QRectF(left, 0, right - left, kRow), Qt::AlignVCenter | Qt::AlignLeft, title);
  left += painter.fontMetrics().horizontalAdvance(title) + 8;

  painter.setFont(style_.font(font::kCaption));
  const auto caption = [&](const QString& text, std::uint32_t colour) {
    const QString shown = painter.fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(right - left));
    if (text.isEmpty() || right - left < 24) return;
    painter.setPen(Theme::colour(colour));
    painter.drawText(QRectF(left, 1, right - left, kRow), Qt::AlignVCenter | Qt::AlignLeft, shown);
    left += painter.fontMetrics().horizontalAdvance(shown) + 12;
  };
  caption(data_->unit, t.text3);
  caption(notes_, t.text2);
  if (data_->paired()) draw_pair_legend(painter, style_, *data_, {4, kRow + kLegend / 2.0});
}

QString notes_text(const PlotNotes& notes) {
  QStringList parts;
  if (notes.per_column > 1) parts += PlotHeader::tr("bucketed 1 : %1").arg(fixed_text(static_cast<double>(notes.per_column), 0));
  if (notes.not_positive == 1) parts += PlotHeader::tr("1 value ≤ 0 not shown");
  if (notes.not_positive > 1) parts += PlotHeader::tr("%1 values ≤ 0 not shown").arg(fixed_text(static_cast<double>(notes.not_positive), 0));
  return parts.join(QStringLiteral(" · "));
}

double draw_pair_legend(QPainter& painter, const PlotStyle& style, const PlotData& data, QPointF at) {
  const double start = at.x();
  painter.setFont(style.font(font::kCaption));
  const QFontMetricsF metrics(painter.font());
  const PlotRun* run = data.leading_run();
  for (const Measured measured : {Measured::clean, Measured::adversarial}) {
    PlotCurve curve;
    curve.measured = measured;
    if (run) curve.run = run->id;
    QPen pen = style.pen(data, curve);
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    painter.drawLine(QLineF(at.x(), at.y(), at.x() + 16, at.y()));
    const QString word = measured == Measured::clean ? PlotHeader::tr("clean") : PlotHeader::tr("adversarial");
    painter.setPen(Theme::colour(style.tokens().text2));
    painter.drawText(QPointF(at.x() + 22, at.y() + metrics.ascent() / 2 - 1), word);
    at.rx() += 22 + metrics.horizontalAdvance(word) + 12;
  }
  return at.x() - start;
}

}  // namespace mimir
