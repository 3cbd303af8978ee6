#include "widgets/image/picture_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kCaption = 24;
constexpr int kFacts = 42;
constexpr int kAllFacts = 52;     ///< a scale and a line of facts
constexpr int kRing = 8;         ///< px, what a focus ring takes of both sides
constexpr int kBarBeside = 130;  ///< px, the colour bar beside an answer
constexpr int kNarrow = 210;     ///< px: below it a scale has no room beside an answer
constexpr double kStale = 0.45;

/// What a screen reader says of a picture after its name.
QString spoken(const QString& answer, const QString& number, const QString& facts) {
  QString words = answer + QLatin1Char(' ') + number + QLatin1Char(' ') + facts;
  return words.replace(QLatin1Char('\t'), QLatin1Char(' ')).simplified();
}

}  // namespace

void paint_mark(QPainter& painter, const QRectF& rect) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(Qt::black, 4, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.drawRect(rect);
  painter.setPen(QPen(Qt::white, 2, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.drawRect(rect);
}

PictureView::PictureView(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PictureView::set_caption(const QString& name, const QString& how) {
  name_ = name;
  how_ = how;
  setAccessibleName(how.isEmpty() ? name : name + QStringLiteral(", ") + how);
  update();
}

void PictureView::set_picture(const QImage& image, const QString& missing) {
  image_ = image;
  missing_ = missing;
  update();
}

void PictureView::set_overlay(const QImage& map, double opacity) {
  overlay_ = map;
  opacity_ = opacity;
  update();
}

void PictureView::set_hatched(std::vector<bool> patches, int grid) {
  hatched_ = std::move(patches);
  grid_ = grid;
  update();
}

void PictureView::set_patch_lines(bool lines) {
  lines_ = lines;
  update();
}

void PictureView::set_marked_patch(std::optional<int> patch, int grid) {
  marked_ = patch;
  marked_grid_ = std::max(grid, 1);
  update();
}

void PictureView::set_facts(const QString& facts) {
  facts_ = facts;
  setAccessibleDescription(spoken(answer_, number_, facts_));
  update();
}

void PictureView::set_scale(std::optional<MapScale> scale) {
  scale_ = scale;
  update();
}

void PictureView::set_answer(Tone tone, QLatin1String icon, const QString& name, const QString& number) {
  tone_ = tone;
  answer_icon_ = icon;
  answer_ = name;
  number_ = number;
  setAccessibleDescription(spoken(answer_, number_, facts_));
  update();
}

void PictureView::set_pixel(std::optional<QPoint> pixel) {
  if (pixel_ == pixel) return;
  pixel_ = pixel;
  update();
}

void PictureView::set_stale(bool stale) {
  if (stale_ == stale) return;
  stale_ = stale;
  update();
}

int PictureView::picture_side(int width, int height) const {
  const int room = std::min(width - kRing, height - kCaption - kFacts - 2);
  int side = std::max(room, 16);
  const int pixels = image_.isNull() ? grid_ : image_.width();
  if (pixels > 0 && side >= pixels) {
    // Whole device pixels for each pixel of the image.
    const int device = static_cast<int>(side * devicePixelRatioF()) / pixels * pixels;
    side = static_cast<int>(device / devicePixelRatioF());
  }
  return side;
}

int PictureView::height_for(int width) const { return picture_side(width, QWIDGETSIZE_MAX) + kCaption + kAllFacts; }

int PictureView::height_within(const QSize& size) const { return picture_side(size.width(), size.height()) + kCaption + kFacts + 2; }

QRect PictureView::picture_area() const {
  const int side = picture_side(width(), height());
  return {(width() - side) / 2, kCaption + 1, side, side};
}

QRectF PictureView::patch_area(int patch, int grid) const {
  const QRect area = picture_area();
  const double side = static_cast<double>(area.width()) / grid;
  return {area.left() + patch % grid * side, area.top() + patch / grid * side, side, side};
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
  if (2 * how_room > QFontMetrics(caption).horizontalAdvance(how_)) {  // less than half of it says nothing
    painter.drawText(QRect(area.left() + name_width, 0, how_room, kCaption - 4), Qt::AlignVCenter | Qt::AlignRight, QFontMetrics(caption).elidedText(how_, Qt::ElideRight, how_room));
  }
  if (image_.isNull() && overlay_.isNull()) {
    painter.setPen(QPen(Theme::colour(t.border), 1, Qt::DashLine));
    painter.drawRect(area.adjusted(0, 0, -1, -1));
    // Icon and sentence as one block in the middle.
    const QRect inside = area.adjusted(8, 0, -8, 0);
    const QRect words = painter.fontMetrics().boundingRect(inside, Qt::AlignHCenter | Qt::TextWordWrap, missing_);
    const int top = std::max(area.center().y() - (24 + words.height()) / 2, area.top() + 4);
    paint_icon(painter, QRectF(area.center().x() - 8, top, 16, 16), QLatin1String("clock"), Theme::colour(t.text3));
    painter.setPen(Theme::colour(t.text3));
    painter.drawText(QRect(inside.left(), top + 24, inside.width(), area.bottom() - top - 24), Qt::AlignHCenter | Qt::TextWordWrap, missing_);
  } else {
    paint_picture(painter, area);
  }
  paint_over(painter, area);
  paint_facts(painter, area);
}

void PictureView::paint_picture(QPainter& painter, const QRect& area) {
  const Tokens& t = theme_->tokens();
  painter.save();
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  painter.setOpacity(stale_ ? kStale : 1);
  if (!image_.isNull()) painter.drawImage(area, image_);
  if (!overlay_.isNull()) {
    painter.setOpacity((stale_ ? kStale : 1) * opacity_);
    painter.drawImage(area, overlay_);
  }
  painter.restore();
  if (grid_ > 0) {
    for (std::size_t i = 0; i < hatched_.size(); ++i) {
      if (hatched_[i]) paint_hatch(painter, patch_area(static_cast<int>(i), grid_), *theme_);
    }
    if (lines_) {
      QColor line = Theme::colour(t.canvas);
      line.setAlphaF(0.8F);
      painter.setPen(QPen(line, 1));
      const double side = static_cast<double>(area.width()) / grid_;
      for (int i = 1; i < grid_; ++i) {
        const double at = std::round(i * side);
        painter.drawLine(QPointF(area.left() + at, area.top()), QPointF(area.left() + at, area.bottom()));
        painter.drawLine(QPointF(area.left(), area.top() + at), QPointF(area.right(), area.top() + at));
      }
    }
  }
  painter.setPen(QPen(Theme::colour(t.border), 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(area.adjusted(-1, -1, 0, 0));
  if (marked_) paint_mark(painter, patch_area(*marked_, marked_grid_));
  if (pixel_ && QRect(QPoint(0, 0), image_.size()).contains(*pixel_)) {
    const double side = static_cast<double>(area.width()) / image_.width();
    paint_mark(painter, QRectF(area.left() + pixel_->x() * side, area.top() + pixel_->y() * side, side, side));
  }
}

void PictureView::paint_facts(QPainter& painter, const QRect& area) {
  const Tokens& t = theme_->tokens();
  const QRectF room(area.left(), area.bottom() + 8, area.width(), kFacts - 8);
  QRectF bar = room;
  // Side by side where there is room, else the scale under the answer and nothing more.
  const bool narrow = scale_ && !answer_.isEmpty() && room.width() < kNarrow;
  if (narrow) bar.setTop(room.top() + 20);
  const QFont caption = theme_->font(font::kCaptionNumber);
  const QStringList lines = facts_.split(QLatin1Char('\n'));
  // A first line that has nothing at its left stands beside the answer.
  const bool beside = !scale_ && !answer_.isEmpty() && lines.front().startsWith(QLatin1Char('\t'));
  if (!answer_.isEmpty()) {
    if (!narrow) bar.setLeft(std::max(bar.right() - kBarBeside, bar.left() + bar.width() * 0.6));
    double x = room.left();
    if (!answer_icon_.isEmpty()) {
      paint_icon(painter, QRectF(x, room.top() + 2, 15, 15), answer_icon_, tone_colour(*theme_, tone_));
      x += 21;
    }
    const QFont name = theme_->font(font::kName), digits = theme_->font(font::kNumber);
    const int number_width = number_.isEmpty() ? 0 : QFontMetrics(digits).horizontalAdvance(number_) + 6;
    const double end = scale_ && !narrow ? bar.left() - 8 : beside ? room.right() - QFontMetrics(caption).horizontalAdvance(lines.front().mid(1)) - 8 : room.right();
    const QString shown = QFontMetrics(name).elidedText(answer_, Qt::ElideRight, static_cast<int>(end - x) - number_width);
    painter.setFont(name);
    painter.setPen(Theme::colour(t.text));
    painter.drawText(QRectF(x, room.top(), end - x, 20), Qt::AlignVCenter | Qt::AlignLeft, shown);
    x += QFontMetrics(name).horizontalAdvance(shown) + 6;
    painter.setFont(digits);
    painter.setPen(Theme::colour(t.text2));
    painter.drawText(QRectF(x, room.top(), number_width, 20), Qt::AlignVCenter | Qt::AlignLeft, number_);
  }
  double top = room.top();
  if (scale_) {
    paint_colour_bar(painter, bar, *scale_, *theme_);
    top += kColourBarHeight;
  } else if (!answer_.isEmpty()) {
    top += beside ? 2 : 20;
  }
  if (narrow) return;
  painter.setFont(caption);
  painter.setPen(Theme::colour(t.text2));
  for (const QString& line : lines) {
    const QRectF row(room.left(), top, room.width(), 16);
    const auto tab = line.indexOf(QLatin1Char('\t'));
    const QString right = tab < 0 ? QString() : line.mid(tab + 1);
    const double right_width = tab < 0 ? 0 : QFontMetrics(painter.font()).horizontalAdvance(right) + 8;
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, right);
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, QFontMetrics(painter.font()).elidedText(line.left(tab), Qt::ElideRight, static_cast<int>(row.width() - right_width)));
    top += 16;
  }
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
