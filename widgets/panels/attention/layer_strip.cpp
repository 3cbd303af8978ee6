#include "widgets/panels/attention/layer_strip.h"

#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kNumbers = 20;   ///< px, the layers' numbers at the bottom
constexpr int kAnswer = 26;    ///< below a map
constexpr int kAnswerWidth = 92;
constexpr Side kSides[] = {Side::clean, Side::adversarial, Side::difference};

}  // namespace

LayerStrip::LayerStrip(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setAccessibleName(tr("Maps and answers of every layer"));
  connect(&theme, &Theme::changed, this, [this] {
    draw();
    update();
  });
}

void LayerStrip::show_layers(LayerView view) {
  view_ = std::move(view);
  if (row_ >= cell_rows()) row_ = 0;
  draw();
  update();
}

void LayerStrip::draw() {
  images_.clear();
  for (int row = 0; row < cell_rows(); ++row) {
    MapQuery query = view_.query;
    if (query.kind != AttentionKind::similarity) query.kind = AttentionKind::attention;
    const Side side = kSides[row];
    for (query.layer = 0; query.layer < cell_columns(); ++query.layer) {
      const auto map = view_.maps->map(query, side);
      const double largest = largest_magnitude(map);
      const bool is_signed = side == Side::difference || query.kind == AttentionKind::similarity;
      const auto& shared = side == Side::difference ? view_.shared_difference : view_.shared;
      images_.push_back(heat_map(map, view_.maps->grid(), shared.value_or(is_signed ? MapScale::symmetric(largest) : MapScale::magnitude(largest)), *theme_));
    }
  }
}

double LayerStrip::column_width() const { return static_cast<double>(width() - kLabels - 8) / std::max(cell_columns(), 1); }

int LayerStrip::row_height() const {
  const int answers = view_.maps && view_.maps->classifies() ? std::min(cell_rows(), 2) * kAnswer : 0;
  return (height() - kNumbers - answers) / std::max(cell_rows(), 1);
}

int LayerStrip::side() const {
  const int room = std::min(row_height() - 8, static_cast<int>(column_width()) - 12);
  const int grid = view_.maps ? view_.maps->grid() : 1;
  const int side = std::max(room, 8);
  return side > 3 * grid ? side - side % grid : side;
}

QRect LayerStrip::cell_rect(int row, int column) const {
  const int answers = view_.maps && view_.maps->classifies() ? kAnswer : 0;
  const int top = row * (row_height() + answers) + 2;
  const double centre = kLabels + (column + 0.5) * column_width();
  return {static_cast<int>(centre) - side() / 2, top, side(), side()};
}

QString LayerStrip::cell_text(int row, int column) const {
  static const char* const words[] = {QT_TR_NOOP("clean"), QT_TR_NOOP("adversarial"), QT_TR_NOOP("difference")};
  QString text = tr("layer %1, %2").arg(column).arg(tr(words[row]));
  const Answered answer = view_.maps->answered_at(column, kSides[row]);
  if (row < 2 && !answer.name.isEmpty()) text += tr(", would answer %1 with %2").arg(answer.name, fixed_text(answer.probability, 2));
  return text;
}

void LayerStrip::paintEvent(QPaintEvent*) {
  if (!view_.maps) return;
  QPainter painter(this);
  const Tokens& t = theme_->tokens();
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.accentSoft));
  painter.drawRect(QRectF(kLabels + view_.query.layer * column_width(), 0, column_width(), height()));
  const struct {
    QString word;
    std::uint32_t colour;
  } names[] = {{tr("clean"), t.clean}, {tr("adversarial"), t.adversarial}, {tr("difference"), t.text2}};
  for (int row = 0; row < cell_rows(); ++row) {
    const QRect first = cell_rect(row, 0);
    painter.setFont(theme_->font(font::kLabel));
    painter.setPen(Theme::colour(names[row].colour));
    painter.drawText(QRect(0, first.top(), kLabels - 8, first.height()), Qt::AlignLeft | Qt::AlignVCenter, names[row].word);
    for (int layer = 0; layer < cell_columns(); ++layer) {
      const QRect cell = cell_rect(row, layer);
      painter.drawImage(cell, images_[static_cast<std::size_t>(row * cell_columns() + layer)]);
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(Theme::colour(t.border), 1));
      painter.drawRect(cell.adjusted(-1, -1, 0, 0));
      if (row < 2) paint_answer(painter, layer, kSides[row], QRect(cell.left(), cell.bottom() + 2, cell.width(), kAnswer - 4));
    }
  }
  painter.setFont(theme_->font(font::kTick));
  painter.setPen(Theme::colour(t.text3));
  painter.drawText(QRect(0, height() - kNumbers, kLabels - 8, kNumbers), Qt::AlignLeft | Qt::AlignVCenter, tr("layer"));
  for (int layer = 0; layer < cell_columns(); ++layer) {
    painter.setPen(Theme::colour(layer == view_.query.layer ? t.text : t.text3));
    painter.drawText(QRectF(kLabels + layer * column_width(), height() - kNumbers, column_width(), kNumbers), Qt::AlignCenter, QString::number(layer));
  }
  if (!hasFocus()) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(Theme::colour(t.focus), 2));
  painter.drawRoundedRect(QRectF(cell_rect(row_, view_.query.layer)).adjusted(-3, -3, 3, 3), 3, 3);
}

