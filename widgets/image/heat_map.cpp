#include "widgets/image/heat_map.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kBar = 8;    ///< px, height of the colours
constexpr int kHatch = 7;  ///< px, the period
constexpr int kDigits = 2;  ///< of the numbers beneath a colour bar

double or_one(double largest) { return std::isfinite(largest) && largest > 0 ? largest : 1; }

const ColourMap& table(MapScale::Colours colours, const Theme& theme) {
  switch (colours) {
    case MapScale::Colours::viridis: return ColourMap::viridis();
    case MapScale::Colours::magma: return ColourMap::magma();
    case MapScale::Colours::diverging: break;
  }
  return ColourMap::diverging(theme.dark());
}

}  // namespace

MapScale MapScale::magnitude(double largest, Colours colours) { return {colours, 0, or_one(largest)}; }

MapScale MapScale::symmetric(double largest) { return {Colours::diverging, -or_one(largest), or_one(largest)}; }

QRgb MapScale::at(double value, const Theme& theme) const { return table(colours, theme).at((value - low) / (high - low)); }

QString MapScale::low_text() const { return of_pixels ? fraction_text(low, kDigits) : number_text(low, kDigits); }

QString MapScale::high_text() const { return (is_signed() ? QStringLiteral("+") : QString()) + (of_pixels ? fraction_text(high, kDigits) : number_text(high, kDigits)); }

double largest_magnitude(std::span<const float> values) {
  double largest = 0;
  for (const float value : values) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(static_cast<double>(value)));
  }
  return largest;
}

QImage heat_map(std::span<const float> values, int columns, const MapScale& scale, const Theme& theme) {
  const int rows = columns > 0 ? static_cast<int>(values.size()) / columns : 0;
  QImage image(columns, rows, QImage::Format_ARGB32);
  const ColourMap& colours = table(scale.colours, theme);
  for (int row = 0; row < rows; ++row) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
    for (int column = 0; column < columns; ++column) {
      const double value = values[static_cast<std::size_t>(row * columns + column)];
      line[column] = std::isfinite(value) ? colours.at((value - scale.low) / (scale.high - scale.low)) : 0;
    }
  }
  return image;
}

void paint_colour_bar(QPainter& painter, const QRectF& rect, const MapScale& scale, const Theme& theme) {
  const Tokens& t = theme.tokens();
  QImage line(256, 1, QImage::Format_RGB32);
  const ColourMap& colours = table(scale.colours, theme);
  for (int i = 0; i < 256; ++i) line.setPixel(i, 0, colours.at(i / 255.0));
  const QRectF bar(rect.left(), rect.top(), rect.width(), kBar);
  painter.save();
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  painter.drawImage(bar, line);
  painter.setPen(QPen(Theme::colour(t.border), 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(bar.adjusted(-0.5, -0.5, 0.5, 0.5));
  painter.setFont(theme.font(font::kTick));
  painter.setPen(Theme::colour(t.text3));
  const QRectF labels(rect.left(), bar.bottom() + 2, rect.width(), 13);
  painter.drawText(labels, Qt::AlignLeft | Qt::AlignTop, scale.low_text());
  painter.drawText(labels, Qt::AlignRight | Qt::AlignTop, scale.high_text());
  if (scale.is_signed()) painter.drawText(labels, Qt::AlignHCenter | Qt::AlignTop, QStringLiteral("0"));
  painter.restore();
}

void paint_hatch(QPainter& painter, const QRectF& patch, const Theme& theme) {
  const Tokens& t = theme.tokens();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setClipRect(patch, Qt::IntersectClip);
  painter.fillRect(patch, Theme::colour(t.hatchA));
  painter.setPen(QPen(Theme::colour(t.hatchB), 1.2));
  const double height = patch.height();
  // One pattern over all patches: lines x + y = a multiple of the period.
  const double first = std::ceil((patch.left() + patch.top()) / kHatch) * kHatch;
  for (double sum = first; sum <= patch.right() + patch.bottom(); sum += kHatch) {
    painter.drawLine(QPointF(sum - patch.top() - height, patch.top() + height), QPointF(sum - patch.top(), patch.top()));
  }
  painter.restore();
}

}  // namespace mimir
