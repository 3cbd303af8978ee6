#pragma once

#include <QRect>
#include <QString>

class QWidget;

namespace mimir {

/// A painted widget made of rows and columns of cells says through this what stands in them: a screen reader finds a table.
/// The widget derives from QWidget and from this, and calls announce_cell() when the current cell moves.
class CellGrid {
 public:
  virtual ~CellGrid() = default;
  virtual int cell_rows() const = 0;
  virtual int cell_columns() const = 0;
  /// "layer 3, head 1, largest 0.053"
  virtual QString cell_text(int row, int column) const = 0;
  /// In the widget's own pixels.
  virtual QRect cell_rect(int row, int column) const = 0;
  /// row * columns + column; -1: none.
  virtual int current_cell() const = 0;
};

/// Tells assistive programs where the cursor of the grid is now.
void announce_cell(QWidget* grid, int cell);

/// The cell that an arrow, Home or End leads to from `cell`; `cell` itself at an edge; -1 for another key.
int cell_after_key(int key, int cell, int rows, int columns);

}  // namespace mimir
