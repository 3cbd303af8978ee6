#include "widgets/frame/palette_delegate.h"

#include <QPainter>
#include <QTextLayout>

#include "widgets/theme/icon.h"

namespace mimir {

PaletteDelegate::PaletteDelegate(const Theme& theme, const PaletteModel& model, QObject* parent)
    : QStyledItemDelegate(parent), theme_(&theme), model_(&model) {}

QSize PaletteDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
  return {100, row_height(index.data(PaletteModel::HeadingRole).toBool())};
}

void PaletteDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Tokens& t = theme_->tokens();
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  QRectF row(option.rect);
  const PaletteModel::Entry* entry = model_->entry(index.row());
  if (!entry) {
    painter->setFont(theme_->font({11, 600, false}));
    painter->setPen(Theme::colour(t.text3));
    painter->drawText(row.adjusted(10, 4, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, index.data().toString());
    painter->restore();
    return;
  }
  const bool selected = option.state & QStyle::State_Selected;
  if (selected) {
    painter->setPen(Qt::NoPen);
    painter->setBrush(Theme::colour(t.selection));
    painter->drawRoundedRect(row, size::kControlRadius, size::kControlRadius);
  }
  const QRectF mark(row.left() + 12, row.center().y() - 8, 16, 16);
  if (entry->kind == PaletteModel::Kind::run) {
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme_->run_colour(entry->colour));
    painter->drawEllipse(mark.center(), 4.5, 4.5);
  } else {
    paint_icon(*painter, mark, QLatin1String(entry->icon.toLatin1()), Theme::colour(selected ? t.accent : t.text2));
  }
  qreal right = row.right() - 12;
  if (!entry->keys.isEmpty()) {
    painter->setFont(theme_->font(font::kCaptionNumber));
    const qreal wide = painter->fontMetrics().horizontalAdvance(entry->keys) + 10;
    const QRectF cap(right - wide, row.center().y() - 8, wide, 17);
    painter->setPen(Qt::NoPen);
    painter->setBrush(Theme::colour(t.hover));
    painter->drawRoundedRect(cap, 4, 4);
    painter->setPen(Theme::colour(t.text2));
    painter->drawText(cap, Qt::AlignCenter, entry->keys);
    right = cap.left() - 10;
  }
  painter->setFont(theme_->font(font::kLabel));
  const QFontMetricsF small(theme_->font(font::kLabel));
  const qreal detail = std::min(small.horizontalAdvance(entry->detail) + 2, row.width() / 2);
  painter->setPen(Theme::colour(t.text2));
  painter->drawText(QRectF(right - detail, row.top(), detail, row.height()), Qt::AlignVCenter | Qt::AlignRight,
                    painter->fontMetrics().elidedText(entry->detail, Qt::ElideMiddle, static_cast<int>(detail)));
  const QRectF words(mark.right() + 12, row.top(), right - detail - 12 - mark.right() - 12, row.height());
  const QFont font = theme_->font(font::kBody);
  const QString text = QFontMetricsF(font).elidedText(entry->text, Qt::ElideMiddle, words.width());
  QTextLayout layout(text, font);
  QList<QTextLayout::FormatRange> found;
  const auto hits = index.data(PaletteModel::FoundRole).value<std::vector<int>>();
  if (text == entry->text) {
    for (const int at : hits) {
      QTextCharFormat format;
      format.setForeground(Theme::colour(t.accent));
      format.setFontWeight(QFont::Medium);
      found.push_back({at, 1, format});
    }
  }
  layout.setFormats(found);
  layout.beginLayout();
  QTextLine line = layout.createLine();
  layout.endLayout();
  painter->setPen(Theme::colour(t.text));
  layout.draw(painter, QPointF(words.left(), words.center().y() - line.height() / 2));
  painter->restore();
}

}  // namespace mimir
