#include "widgets/theme/icon.h"

#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include "widgets/theme/theme.h"

namespace mimir {
namespace {

const QByteArray& drawing(const QString& name) {
  static QHash<QString, QByteArray> read;
  auto found = read.find(name);
  if (found == read.end()) {
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    found = read.insert(name, file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray());
  }
  return *found;
}

/// `size` in device pixels.
QPixmap tinted(const QString& name, const QColor& colour, const QSize& size) {
  if (size.isEmpty()) return {};
  const QString key = QStringLiteral("mimir-icon/%1/%2/%3x%4").arg(name, colour.name(QColor::HexArgb)).arg(size.width()).arg(size.height());
  QPixmap pixmap;
  if (QPixmapCache::find(key, &pixmap)) return pixmap;
  pixmap = QPixmap(size);
  pixmap.fill(Qt::transparent);
  QByteArray svg = drawing(name);
  if (!svg.isEmpty()) {
    svg.replace("currentColor", colour.name().toLatin1());
    QSvgRenderer renderer(svg);
    renderer.setAspectRatioMode(Qt::KeepAspectRatio);
    QPainter painter(&pixmap);
    renderer.render(&painter, QRectF(QPointF(), size));
  }
  QPixmapCache::insert(key, pixmap);
  return pixmap;
}

void draw(QPainter& painter, const QRectF& rect, const QString& name, const QColor& colour) {
  const qreal ratio = painter.device()->devicePixelRatio();
  const qreal side = std::min(rect.width(), rect.height());
  QPixmap pixmap = tinted(name, colour, (QSizeF(side, side) * ratio).toSize());
  pixmap.setDevicePixelRatio(ratio);
  // On whole device pixels, or the strokes blur.
  const QPointF corner = rect.center() - QPointF(side, side) / 2;
  painter.drawPixmap(QPointF(std::round(corner.x() * ratio) / ratio, std::round(corner.y() * ratio) / ratio), pixmap);
}

class TintedIcon : public QIconEngine {
 public:
  TintedIcon(const Theme& theme, QString name, std::uint32_t Tokens::* tint) : theme_(&theme), name_(std::move(name)), tint_(tint) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    draw(*painter, rect, name_, colour(mode));
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override { return tinted(name_, colour(mode), size); }
  QSize actualSize(const QSize& size, QIcon::Mode, QIcon::State) override { return size; }
  QIconEngine* clone() const override { return new TintedIcon(*this); }

 private:
  QColor colour(QIcon::Mode mode) const {
    const Tokens& tokens = theme_->tokens();
    if (mode == QIcon::Disabled) return Theme::colour(tokens.disabled);
    if (tint_) return Theme::colour(tokens.*tint_);
    return Theme::colour(mode == QIcon::Normal ? tokens.text2 : tokens.text);
  }

  const Theme* theme_;
  QString name_;
  std::uint32_t Tokens::* tint_;
};

}  // namespace

QIcon icon(const Theme& theme, QLatin1String name, std::uint32_t Tokens::* tint) {
  return QIcon(new TintedIcon(theme, QString(name), tint));
}

void paint_icon(QPainter& painter, const QRectF& rect, QLatin1String name, const QColor& colour) {
  draw(painter, rect, QString(name), colour);
}

}  // namespace mimir
