#include "widgets/image/image_list_model.h"

#include <QPainter>

#include "widgets/format.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kThumbnail = 46;

}  // namespace

void ImageListModel::set_images(std::vector<ListedImage> images) {
  beginResetModel();
  images_ = std::move(images);
  endResetModel();
}

int ImageListModel::row_of(std::int64_t index) const {
  const auto found = std::find_if(images_.begin(), images_.end(), [index](const ListedImage& each) { return each.index == index; });
  return found == images_.end() ? -1 : static_cast<int>(found - images_.begin());
}

QVariant ImageListModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const ListedImage& image = images_[static_cast<std::size_t>(index.row())];
  const QString said = !image.right ? QString() : *image.right ? tr("right") : tr("taken for %1").arg(image.answer);
  switch (role) {
    case Qt::DisplayRole: return image.name;
    case Qt::AccessibleTextRole: return said.isEmpty() ? image.name : tr("%1, %2").arg(image.name, said);
    case Qt::ToolTipRole: {
      QString text = tr("%1, image %2").arg(image.name).arg(image.index);
      if (!said.isEmpty()) text += QLatin1Char('\n') + said;
      if (image.margin) text += QLatin1Char('\n') + tr("margin %1").arg(number_text(-*image.margin, 3));
      return text;
    }
    default: return {};
  }
}

void ImageDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Tokens& t = theme_->tokens();
  const ListedImage& image = static_cast<const ImageListModel*>(index.model())->images()[static_cast<std::size_t>(index.row())];
  const QRect area(option.rect.left() + (option.rect.width() - kThumbnail) / 2, option.rect.top() + 4, kThumbnail, kThumbnail);
  painter->save();
  painter->setRenderHint(QPainter::SmoothPixmapTransform, false);
  painter->drawImage(area, image.picture);
  painter->setPen(Theme::colour(t.border));
  painter->drawRect(area.adjusted(-1, -1, 0, 0));
  painter->setRenderHint(QPainter::Antialiasing);
  const bool selected = option.state & QStyle::State_Selected;
  const bool focus = option.state & QStyle::State_HasFocus;
  if (selected || focus || option.state & QStyle::State_MouseOver) {
    painter->setPen(QPen(Theme::colour(focus ? t.focus : selected ? t.accent : t.borderStrong), 2));
    painter->drawRoundedRect(QRectF(area).adjusted(-3, -3, 3, 3), 3, 3);
  }
  QRectF below(option.rect.left(), area.bottom() + 5, option.rect.width(), 15);
  painter->setFont(theme_->font(font::kTick));
  QFont words = theme_->font(font::kCaption);
  words.setPixelSize(10);
  painter->setFont(words);
  const int mark = image.right ? 14 : 0;
  const QString name = painter->fontMetrics().elidedText(image.name, Qt::ElideRight, static_cast<int>(below.width()) - mark - 2);
  const double wide = mark + painter->fontMetrics().horizontalAdvance(name);
  below.setLeft(below.left() + std::max((below.width() - wide) / 2, 0.0));
  if (image.right) {
    paint_icon(*painter, QRectF(below.left(), below.top() + 2, 11, 11), QLatin1String(*image.right ? "ok" : "error"), Theme::colour(*image.right ? t.ok : t.danger));
    below.setLeft(below.left() + mark);
  }
  painter->setPen(Theme::colour(t.text2));
  painter->drawText(below, Qt::AlignVCenter | Qt::AlignLeft, name);
  painter->restore();
}

}  // namespace mimir
