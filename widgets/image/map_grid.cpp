#include "widgets/image/map_grid.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kRowNumbers = 30;     ///< px, left of the maps
constexpr int kColumnNumbers = 20;  ///< px, above them
constexpr int kGap = 6;
constexpr int kLargestGap = 14;     ///< between columns where there is room
constexpr int kLargestRowGap = 44;  ///< between rows
constexpr int kLeastSide = 12;

}  // namespace

MapGrid::MapGrid(Theme& theme, const QString& row_word, const QString& column_word, QWidget* parent)
    : QWidget(parent), theme_(&theme), row_word_(row_word), column_word_(column_word) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setAccessibleName(tr("Maps by %1 and %2").arg(row_word, column_word));
  connect(&theme, &Theme::changed, this, [this] {
    draw();
    update();
  });
}

void MapGrid::set_maps(std::shared_ptr<const MapTable> maps, std::optional<MapScale> shared, bool is_signed) {
  maps_ = std::move(maps);
  shared_ = shared;
  is_signed_ = is_signed;
  if (maps_) {
    row_ = std::clamp(row_, 0, std::max(maps_->rows - 1, 0));
    column_ = std::clamp(column_, 0, std::max(maps_->columns - 1, 0));
  }
  draw();
  updateGeometry();
  update();
}

void MapGrid::set_current(int row, int column) {
  if (!maps_) return;
  row = std::clamp(row, 0, maps_->rows - 1);
  column = std::clamp(column, 0, maps_->columns - 1);
  if (row == row_ && column == column_) return;
  row_ = row;
  column_ = column;
  announce_cell(this, current_cell());
  update();
}

MapScale MapGrid::scale_of(int row, int column) const {
  if (shared_) return *shared_;
  const double largest = largest_magnitude(maps_->map(row, column));
  return is_signed_ ? MapScale::symmetric(largest) : MapScale::magnitude(largest);
}

void MapGrid::draw() {
  atlas_ = QImage();
  if (!maps_ || maps_->rows * maps_->columns == 0) return;
  const int grid = maps_->grid;
  atlas_ = QImage(maps_->columns * grid, maps_->rows * grid, QImage::Format_ARGB32);
  atlas_.fill(0);
  for (int row = 0; row < maps_->rows; ++row) {
    for (int column = 0; column < maps_->columns; ++column) {
      const QImage map = heat_map(maps_->map(row, column), grid, scale_of(row, column), *theme_);
      for (int y = 0; y < grid; ++y) {
        std::copy_n(reinterpret_cast<const QRgb*>(map.constScanLine(y)), grid, reinterpret_cast<QRgb*>(atlas_.scanLine(row * grid + y)) + column * grid);
      }
    }
  }
}

QRect MapGrid::cell_rect(int row, int column) const {
  if (!maps_ || maps_->rows * maps_->columns == 0) return {};
  const int across = (width() - kRowNumbers) / maps_->columns, down = (height() - kColumnNumbers) / maps_->rows;
  int side = std::max(std::min(across, down) - kGap, kLeastSide);
  if (side > 3 * maps_->grid) side -= side % maps_->grid;  // whole pixels for each patch
  const int x_step = std::min(across, side + kLargestGap), y_step = std::min(down, side + kLargestRowGap);
  return {kRowNumbers + column * x_step + 3, kColumnNumbers + row * y_step + 3, side, side};
}

int MapGrid::width_for(int height) const {
  if (!maps_ || maps_->rows < 1) return 0;
  return kRowNumbers + maps_->columns * ((height - kColumnNumbers) / maps_->rows);
}

QSize MapGrid::minimumSizeHint() const {
  const int rows = maps_ ? maps_->rows : 4, columns = maps_ ? maps_->columns : 4;
  return {kRowNumbers + columns * (kLeastSide + kGap), kColumnNumbers + rows * (kLeastSide + kGap)};
}

