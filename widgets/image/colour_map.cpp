#include "widgets/image/colour_map.h"

#include <QImage>
#include <algorithm>
#include <cmath>

#include "widgets/theme/tokens.h"

namespace mimir {
namespace {

using Lab = std::array<double, 3>;

double to_linear(int value) {
  const double x = value / 255.0;
  return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
}

int to_byte(double x) {
  x = std::clamp(x, 0.0, 1.0);
  return static_cast<int>(std::lround(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055)));
}

/// Ottosson 2020, "A perceptual color space for image processing".
Lab to_oklab(QRgb colour) {
  const double r = to_linear(qRed(colour)), g = to_linear(qGreen(colour)), b = to_linear(qBlue(colour));
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

QRgb from_oklab(const Lab& lab) {
  const double l = std::pow(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2], 3);
  const double m = std::pow(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2], 3);
  const double s = std::pow(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2], 3);
  return qRgb(to_byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s), to_byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
              to_byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
}

}  // namespace

ColourMap::ColourMap(const char* name) {
  const QImage image(QStringLiteral(":/maps/%1.png").arg(QLatin1String(name)));
  Q_ASSERT(image.width() == 256);
  for (int i = 0; i < 256; ++i) table_[static_cast<std::size_t>(i)] = image.pixel(i, 0);
}

ColourMap::ColourMap(const std::array<std::uint32_t, 5>& stops) {
  for (std::size_t i = 0; i < table_.size(); ++i) {
    const double at = static_cast<double>(i) / 255 * 4;
    const auto stop = std::min(static_cast<std::size_t>(at), std::size_t{3});
    const double share = at - static_cast<double>(stop);
    const Lab a = to_oklab(stops[stop]), b = to_oklab(stops[stop + 1]);
    Lab mixed;
    for (std::size_t k = 0; k < 3; ++k) mixed[k] = a[k] + (b[k] - a[k]) * share;
    table_[i] = from_oklab(mixed);
  }
}

const ColourMap& ColourMap::viridis() {
  static const ColourMap map("viridis");
  return map;
}

const ColourMap& ColourMap::magma() {
  static const ColourMap map("magma");
  return map;
}

const ColourMap& ColourMap::diverging(bool dark) {
  static const ColourMap on_dark(kDarkTokens.diverging), on_light(kLightTokens.diverging);
  return dark ? on_dark : on_light;
}

QRgb ColourMap::at(double share) const {
  const double position = share > 0 ? std::min(share, 1.0) * 255 : 0;
  return table_[static_cast<std::size_t>(position + 0.5)];
}

}  // namespace mimir