void LayerStrip::paint_answer(QPainter& painter, int layer, Side side, const QRect& below) {
  const Answered answer = view_.maps->answered_at(layer, side);
  if (answer.name.isEmpty()) return;
  const Tokens& t = theme_->tokens();
  // What the model answers at its end, in the colour of its side; else quiet.
  const bool final_answer = answer.name == view_.maps->answered(side).name;
  const QColor colour = Theme::colour(!final_answer ? t.text3 : side == Side::clean ? t.clean : t.adversarial);
  const int room = std::min(std::max(below.width(), kAnswerWidth), static_cast<int>(column_width()) - 4);
  const QRect line(below.center().x() - room / 2, below.top(), room, 14);
  const QString number = fixed_text(answer.probability, 2).mid(answer.probability < 0.995 ? 1 : 0);
  painter.setFont(theme_->font(font::kTick));
  const int number_width = painter.fontMetrics().horizontalAdvance(number);
  const bool both = room > number_width + 18;
  painter.setPen(Theme::colour(t.text2));
  if (both) painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, number);
  painter.setFont(theme_->font(font::kCaption));
  painter.setPen(final_answer ? colour : Theme::colour(t.text2));
  painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(answer.name, Qt::ElideRight, both ? room - number_width - 4 : room));
  painter.setPen(Qt::NoPen);
  const QRectF bar(line.left(), line.bottom() + 2, line.width(), 3);
  painter.setBrush(Theme::colour(t.track));
  painter.drawRoundedRect(bar, 1.5, 1.5);
  painter.setBrush(colour);
  painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(answer.probability, 0.0, 1.0), bar.height()), 1.5, 1.5);
}

int LayerStrip::layer_at(double x) const {
  const int layer = static_cast<int>(std::floor((x - kLabels) / column_width()));
  return layer >= 0 && layer < cell_columns() ? layer : -1;
}

void LayerStrip::mousePressEvent(QMouseEvent* event) {
  const int layer = layer_at(event->position().x());
  if (event->button() == Qt::LeftButton && layer >= 0) Q_EMIT layer_chosen(layer);
}

void LayerStrip::mouseMoveEvent(QMouseEvent* event) {
  const QPoint at = event->position().toPoint();
  const int layer = layer_at(at.x());
  for (int row = 0; layer >= 0 && row < cell_rows(); ++row) {
    const QRect cell = cell_rect(row, layer);
    if (!cell.adjusted(0, 0, 0, kAnswer).contains(at)) continue;
    QString text = cell_text(row, layer);
    if (cell.contains(at)) {
      const int grid = view_.maps->grid(), x = (at.x() - cell.left()) * grid / cell.width(), y = (at.y() - cell.top()) * grid / cell.height();
      MapQuery query = view_.query;
      if (query.kind != AttentionKind::similarity) query.kind = AttentionKind::attention;
      query.layer = layer;
      text += QLatin1Char('\n') + tr("row %1, column %2: %3").arg(y).arg(x).arg(number_text(view_.maps->map(query, kSides[row])[static_cast<std::size_t>(y * grid + x)], 3));
    }
    QToolTip::showText(event->globalPosition().toPoint(), text, this);
    return;
  }
  QToolTip::hideText();
}

void LayerStrip::keyPressEvent(QKeyEvent* event) {
  const int next = cell_after_key(event->key(), current_cell(), cell_rows(), cell_columns());
  if (next < 0) return QWidget::keyPressEvent(event);
  row_ = next / cell_columns();
  if (next % cell_columns() != view_.query.layer) Q_EMIT layer_chosen(next % cell_columns());
  announce_cell(this, next);
  update();
}

void LayerStrip::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void LayerStrip::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace mimir
