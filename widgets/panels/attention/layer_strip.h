#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "widgets/image/cell_grid.h"
#include "widgets/panels/attention/attention_maps.h"

namespace mimir {

/// What the strip shows of every layer.
struct LayerView {
  std::shared_ptr<const AttentionMaps> maps;
  MapQuery query;                            ///< its layer is the selected one; kinds that are no maps of a layer show attention
  std::optional<MapScale> shared;            ///< of clean and adversarial maps; none: each has its own
  std::optional<MapScale> shared_difference;
};

/// One head through the layers: clean, adversarial and difference maps, and what the final head would answer there. A column is a
/// layer; arrows move, a click or Return selects.
class LayerStrip : public QWidget, public CellGrid {
  Q_OBJECT

 public:
  explicit LayerStrip(Theme& theme, QWidget* parent = nullptr);

  void show_layers(LayerView view);
  void clear() { show_layers({}); }
  /// Left of the columns, px; a plot above lines up with it.
  static constexpr int kLabels = 92;
  double column_width() const;

  int cell_rows() const override { return view_.maps ? (view_.maps->attacked() ? 3 : 1) : 0; }
  int cell_columns() const override { return view_.maps ? view_.maps->layers() : 0; }
  QString cell_text(int row, int column) const override;
  QRect cell_rect(int row, int column) const override;
  int current_cell() const override { return view_.maps ? row_ * view_.maps->layers() + view_.query.layer : -1; }

  QSize sizeHint() const override { return {700, 240}; }
  QSize minimumSizeHint() const override { return {360, 180}; }

 Q_SIGNALS:
  /// By the user.
  void layer_chosen(int layer);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  int row_height() const;
  int side() const;
  void draw();
  void paint_answer(QPainter& painter, int layer, Side side, const QRect& below);
  int layer_at(double x) const;

  Theme* theme_;
  LayerView view_;
  std::vector<QImage> images_;  ///< [rows, layers]
  int row_ = 0;
};

}  // namespace mimir
