#include "widgets/image/patch_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <set>

namespace mimir {

PatchView::PatchView(Theme& theme, QWidget* parent) : PictureView(theme, parent) { set_patches(0); }

void PatchView::set_patches(int grid) {
  patches_ = grid;
  if (cursor_ >= grid * grid) cursor_ = 0;
  setFocusPolicy(grid > 0 ? Qt::StrongFocus : Qt::NoFocus);
  update();
}

void PatchView::set_cursor_patch(int patch) {
  if (patch == cursor_ || patch < 0 || patch >= patches_ * patches_) return;
  cursor_ = patch;
  announce_cell(this, patch);
  update();
}

QString PatchView::cell_text(int row, int column) const {
  const int patch = row * patches_ + column;
  const QString place = tr("row %1, column %2").arg(row).arg(column);
  const QString word = patch < words_.size() ? words_[patch] : removed(patch) ? tr("masked") : tr("visible");
  return tr("%1, %2").arg(place, word);
}

bool PatchView::removed(int patch) const {
  const auto& mask = removed_.empty() ? hatched() : removed_;
  return static_cast<std::size_t>(patch) < mask.size() && mask[static_cast<std::size_t>(patch)];
}

std::optional<int> PatchView::patch_at(const QPointF& position, bool clamped) const {
  if (patches_ < 1) return std::nullopt;
  const QRect area = picture_area();
  const double side = static_cast<double>(area.width()) / patches_;
  int column = static_cast<int>(std::floor((position.x() - area.left()) / side));
  int row = static_cast<int>(std::floor((position.y() - area.top()) / side));
  if (clamped) {
    column = std::clamp(column, 0, patches_ - 1);
    row = std::clamp(row, 0, patches_ - 1);
  }
  if (row < 0 || column < 0 || row >= patches_ || column >= patches_) return std::nullopt;
  return row * patches_ + column;
}

void PatchView::act(int patch, bool begins) {
  if (tool_ == PatchTool::pick) {
    Q_EMIT patch_picked(patch);
    return;
  }
  if (begins) sense_ = tool_ != PatchTool::eraser && !removed(patch);
  if (removed(patch) != sense_ || begins) Q_EMIT patches_painted({patch}, sense_, begins);
}

void PatchView::mousePressEvent(QMouseEvent* event) {
  const auto patch = patch_at(event->position(), false);
  if (event->button() != Qt::LeftButton || !patch) return PictureView::mousePressEvent(event);
  set_cursor_patch(*patch);
  first_ = *patch;
  last_ = event->position();
  if (tool_ == PatchTool::rectangle || tool_ == PatchTool::lasso) {
    sense_ = !removed(*patch);
    path_ = QPolygonF{event->position()};
    update();
  } else {
    act(*patch, true);
  }
}

void PatchView::mouseMoveEvent(QMouseEvent* event) {
  PictureView::mouseMoveEvent(event);
  Q_EMIT patch_hovered(patch_at(event->position(), false));
  if (first_ < 0 || tool_ == PatchTool::pick) return;
  if (tool_ == PatchTool::lasso) path_.append(event->position());
  if (tool_ == PatchTool::rectangle || tool_ == PatchTool::lasso) {
    last_ = event->position();
    update();
    return;
  }
  // Every patch on the way: a fast pointer leaves none out.
  std::vector<int> on_the_way;
  const QPointF way = event->position() - last_;
  const double side = static_cast<double>(picture_area().width()) / patches_;
  const int steps = 1 + static_cast<int>(4 * std::hypot(way.x(), way.y()) / side);
  for (int i = 1; i <= steps; ++i) {
    const auto patch = patch_at(last_ + way * i / steps, true);
    if (patch && removed(*patch) != sense_ && std::find(on_the_way.begin(), on_the_way.end(), *patch) == on_the_way.end()) on_the_way.push_back(*patch);
    if (patch) set_cursor_patch(*patch);
  }
  last_ = event->position();
  if (!on_the_way.empty()) Q_EMIT patches_painted(on_the_way, sense_, false);
}

void PatchView::mouseReleaseEvent(QMouseEvent* event) {
  if (first_ < 0) return PictureView::mouseReleaseEvent(event);
  std::vector<int> chosen;
  if (tool_ == PatchTool::rectangle) chosen = boxed(first_, patch_at(event->position(), true).value_or(first_));
  if (tool_ == PatchTool::lasso) chosen = encircled();
  first_ = -1;
  path_.clear();
  update();
  if (!chosen.empty()) Q_EMIT patches_painted(chosen, sense_, true);
}

std::vector<int> PatchView::boxed(int from, int to) const {
  const int top = std::min(from / patches_, to / patches_), bottom = std::max(from / patches_, to / patches_);
  const int left = std::min(from % patches_, to % patches_), right = std::max(from % patches_, to % patches_);
  std::vector<int> patches;
  for (int row = top; row <= bottom; ++row) {
    for (int column = left; column <= right; ++column) patches.push_back(row * patches_ + column);
  }
  return patches;
}

std::vector<int> PatchView::encircled() const {
  // Whose centre lies inside, and those that the line itself crosses.
  std::set<int> patches;
  for (const QPointF& point : path_) {
    if (const auto patch = patch_at(point, true)) patches.insert(*patch);
  }
  for (int patch = 0; patch < patches_ * patches_; ++patch) {
    if (path_.containsPoint(patch_area(patch, patches_).center(), Qt::OddEvenFill)) patches.insert(patch);
  }
  return {patches.begin(), patches.end()};
}

void PatchView::leaveEvent(QEvent* event) {
  PictureView::leaveEvent(event);
  Q_EMIT patch_hovered(std::nullopt);
}

void PatchView::keyPressEvent(QKeyEvent* event) {
  const bool acts = event->key() == Qt::Key_Space || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (patches_ > 0 && acts) return act(cursor_, true);
  const int next = cell_after_key(event->key(), cursor_, patches_, patches_);
  if (patches_ < 1 || next < 0) return PictureView::keyPressEvent(event);
  set_cursor_patch(next);
  // Shift goes on with what Space has begun.
  if (event->modifiers() & Qt::ShiftModifier && tool_ != PatchTool::pick) act(next, false);
  Q_EMIT patch_hovered(next);
}

void PatchView::focusInEvent(QFocusEvent* event) {
  PictureView::focusInEvent(event);
  update();
}

void PatchView::focusOutEvent(QFocusEvent* event) {
  PictureView::focusOutEvent(event);
  update();
}

void PatchView::paint_over(QPainter& painter, const QRect& area) {
  if (patches_ < 1) return;
  if (hasFocus()) {
    painter.setPen(QPen(Theme::colour(theme().tokens().focus), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(area).adjusted(-3, -3, 3, 3), 3, 3);
    paint_mark(painter, patch_area(cursor_, patches_));
  }
  if (first_ < 0) return;
  if (tool_ == PatchTool::rectangle) {
    const int to = patch_at(last_, true).value_or(first_);
    paint_mark(painter, patch_area(first_, patches_).united(patch_area(to, patches_)));
  } else if (tool_ == PatchTool::lasso) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Qt::black, 4));
    painter.drawPolyline(path_);
    painter.setPen(QPen(Qt::white, 2));
    painter.drawPolyline(path_);
  }
}

}  // namespace mimir
