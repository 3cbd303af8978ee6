#include "core/data/augmentation.h"

#include <algorithm>
#include <array>

namespace mimir {
namespace {

/// value / 255.0f, the division that libtorch's uint8.to(float) / 255 makes.
constexpr std::array<float, 256> kUnit = [] {
  std::array<float, 256> table{};
  for (int i = 0; i < 256; ++i) table[static_cast<std::size_t>(i)] = static_cast<float>(i) / 255.0f;
  return table;
}();

template <typename T>
void copy_rows(const PictureView& picture, bool mirrored, float* out) {
  const T* row = static_cast<const T*>(picture.pixels);
  for (std::int64_t y = 0; y < picture.channels * picture.height; ++y, row += picture.width, out += picture.width) {
    detail::copy_row(row, picture.width, mirrored, out);
  }
}

const bool registered_none = augmentations().add(
    {{"none", "None", "", "The picture as it is."}, 0, false,
     [](const PictureView& picture, std::int64_t, std::span<const float>, float* out) {
       detail::copy_picture(picture, false, out);
     }});

const bool registered_flip = augmentations().add(
    {{"flip", "Horizontal flip", "", "Mirrors every second picture."}, 1, false,
     [](const PictureView& picture, std::int64_t, std::span<const float> numbers, float* out) {
       detail::copy_picture(picture, numbers[0] < 0.5f, out);
     }});

}  // namespace

Registry<AugmentationEntry>& augmentations() {
  static Registry<AugmentationEntry> registry;
  return registry;
}

void detail::copy_row(const std::uint8_t* row, std::int64_t count, bool mirrored, float* out) {
  if (mirrored) {
    for (std::int64_t x = 0; x < count; ++x) out[x] = kUnit[row[count - 1 - x]];
  } else {
    for (std::int64_t x = 0; x < count; ++x) out[x] = kUnit[row[x]];
  }
}

void detail::copy_row(const float* row, std::int64_t count, bool mirrored, float* out) {
  if (mirrored) std::reverse_copy(row, row + count, out);
  else std::copy(row, row + count, out);
}

void detail::copy_picture(const PictureView& picture, bool mirrored, float* out) {
  if (picture.floating) copy_rows<float>(picture, mirrored, out);
  else copy_rows<std::uint8_t>(picture, mirrored, out);
}

}  // namespace mimir