QString MapGrid::cell_text(int row, int column) const {
  const auto map = maps_->map(row, column);
  const auto largest = std::max_element(map.begin(), map.end(), [](float a, float b) { return std::abs(a) < std::abs(b) || std::isnan(a); });
  const int patch = static_cast<int>(largest - map.begin());
  return tr("%1 %2, %3 %4, largest %5 at row %6, column %7")
      .arg(row_word_).arg(row).arg(column_word_).arg(column).arg(number_text(*largest, 2)).arg(patch / maps_->grid).arg(patch % maps_->grid);
}

int MapGrid::cell_at(const QPoint& position) const {
  for (int i = 0; i < cell_rows() * cell_columns(); ++i) {
    if (cell_rect(i / maps_->columns, i % maps_->columns).adjusted(-2, -2, 2, 2).contains(position)) return i;
  }
  return -1;
}

void MapGrid::move_to(int cell) {
  if (cell < 0 || cell == current_cell()) return;
  set_current(cell / maps_->columns, cell % maps_->columns);
  Q_EMIT current_changed(row_, column_);
}

void MapGrid::paintEvent(QPaintEvent*) {
  if (atlas_.isNull()) return;
  QPainter painter(this);
  const Tokens& t = theme_->tokens();
  painter.setFont(theme_->font(font::kTick));
  const int grid = maps_->grid;
  for (int column = 0; column < maps_->columns; ++column) {
    const QRect cell = cell_rect(0, column);
    painter.setPen(Theme::colour(column == column_ ? t.text : t.text3));
    painter.drawText(QRect(cell.left(), 0, cell.width(), kColumnNumbers - 4), Qt::AlignCenter, QString::number(column));
  }
  for (int row = 0; row < maps_->rows; ++row) {
    const QRect first = cell_rect(row, 0);
    painter.setPen(Theme::colour(row == row_ ? t.text : t.text3));
    painter.drawText(QRect(0, first.top(), kRowNumbers - 10, first.height()), Qt::AlignRight | Qt::AlignVCenter, QString::number(row));
    for (int column = 0; column < maps_->columns; ++column) {
      const QRect cell = cell_rect(row, column);
      painter.drawImage(cell, atlas_, QRect(column * grid, row * grid, grid, grid));
      if (is_signed_) {
        painter.setPen(QPen(Theme::colour(t.border), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cell.adjusted(-1, -1, 0, 0));
      }
    }
  }
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(Theme::colour(hasFocus() ? t.focus : t.accent), 2));
  painter.drawRoundedRect(QRectF(cell_rect(row_, column_)).adjusted(-3, -3, 3, 3), 3, 3);
}

void MapGrid::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) move_to(cell_at(event->position().toPoint()));
}

void MapGrid::mouseDoubleClickEvent(QMouseEvent* event) {
  if (cell_at(event->position().toPoint()) >= 0) Q_EMIT opened();
}

void MapGrid::mouseMoveEvent(QMouseEvent* event) {
  const int cell = cell_at(event->position().toPoint());
  if (cell < 0) {
    QToolTip::hideText();
    return;
  }
  const int row = cell / maps_->columns, column = cell % maps_->columns, grid = maps_->grid;
  const QRect area = cell_rect(row, column);
  const int x = std::clamp((event->position().toPoint().x() - area.left()) * grid / area.width(), 0, grid - 1);
  const int y = std::clamp((event->position().toPoint().y() - area.top()) * grid / area.height(), 0, grid - 1);
  QToolTip::showText(event->globalPosition().toPoint(),
                     tr("%1 %2, %3 %4\nrow %5, column %6: %7").arg(row_word_).arg(row).arg(column_word_).arg(column).arg(y).arg(x)
                         .arg(number_text(maps_->map(row, column)[static_cast<std::size_t>(y * grid + x)], 3)), this);
}

void MapGrid::keyPressEvent(QKeyEvent* event) {
  if (maps_ && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
    Q_EMIT opened();
    return;
  }
  const int next = maps_ ? cell_after_key(event->key(), current_cell(), maps_->rows, maps_->columns) : -1;
  if (next < 0) return QWidget::keyPressEvent(event);
  move_to(next);
}

void MapGrid::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void MapGrid::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace mimir
