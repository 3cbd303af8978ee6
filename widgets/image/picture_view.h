#pragma once

#include <QImage>
#include <QWidget>
#include <optional>
#include <vector>

#include "widgets/theme/theme.h"

namespace mimir {

/// A picture enlarged without interpolation, with a caption above (name left, how it was made right) and facts below.
/// Masked patches and patches without a value are hatched. The pixel under the pointer is outlined; views that are
/// told of each other's pixel outline the same one.
class PictureView : public QWidget {
  Q_OBJECT

 public:
  explicit PictureView(Theme& theme, QWidget* parent = nullptr);

  void set_caption(const QString& name, const QString& how);
  /// A null image shows `missing` in a dashed frame.
  void set_picture(const QImage& image, const QString& missing = {});
  /// Row-major, a true one is hatched; `grid` patches a side. Empty: none.
  void set_hatched(std::vector<bool> patches, int grid);
  void set_facts(const QString& facts);
  void set_pixel(std::optional<QPoint> pixel);
  const QImage& picture() const { return image_; }

  QSize sizeHint() const override { return {240, 300}; }
  QSize minimumSizeHint() const override { return {160, 220}; }

 Q_SIGNALS:
  /// By the pointer; none when it leaves.
  void pixel_hovered(std::optional<QPoint> pixel);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  QRect picture_area() const;

  Theme* theme_;
  QString name_, how_, facts_, missing_;
  QImage image_;
  std::vector<bool> hatched_;
  int grid_ = 0;
  std::optional<QPoint> pixel_;
};

}  // namespace mimir
