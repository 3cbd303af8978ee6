#pragma once

#include <QImage>
#include <QWidget>
#include <optional>
#include <vector>

#include "widgets/image/heat_map.h"
#include "widgets/theme/status.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// A picture enlarged without interpolation, with a caption above (name left, how it was made right) and facts below.
/// A map may lie over it, removed patches and patches without a value are hatched, one patch can be marked. The pixel under
/// the pointer is outlined; views that are told of each other's pixel outline the same one.
class PictureView : public QWidget {
  Q_OBJECT

 public:
  explicit PictureView(Theme& theme, QWidget* parent = nullptr);

  void set_caption(const QString& name, const QString& how);
  /// A null image shows `missing` in a dashed frame.
  void set_picture(const QImage& image, const QString& missing = {});
  /// Stretched over the picture; transparent where it has no value. A null image: none. opacity: 0 to 1.
  void set_overlay(const QImage& map, double opacity = 1);
  /// Row-major, a true one is hatched; `grid` patches a side. Empty: none.
  void set_hatched(std::vector<bool> patches, int grid);
  /// Thin lines between the patches.
  void set_patch_lines(bool lines);
  /// The patch that everything is asked from; none: no mark.
  void set_marked_patch(std::optional<int> patch, int grid);
  /// Lines below the picture; what stands behind a tab in a line is at the right.
  void set_facts(const QString& facts);
  /// Stands below the picture, at the right of the answer if there is one, else over the whole width.
  void set_scale(std::optional<MapScale> scale);
  /// What a model answers, below the picture: icon, name, and a number beside it. An empty name: nothing.
  void set_answer(Tone tone, QLatin1String icon, const QString& name, const QString& number);
  void set_pixel(std::optional<QPoint> pixel);
  /// What is shown answers an older question: it is dimmed.
  void set_stale(bool stale);

  const QImage& picture() const { return image_; }
  const std::vector<bool>& hatched() const { return hatched_; }
  int grid() const { return grid_; }

  /// The height at which a view of this width has nothing to spare below its picture.
  int height_for(int width) const;
  /// The least height at which the picture is as large as in a view of this size.
  int height_within(const QSize& size) const;
  QSize sizeHint() const override { return {240, 300}; }
  QSize minimumSizeHint() const override { return {160, 220}; }

 Q_SIGNALS:
  /// By the pointer; none when it leaves.
  void pixel_hovered(std::optional<QPoint> pixel);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  /// Above the picture, for what a derived view has to say.
  virtual void paint_over(QPainter&, const QRect&) {}

  QRect picture_area() const;
  QRectF patch_area(int patch, int grid) const;
  Theme& theme() const { return *theme_; }

 private:
  int picture_side(int width, int height) const;
  void paint_picture(QPainter& painter, const QRect& area);
  void paint_facts(QPainter& painter, const QRect& area);

  Theme* theme_;
  QString name_, how_, facts_, missing_, answer_, number_;
  Tone tone_ = Tone::neutral;
  QLatin1String answer_icon_;
  QImage image_, overlay_;
  double opacity_ = 1;
  std::vector<bool> hatched_;
  int grid_ = 0;
  bool lines_ = false;
  bool stale_ = false;
  std::optional<int> marked_;
  int marked_grid_ = 1;
  std::optional<MapScale> scale_;
  std::optional<QPoint> pixel_;
};

/// 4 px black under 2 px white: a mark that reads on any picture.
void paint_mark(QPainter& painter, const QRectF& rect);

}  // namespace mimir
