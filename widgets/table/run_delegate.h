#pragma once

#include <QStyledItemDelegate>

#include "widgets/theme/theme.h"

namespace mimir {

/// Paints every cell of a RunTable: star, name with the run's colour, status pill, progress bar, numbers in digits of
/// one width. Reads RunTableModel's roles.
class RunDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  explicit RunDelegate(Theme& theme, QObject* parent = nullptr);

  /// Of the row under the pointer; -1: none.
  void set_hovered(int row) { hovered_ = row; }
  /// Wide enough for what the cell shows.
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 Q_SIGNALS:
  void star_clicked(const QString& id);

 protected:
  bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) override;

 private:
  void paint_ground(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const;
  void paint_name(QPainter& painter, const QRect& cell, const QModelIndex& index) const;
  void paint_status(QPainter& painter, const QRect& cell, const QModelIndex& index) const;
  void paint_curve(QPainter& painter, const QRect& cell, const QModelIndex& index, bool selected) const;
  void paint_progress(QPainter& painter, const QRect& cell, const QModelIndex& index, bool selected) const;
  void paint_text(QPainter& painter, const QRect& cell, const QModelIndex& index, bool selected) const;
  QFont font_of(const QModelIndex& index) const;

  Theme* theme_;
  int hovered_ = -1;
};

}  // namespace mimir
