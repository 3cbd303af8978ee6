#include "widgets/table/run_delegate.h"

#include <QMouseEvent>
#include <QPainter>
#include <QTableView>
#include <cmath>

#include "widgets/format.h"
#include "widgets/table/run_table_model.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

constexpr int kPadding = 8;
constexpr int kIcon = 14;
constexpr int kDot = 8;
constexpr int kBar = 48;
constexpr int kBarHeight = 4;
constexpr int kCurveWidth = 84;
constexpr int kMark = 3;  // at the left end of the current row

ColumnKind kind_of(const QModelIndex& index) { return static_cast<ColumnKind>(index.data(RunTableModel::kKind).toInt()); }

bool at_right(const QModelIndex& index) { return index.data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight; }

}  // namespace

RunDelegate::RunDelegate(Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(&theme) {}

QFont RunDelegate::font_of(const QModelIndex& index) const {
  const ColumnKind kind = kind_of(index);
  if (kind == ColumnKind::name) return theme_->font(font::kButton);
  FontRole role = font::kNumber;
  if (kind == ColumnKind::metric && index.data(RunTableModel::kBest).toBool()) role.weight = 600;
  return theme_->font(role);
}

QSize RunDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
  int width = 0;
  switch (kind_of(index)) {
    case ColumnKind::star: width = kIcon; break;
    case ColumnKind::status:
      width = status_pill_size(*theme_, index.data(RunTableModel::kLook).value<StatusLook>()).width();
      if (index.data(RunTableModel::kShare).isValid()) width += 6 + QFontMetrics(theme_->font(font::kCaptionNumber)).horizontalAdvance(QStringLiteral("100 %"));
      break;
    case ColumnKind::curve: width = kCurveWidth; break;
    case ColumnKind::progress: width = kBar + kPadding + QFontMetrics(font_of(index)).horizontalAdvance(QStringLiteral("100 %")); break;
    case ColumnKind::name: width = kDot + kPadding; [[fallthrough]];
    default: width += QFontMetrics(font_of(index)).horizontalAdvance(index.data().toString());
  }
  return {width + 2 * kPadding, size::kTableRow};
}

void RunDelegate::paint_ground(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Tokens& t = theme_->tokens();
  const bool selected = option.state & QStyle::State_Selected;
  if (selected) painter.fillRect(option.rect, Theme::colour(t.selection));
  else if (index.row() == hovered_) painter.fillRect(option.rect, Theme::colour(t.hover));
  painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), Theme::colour(t.border));
  // The current row is marked at the left end of the table, wherever its first column has been moved.
  const auto* view = qobject_cast<const QTableView*>(option.widget);
  if (view && index.row() == view->currentIndex().row() && view->columnAt(0) == index.column() && (selected || view->hasFocus())) {
    painter.fillRect(QRect(option.rect.left(), option.rect.top(), kMark, option.rect.height() - 1), Theme::colour(view->hasFocus() ? t.focus : t.accent));
  }
}

void RunDelegate::paint_name(QPainter& painter, const QRect& cell, const QModelIndex& index) const {
  const int colour = index.data(RunTableModel::kColour).toInt();
  const QRectF dot(cell.left(), cell.center().y() - kDot / 2 + 1, kDot, kDot);
  painter.setRenderHint(QPainter::Antialiasing);
  if (colour >= 0) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme_->run_colour(colour));
    painter.drawEllipse(dot);
  } else {
    painter.setPen(QPen(Theme::colour(theme_->tokens().borderStrong), 1.2));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(dot.adjusted(0.6, 0.6, -0.6, -0.6));
  }
  painter.setPen(Theme::colour(theme_->tokens().text));
  painter.setFont(font_of(index));
  const QRect text = cell.adjusted(kDot + kPadding, 0, 0, 0);
  painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, text.width()));
}

