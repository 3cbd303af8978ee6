#pragma once

#include <QStyledItemDelegate>

#include "widgets/frame/palette_model.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// Draws an answer of the palette: icon or the run's dot, text with what was found in the accent, detail, shortcut.
class PaletteDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  PaletteDelegate(const Theme& theme, const PaletteModel& model, QObject* parent);
  static int row_height(bool heading) { return heading ? 26 : 36; }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  const Theme* theme_;
  const PaletteModel* model_;
};

}  // namespace mimir
