#pragma once

#include <QImage>
#include <QString>
#include <optional>
#include <span>

#include "widgets/image/colour_map.h"
#include "widgets/theme/theme.h"

class QPainter;
class QRectF;

namespace mimir {

/// The values that the two ends of a colour map stand for.
struct MapScale {
  enum class Colours { viridis, magma, diverging };

  Colours colours = Colours::viridis;
  double low = 0;
  double high = 1;
  bool of_pixels = false;  ///< of values on the scale of images: an end of 8/255 is written so

  /// 0 to `largest`; what is no positive number counts as 1.
  static MapScale magnitude(double largest, Colours colours = Colours::viridis);
  /// −`largest` to `largest` with zero in the middle.
  static MapScale symmetric(double largest);

  bool is_signed() const { return colours == Colours::diverging; }
  QRgb at(double value, const Theme& theme) const;
  /// As they stand beneath the colour bar: "−8/255" and "+8/255", "0" and "0.053".
  QString low_text() const;
  QString high_text() const;
  bool operator==(const MapScale&) const = default;
};

/// The largest absolute value that is finite; 0 if there is none.
double largest_magnitude(std::span<const float> values);

/// values [rows, columns], one pixel each; what is not finite is transparent: no value.
QImage heat_map(std::span<const float> values, int columns, const MapScale& scale, const Theme& theme);

/// The colours from the low to the high end with both ends (and 0 between, if signed) written beneath; 10 px and a line of text.
void paint_colour_bar(QPainter& painter, const QRectF& rect, const MapScale& scale, const Theme& theme);
inline constexpr int kColourBarHeight = 24;

/// Diagonal hatch: no value, or removed.
void paint_hatch(QPainter& painter, const QRectF& patch, const Theme& theme);

}  // namespace mimir
