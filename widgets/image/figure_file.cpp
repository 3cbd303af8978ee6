#include "widgets/image/figure_file.h"

#include <QBuffer>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgRenderer>
#include <cmath>
#include <span>
#include <variant>

#include "core/figure/svg.h"
#include "core/store/files.h"

namespace mimir {
namespace {

constexpr int kDevicePixels = 2;
constexpr double kPointsPerPixel = 72.0 / 96;
constexpr int kEnlarged = 4;  ///< pixels of a picture for each of its box

/// Qt smooths a picture of an SVG whatever it asks for: with this many pixels that is not seen.
Figure enlarged(Figure figure) {
  for (Shape& shape : figure.shapes) {
    auto* picture = std::get_if<Picture>(&shape);
    const QImage small = picture ? QImage::fromData(reinterpret_cast<const uchar*>(picture->png.data()), static_cast<int>(picture->png.size())) : QImage();
    if (small.isNull()) continue;
    const int times = std::max(1, static_cast<int>(std::ceil(kEnlarged * picture->box.width / small.width())));
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    small.scaled(small.size() * times, Qt::IgnoreAspectRatio, Qt::FastTransformation).save(&buffer, "PNG");
    const auto raw = std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    picture->png.assign(raw.begin(), raw.end());
  }
  return figure;
}

}  // namespace

Expected<void> write_figure(const QString& path, const Figure& figure) {
  if (path.endsWith(QLatin1String(".svg"))) return write_svg_file(path.toStdString(), figure);
  QSvgRenderer renderer(QByteArray::fromStdString(write_svg(enlarged(figure))));
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  if (path.endsWith(QLatin1String(".pdf"))) {
    QPdfWriter writer(&buffer);
    writer.setTitle(QString::fromStdString(figure.title));
    writer.setCreator(QStringLiteral("MIMIR Workbench"));
    writer.setPageSize(QPageSize(QSizeF(figure.width, figure.height) * kPointsPerPixel, QPageSize::Point));
    writer.setPageMargins({});
    QPainter painter(&writer);
    renderer.render(&painter);
  } else if (path.endsWith(QLatin1String(".png"))) {
    QImage image(static_cast<int>(std::ceil(figure.width)) * kDevicePixels, static_cast<int>(std::ceil(figure.height)) * kDevicePixels, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    renderer.render(&painter);
    painter.end();
    image.save(&buffer, "PNG");
  } else {
    return fail(ErrorCode::usage, "a figure is written as .svg, .pdf or .png, not as {}", path.toStdString());
  }
  return write_file(path.toStdString(), std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size()))));
}

}  // namespace mimir
