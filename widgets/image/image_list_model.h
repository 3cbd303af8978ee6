#pragma once

#include <QAbstractListModel>
#include <QImage>
#include <QStyledItemDelegate>
#include <optional>
#include <vector>

#include "widgets/theme/theme.h"

namespace mimir {

/// A picture of a page, with what a model says of it.
struct ListedImage {
  std::int64_t index = 0;      ///< in the split
  QString name;                ///< of its class
  std::optional<bool> right;   ///< none: the model classifies nothing
  QString answer;              ///< the class it is taken for
  std::optional<double> margin;
  QImage picture;
};

class ImageListModel : public QAbstractListModel {
  Q_OBJECT

 public:
  using QAbstractListModel::QAbstractListModel;
  void set_images(std::vector<ListedImage> images);
  const std::vector<ListedImage>& images() const { return images_; }
  /// -1: not on the page.
  int row_of(std::int64_t index) const;

  int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(images_.size()); }
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  std::vector<ListedImage> images_;
};

/// A thumbnail without smoothing; icon and class below it.
class ImageDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  static constexpr QSize kCell{64, 72};

  explicit ImageDelegate(Theme& theme, QObject* parent = nullptr) : QStyledItemDelegate(parent), theme_(&theme) {}
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return kCell; }

 private:
  Theme* theme_;
};

}  // namespace mimir
