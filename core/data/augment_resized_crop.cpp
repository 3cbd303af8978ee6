#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/data/augmentation.h"
#include "core/data/picture.h"

namespace mimir {
namespace {

constexpr double kSmallestArea = 0.2;  ///< share of the picture
constexpr double kLargestRatio = 4.0 / 3;  ///< width to height; the smallest is its inverse
constexpr int kAttempts = 10;

struct Box {
  std::int64_t top, left, height, width;
};

/// torchvision's RandomResizedCrop: area and log ratio uniform, ten attempts, then the largest centred box that fits.
/// numbers: area, ratio, row, column of each attempt.
Box choose_box(std::int64_t height, std::int64_t width, std::span<const float> numbers) {
  const double area = static_cast<double>(height) * static_cast<double>(width);
  for (std::size_t k = 0; k < kAttempts; ++k) {
    const float* u = numbers.data() + 4 * k;
    const double target = area * (kSmallestArea + (1 - kSmallestArea) * u[0]);
    const double ratio = std::exp(std::log(kLargestRatio) * (2 * static_cast<double>(u[1]) - 1));
    const auto w = static_cast<std::int64_t>(std::nearbyint(std::sqrt(target * ratio)));
    const auto h = static_cast<std::int64_t>(std::nearbyint(std::sqrt(target / ratio)));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return {static_cast<std::int64_t>(u[2] * static_cast<double>(height - h + 1)),
            static_cast<std::int64_t>(u[3] * static_cast<double>(width - w + 1)), h, w};
  }
  std::int64_t h = height, w = width;
  if (static_cast<double>(w) > kLargestRatio * static_cast<double>(h)) w = std::lround(kLargestRatio * static_cast<double>(h));
  else if (static_cast<double>(h) > kLargestRatio * static_cast<double>(w)) h = std::lround(kLargestRatio * static_cast<double>(w));
  return {(height - h) / 2, (width - w) / 2, h, w};
}

/// numbers: mirror, then those of choose_box.
void apply(const PictureView& picture, std::int64_t size, std::span<const float> numbers, float* out) {
  const Box box = choose_box(picture.height, picture.width, numbers.subspan(1));
  const at::Tensor piece = picture.tensor().narrow(1, box.top, box.height).narrow(2, box.left, box.width);
  const at::Tensor resized = resize_picture(piece, size, size).contiguous();  // [C, size, size]
  detail::copy_picture(PictureView::of(resized), numbers[0] < 0.5f, out);
}

const bool registered = augmentations().add(
    {{"random-resized-crop", "Random resized crop and flip", "MIMIR, code; He et al. 2022, App. A.1",
      "A random piece of 20 to 100 % of the picture's area, 3:4 to 4:3, resized (bicubic) and mirrored every second time."},
     1 + 4 * kAttempts, true, apply});

}  // namespace
}  // namespace mimir