void RunDelegate::paint_status(QPainter& painter, const QRect& cell, const QModelIndex& index) const {
  const StatusLook look = index.data(RunTableModel::kLook).value<StatusLook>();
  paint_status_pill(painter, cell, *theme_, look);
  const QVariant share = index.data(RunTableModel::kShare);
  if (!share.isValid()) return;
  painter.setFont(theme_->font(font::kCaptionNumber));
  painter.setPen(Theme::colour(theme_->tokens().text2));
  painter.drawText(cell.adjusted(status_pill_size(*theme_, look).width() + 6, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, percent_text(share.toDouble(), 0));
}

void RunDelegate::paint_curve(QPainter& painter, const QRect& cell, const QModelIndex& index, bool selected) const {
  const Tokens& t = theme_->tokens();
  const auto curve = index.data(RunTableModel::kCurve).value<std::shared_ptr<const Sparkline>>();
  if (!curve) return;
  const int colour = index.data(RunTableModel::kColour).toInt();
  const QRectF area = QRectF(cell).adjusted(1, 7, -1, -7);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(colour >= 0 ? theme_->run_colour(colour) : Theme::colour(selected ? t.text2 : t.text3), 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  for (const auto& line : curve->lines) {
    QPolygonF points;
    for (const QPointF& point : line) points << QPointF(area.left() + point.x() * area.width(), area.bottom() - point.y() * area.height());
    if (points.size() == 1) painter.drawPoint(points.front());
    else painter.drawPolyline(points);
  }
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.danger));
  for (const double problem : curve->problems) {
    const double x = area.left() + problem * area.width(), y = area.top() - 1;
    painter.drawPolygon(QPolygonF({QPointF(x - 4, y + 7), QPointF(x + 4, y + 7), QPointF(x, y)}));
  }
}

void RunDelegate::paint_progress(QPainter& painter, const QRect& cell, const QModelIndex& index, bool selected) const {
  const QVariant value = index.data(RunTableModel::kValue);
  if (!value.isValid()) return paint_text(painter, cell, index, selected);
  const Tokens& t = theme_->tokens();
  const QRectF track(cell.left(), cell.center().y() - kBarHeight / 2 + 1, kBar, kBarHeight);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.track));
  painter.drawRoundedRect(track, kBarHeight / 2.0, kBarHeight / 2.0);
  QRectF done = track;
  done.setWidth(track.width() * value.toDouble());
  const Tone tone = index.data(RunTableModel::kLook).value<StatusLook>().tone;
  painter.setBrush(tone == Tone::running ? Theme::colour(t.accent) : tone_colour(*theme_, tone));
  if (done.width() > 0) painter.drawRoundedRect(done, kBarHeight / 2.0, kBarHeight / 2.0);
  paint_text(painter, cell.adjusted(kBar + kPadding, 0, 0, 0), index, selected);
}

void RunDelegate::paint_text(QPainter& painter, const QRect& cell, const QModelIndex& index, bool selected) const {
  const Tokens& t = theme_->tokens();
  const QString text = index.data().toString();
  const QVariant value = index.data(RunTableModel::kValue);
  const bool metric = kind_of(index) == ColumnKind::metric;
  std::uint32_t colour = metric ? t.text : t.text2;
  if (text == kMissing) colour = selected ? t.text2 : t.text3;
  if (metric && value.isValid() && !std::isfinite(value.toDouble())) colour = t.danger;
  painter.setPen(Theme::colour(colour));
  painter.setFont(font_of(index));
  const bool right = at_right(index);
  // Numbers are never cut; a column that is too narrow for one shows what fits of it from the left.
  const QString shown = right ? text : painter.fontMetrics().elidedText(text, Qt::ElideMiddle, cell.width());
  painter.drawText(cell, Qt::AlignVCenter | (right && painter.fontMetrics().horizontalAdvance(text) <= cell.width() ? Qt::AlignRight : Qt::AlignLeft), shown);
}

void RunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  painter->save();
  painter->setClipRect(option.rect);
  paint_ground(*painter, option, index);
  const QRect cell = option.rect.adjusted(kPadding, 0, -kPadding, -1);
  const bool selected = option.state & QStyle::State_Selected;
  switch (kind_of(index)) {
    case ColumnKind::star: {
      const bool star = index.data(RunTableModel::kValue).toBool();
      const Tokens& t = theme_->tokens();
      const QRectF place(option.rect.center().x() - kIcon / 2 + 1, option.rect.center().y() - kIcon / 2, kIcon, kIcon);
      paint_icon(*painter, place, star ? QLatin1String("star-fill") : QLatin1String("star"), Theme::colour(star ? t.warning : selected ? t.text2 : t.text3));
      break;
    }
    case ColumnKind::name: paint_name(*painter, cell, index); break;
    case ColumnKind::status: paint_status(*painter, cell, index); break;
    case ColumnKind::curve: paint_curve(*painter, cell, index, selected); break;
    case ColumnKind::progress: paint_progress(*painter, cell, index, selected); break;
    default: paint_text(*painter, cell, index, selected);
  }
  painter->restore();
}

bool RunDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) {
  if (event->type() == QEvent::MouseButtonRelease && kind_of(index) == ColumnKind::star &&
      static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton && static_cast<QMouseEvent*>(event)->modifiers() == Qt::NoModifier) {
    Q_EMIT star_clicked(index.data(RunTableModel::kId).toString());
    return true;
  }
  return QStyledItemDelegate::editorEvent(event, model, option, index);
}

}  // namespace mimir
