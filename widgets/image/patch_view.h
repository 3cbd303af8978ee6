#pragma once

#include <QPolygonF>

#include "widgets/image/cell_grid.h"
#include "widgets/image/picture_view.h"

namespace mimir {

/// What a press on a patch means.
enum class PatchTool {
  pick,       ///< click: this patch
  brush,      ///< drag: what the first patch was not
  eraser,     ///< drag: visible again
  rectangle,  ///< drag a box: what its first patch was not
  lasso,      ///< drag around: what the first patch was not
};

/// A picture whose patches can be pointed at. The keyboard does all of it too: arrows move a cursor, Space or Return acts on its
/// patch, with Shift and the arrows a brush, an eraser or a box goes on.
class PatchView : public PictureView, public CellGrid {
  Q_OBJECT

 public:
  explicit PatchView(Theme& theme, QWidget* parent = nullptr);

  /// 0: nothing can be pointed at.
  void set_patches(int grid);
  void set_tool(PatchTool tool) { tool_ = tool; }
  PatchTool tool() const { return tool_; }
  /// What the cells say to a screen reader, one for each patch; empty: "masked" or "visible".
  void set_patch_words(QStringList words) { words_ = std::move(words); }
  /// What counts as removed where it is not what is hatched; row-major, empty: what is hatched.
  void set_removed(std::vector<bool> removed) { removed_ = std::move(removed); }
  int cursor() const { return cursor_; }
  void set_cursor_patch(int patch);

  QSize minimumSizeHint() const override { return {120, 170}; }

  int cell_rows() const override { return patches_; }
  int cell_columns() const override { return patches_; }
  QString cell_text(int row, int column) const override;
  QRect cell_rect(int row, int column) const override { return patch_area(row * patches_ + column, std::max(patches_, 1)).toRect(); }
  int current_cell() const override { return patches_ > 0 ? cursor_ : -1; }

 Q_SIGNALS:
  /// By the pick tool.
  void patch_picked(int patch);
  /// By the other tools: `patches` become removed or visible; `begins`: the first of a gesture.
  void patches_painted(const std::vector<int>& patches, bool removed, bool begins);
  void patch_hovered(std::optional<int> patch);

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void paint_over(QPainter& painter, const QRect& area) override;

 private:
  std::optional<int> patch_at(const QPointF& position, bool clamped) const;
  bool removed(int patch) const;
  void act(int patch, bool begins);
  std::vector<int> boxed(int from, int to) const;
  std::vector<int> encircled() const;

  PatchTool tool_ = PatchTool::pick;
  int patches_ = 0;
  int cursor_ = 0;
  int first_ = -1;      ///< patch of the press; -1: nothing is dragged
  QPointF last_;
  bool sense_ = true;   ///< what the gesture makes of patches
  QPolygonF path_;      ///< of the lasso
  QStringList words_;
  std::vector<bool> removed_;
};

}  // namespace mimir
