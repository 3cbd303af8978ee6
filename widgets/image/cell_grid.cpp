#include "widgets/image/cell_grid.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QWidget>
#include <algorithm>
#include <map>

namespace mimir {
namespace {

const CellGrid* cells_of(QObject* object) { return dynamic_cast<const CellGrid*>(object); }

class CellAccessible final : public QAccessibleInterface {
 public:
  CellAccessible(QWidget* grid, int cell) : grid_(grid), cell_(cell) {}

  bool isValid() const override { return cell_ < cells_of(grid_)->cell_rows() * cells_of(grid_)->cell_columns(); }
  QObject* object() const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(grid_); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QString text(QAccessible::Text kind) const override {
    const int columns = cells_of(grid_)->cell_columns();
    return kind == QAccessible::Name && isValid() ? cells_of(grid_)->cell_text(cell_ / columns, cell_ % columns) : QString();
  }
  void setText(QAccessible::Text, const QString&) override {}
  QRect rect() const override {
    if (!isValid()) return {};
    const int columns = cells_of(grid_)->cell_columns();
    const QRect local = cells_of(grid_)->cell_rect(cell_ / columns, cell_ % columns);
    return {grid_->mapToGlobal(local.topLeft()), local.size()};
  }
  QAccessible::Role role() const override { return QAccessible::Cell; }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.selectable = state.focusable = true;
    state.selected = state.focused = cells_of(grid_)->current_cell() == cell_;
    return state;
  }

 private:
  QWidget* grid_;
  int cell_;
};

class CellsAccessible final : public QAccessibleWidget {
 public:
  explicit CellsAccessible(QWidget* grid) : QAccessibleWidget(grid, QAccessible::Table, grid->accessibleName()) {}
  ~CellsAccessible() override {
    for (const auto& [cell, id] : made_) QAccessible::deleteAccessibleInterface(id);
  }

  int childCount() const override { return cells_of(object())->cell_rows() * cells_of(object())->cell_columns(); }
  QAccessibleInterface* child(int index) const override {
    if (index < 0 || index >= childCount()) return nullptr;
    auto& id = made_[index];
    if (!id) id = QAccessible::registerAccessibleInterface(new CellAccessible(widget(), index));
    return QAccessible::accessibleInterface(id);
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    for (const auto& [cell, id] : made_) {
      if (QAccessible::accessibleInterface(id) == child) return cell;
    }
    return -1;
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    const CellGrid* grid = cells_of(object());
    const QPoint local = widget()->mapFromGlobal(QPoint(x, y));
    for (int i = 0; i < childCount(); ++i) {
      if (grid->cell_rect(i / grid->cell_columns(), i % grid->cell_columns()).contains(local)) return child(i);
    }
    return nullptr;
  }
  QAccessibleInterface* focusChild() const override { return child(cells_of(object())->current_cell()); }

 private:
  mutable std::map<int, QAccessible::Id> made_;
};

QAccessibleInterface* make_accessible(const QString&, QObject* object) {
  auto* widget = qobject_cast<QWidget*>(object);
  return widget && cells_of(object) ? new CellsAccessible(widget) : nullptr;
}

const bool installed = (QAccessible::installFactory(make_accessible), true);

}  // namespace

void announce_cell(QWidget* grid, int cell) {
  QAccessibleEvent event(grid, QAccessible::Focus);
  event.setChild(cell);
  QAccessible::updateAccessibility(&event);
}

int cell_after_key(int key, int cell, int rows, int columns) {
  if (rows < 1 || columns < 1) return -1;
  const int row = std::max(cell, 0) / columns, column = std::max(cell, 0) % columns;
  const auto at = [&](int r, int c) { return std::clamp(r, 0, rows - 1) * columns + std::clamp(c, 0, columns - 1); };
  switch (key) {
    case Qt::Key_Left: return at(row, column - 1);
    case Qt::Key_Right: return at(row, column + 1);
    case Qt::Key_Up: return at(row - 1, column);
    case Qt::Key_Down: return at(row + 1, column);
    case Qt::Key_Home: return at(row, 0);
    case Qt::Key_End: return at(row, columns - 1);
    default: return -1;
  }
}

}  // namespace mimir
