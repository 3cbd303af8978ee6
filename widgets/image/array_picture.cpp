#include "widgets/image/array_picture.h"

#include <algorithm>
#include <cmath>

namespace mimir {

QImage picture_of(const Array& array, std::int64_t index) {
  const auto dims = array.shape.size();
  if ((dims != 3 && dims != 4) || (array.dtype != Dtype::u8 && array.dtype != Dtype::f32)) return {};
  const std::int64_t count = dims == 4 ? array.shape[0] : 1;
  const std::int64_t channels = array.shape[dims - 3], height = array.shape[dims - 2], width = array.shape[dims - 1];
  if (index < 0 || index >= count || (channels != 1 && channels != 3) || width < 1 || height < 1 || width > 16384 || height > 16384) return {};
  const std::int64_t plane = height * width;
  const auto value = [&](std::int64_t channel, std::int64_t pixel) {
    const auto at = static_cast<std::size_t>((index * channels + (channels == 3 ? channel : 0)) * plane + pixel);
    if (array.dtype == Dtype::u8) return static_cast<int>(array.as<std::uint8_t>()[at]);
    const float share = array.as<float>()[at];
    return share > 0 ? static_cast<int>(std::lround(255 * std::min(share, 1.0F))) : 0;  // NaN is 0 too
  };
  QImage picture(static_cast<int>(width), static_cast<int>(height), QImage::Format_RGB32);
  for (std::int64_t y = 0; y < height; ++y) {
    auto* line = reinterpret_cast<QRgb*>(picture.scanLine(static_cast<int>(y)));
    for (std::int64_t x = 0; x < width; ++x) line[x] = qRgb(value(0, y * width + x), value(1, y * width + x), value(2, y * width + x));
  }
  return picture;
}

}  // namespace mimir
