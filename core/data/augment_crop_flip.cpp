#include <algorithm>

#include "core/data/augmentation.h"

namespace mimir {
namespace {

/// A window of the picture with `margin` zeros around it, shifted by (dy, dx) pixels; then mirrored or not.
template <typename T>
void crop_flip(const PictureView& picture, std::int64_t dy, std::int64_t dx, bool mirrored, float* out) {
  const std::int64_t height = picture.height, width = picture.width;
  const std::int64_t begin = std::max<std::int64_t>(0, -dx);          // columns of the window that show the picture
  const std::int64_t end = std::min<std::int64_t>(width, width - dx);
  const T* plane = static_cast<const T*>(picture.pixels);
  for (std::int64_t c = 0; c < picture.channels; ++c, plane += height * width) {
    for (std::int64_t y = 0; y < height; ++y, out += width) {
      const std::int64_t from = y + dy;
      if (from < 0 || from >= height) {
        std::fill(out, out + width, 0.0f);
        continue;
      }
      const std::int64_t first = mirrored ? width - end : begin;
      std::fill(out, out + first, 0.0f);
      detail::copy_row(plane + from * width + begin + dx, end - begin, mirrored, out + first);
      std::fill(out + first + (end - begin), out + width, 0.0f);
    }
  }
}

/// numbers: mirror, row, column. A shift is uniform in -margin … margin.
void apply(const PictureView& picture, std::int64_t size, std::span<const float> numbers, float* out) {
  const std::int64_t margin = size / 8;  // the usual 4 pixels at 32
  const auto shift = [margin](float u) { return static_cast<std::int64_t>(u * static_cast<float>(2 * margin + 1)) - margin; };
  const bool mirrored = numbers[0] < 0.5f;
  if (picture.floating) crop_flip<float>(picture, shift(numbers[1]), shift(numbers[2]), mirrored, out);
  else crop_flip<std::uint8_t>(picture, shift(numbers[1]), shift(numbers[2]), mirrored, out);
}

const bool registered = augmentations().add(
    {{"crop-flip", "Random crop and flip", "MIMIR, code; He et al. 2016, Sec. 4.2",
      "A random window of the picture with zeros around it (4 pixels at 32, an eighth of the side), mirrored every second time."},
     3, false, apply});

}  // namespace
}  // namespace mimir
