#pragma once

#include <QImage>
#include <QWidget>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "widgets/image/cell_grid.h"
#include "widgets/image/heat_map.h"

namespace mimir {

/// Maps of one size in rows and columns, such as those of every layer and head.
struct MapTable {
  int rows = 0;
  int columns = 0;
  int grid = 0;               ///< a map is grid x grid
  std::vector<float> values;  ///< [rows, columns, grid * grid]

  std::size_t map_size() const { return static_cast<std::size_t>(grid) * static_cast<std::size_t>(grid); }
  std::span<const float> map(int row, int column) const {
    return std::span(values).subspan(static_cast<std::size_t>(row * columns + column) * map_size(), map_size());
  }
};

/// Thumbnails of a MapTable, painted as one widget. Arrows, Home and End move the current one, Return opens it; the value under
/// the pointer is told.
class MapGrid : public QWidget, public CellGrid {
  Q_OBJECT

 public:
  /// "layer" and "head": what rows and columns are.
  MapGrid(Theme& theme, const QString& row_word, const QString& column_word, QWidget* parent = nullptr);

  /// `shared`: the scale of all; none: each map has its own, from 0 or symmetric (`is_signed`) to its largest.
  void set_maps(std::shared_ptr<const MapTable> maps, std::optional<MapScale> shared, bool is_signed);
  void set_current(int row, int column);
  /// The width at which the maps are as large as this height lets them be.
  int width_for(int height) const;
  int row() const { return row_; }
  int column() const { return column_; }
  MapScale scale_of(int row, int column) const;
  const MapTable* maps() const { return maps_.get(); }

  int cell_rows() const override { return maps_ ? maps_->rows : 0; }
  int cell_columns() const override { return maps_ ? maps_->columns : 0; }
  QString cell_text(int row, int column) const override;
  QRect cell_rect(int row, int column) const override;
  int current_cell() const override { return maps_ ? row_ * maps_->columns + column_ : -1; }

  QSize sizeHint() const override { return {340, 500}; }
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  /// By the user.
  void current_changed(int row, int column);
  void opened();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  void draw();
  int cell_at(const QPoint& position) const;
  void move_to(int cell);

  Theme* theme_;
  QString row_word_, column_word_;
  std::shared_ptr<const MapTable> maps_;
  std::optional<MapScale> shared_;
  bool is_signed_ = false;
  QImage atlas_;  ///< all maps, one pixel a value
  int row_ = 0, column_ = 0;
};

}  // namespace mimir
