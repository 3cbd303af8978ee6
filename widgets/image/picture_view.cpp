#include "widgets/image/picture_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kCaption = 24;
constexpr int kFacts = 34;
constexpr int kHatch = 7;  ///< px, the period

}  // namespace

PictureView::PictureView(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PictureView::set_caption(const QString& name, const QString& how) {
  name_ = name;
  how_ = how;
  setAccessibleName(name);
  update();
}

void PictureView::set_picture(const QImage& image, const QString& missing) {
  image_ = image;
  missing_ = missing;
  update();
}

void PictureView::set_hatched(std::vector<bool> patches, int grid) {
  hatched_ = std::move(patches);
  grid_ = grid;
  update();
}

void PictureView::set_facts(const QString& facts) {
  facts_ = facts;
  setAccessibleDescription(facts);
  update();
}

void PictureView::set_pixel(std::optional<QPoint> pixel) {
  if (pixel_ == pixel) return;
  pixel_ = pixel;
  update();
}

QRect PictureView::picture_area() const {
  const int room = std::min(width() - 2, height() - kCaption - kFacts - 2);
  int side = std::max(room, 16);
  if (!image_.isNull() && side >= image_.width()) {
    // Whole device pixels for each pixel of the image.
    const int device = static_cast<int>(side * devicePixelRatioF()) / image_.width() * image_.width();
    side = static_cast<int>(device / devicePixelRatioF());
  }
  return {(width() - side) / 2, kCaption + 1, side, side};
}

void PictureView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Tokens& t = theme_->tokens();
  const QRect area = picture_area();
  const QFont heading = theme_->font(font::kHeading), caption = theme_->font(font::kCaption);
  painter.setFont(heading);
  painter.setPen(Theme::colour(t.text));
  painter.drawText(QRect(area.left(), 0, area.width(), kCaption - 4), Qt::AlignVCenter, name_);
  const int name_width = QFontMetrics(heading).horizontalAdvance(name_) + 8;
  painter.setFont(caption);
  painter.setPen(Theme::colour(t.text3));
  const int how_room = area.width() - name_width;
  painter.drawText(QRect(area.left() + name_width, 0, how_room, kCaption - 4), Qt::AlignVCenter | Qt::AlignRight, QFontMetrics(caption).elidedText(how_, Qt::ElideRight, how_room));

  if (image_.isNull()) {
    painter.setPen(QPen(Theme::colour(t.border), 1, Qt::DashLine));
    painter.drawRect(area.adjusted(0, 0, -1, -1));
    paint_icon(painter, QRectF(area.center().x() - 8, area.center().y() - 22, 16, 16), QLatin1String("clock"), Theme::colour(t.text3));
    painter.setPen(Theme::colour(t.text3));
    painter.drawText(area.adjusted(8, 12, -8, 0), Qt::AlignCenter | Qt::TextWordWrap, missing_);
  } else {
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(area, image_);
    if (grid_ > 0) {
      const double side = static_cast<double>(area.width()) / grid_;
      painter.save();
      painter.setRenderHint(QPainter::Antialiasing);
      for (std::size_t i = 0; i < hatched_.size(); ++i) {
        if (!hatched_[i]) continue;
        const auto row = static_cast<int>(i) / grid_, column = static_cast<int>(i) % grid_;
        const QRectF patch(area.left() + column * side, area.top() + row * side, side, side);
        painter.setClipRect(patch);
        painter.fillRect(patch, Theme::colour(t.hatchA));
        painter.setPen(QPen(Theme::colour(t.hatchB), 1.2));
        for (double x = -side + std::fmod(patch.top(), kHatch); x < 2 * side; x += kHatch) {
          painter.drawLine(QPointF(patch.left() + x, patch.bottom()), QPointF(patch.left() + x + side, patch.top()));
        }
      }
      painter.restore();
    }
    painter.setPen(QPen(Theme::colour(t.border), 1));
    painter.drawRect(area.adjusted(-1, -1, 0, 0));
    if (pixel_ && QRect(QPoint(0, 0), image_.size()).contains(*pixel_)) {
      const double side = static_cast<double>(area.width()) / image_.width();
      const QRectF mark(area.left() + pixel_->x() * side, area.top() + pixel_->y() * side, side, side);
      painter.setPen(QPen(Qt::black, 4));
      painter.drawRect(mark);
      painter.setPen(QPen(Qt::white, 2));
      painter.drawRect(mark);
    }
  }
  painter.setFont(theme_->font(font::kCaptionNumber));
  painter.setPen(Theme::colour(t.text2));
  painter.drawText(QRect(area.left(), area.bottom() + 6, area.width(), kFacts - 6), Qt::AlignTop | Qt::TextWordWrap, facts_);
}

void PictureView::mouseMoveEvent(QMouseEvent* event) {
  const QRect area = picture_area();
  std::optional<QPoint> pixel;
  if (!image_.isNull() && area.contains(event->position().toPoint())) {
    pixel = QPoint(static_cast<int>((event->position().x() - area.left()) * image_.width() / area.width()),
                   static_cast<int>((event->position().y() - area.top()) * image_.height() / area.height()));
  }
  Q_EMIT pixel_hovered(pixel);
}

void PictureView::leaveEvent(QEvent*) { Q_EMIT pixel_hovered(std::nullopt); }

}  // namespace mimir
