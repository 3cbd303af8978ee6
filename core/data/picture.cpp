#include "core/data/picture.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/data/decoders.h"
#include "core/data/parallel.h"

namespace mimir {
namespace {

/// x * y / 255, rounded.
std::uint8_t times(unsigned x, unsigned y) { return static_cast<std::uint8_t>((x * y + 127) / 255); }

/// [height, width, channels] to [3, H, W].
at::Tensor to_planes(const detail::RawPicture& raw) {
  at::Tensor picture = at::empty({3, raw.height, raw.width}, at::kByte);
  auto* out = picture.data_ptr<std::uint8_t>();
  const std::size_t count = static_cast<std::size_t>(raw.height * raw.width);
  const std::uint8_t* in = raw.pixels.data();
  for (std::size_t i = 0; i < count; ++i, in += raw.channels) {
    for (std::size_t c = 0; c < 3; ++c) {
      out[c * count + i] = raw.channels == 4 ? times(in[c], in[3]) : in[c];
    }
  }
  return picture;
}

}  // namespace

std::string detail::refuse_size(std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1) return "it has no pixels";
  if (width > kLargestPicture / height) {
    return fmt::format("its {} x {} pixels are more than the {} million that are read", width, height, kLargestPicture / 1'000'000);
  }
  return {};
}

Expected<at::Tensor> decode_picture(std::span<const std::byte> bytes) {
  detail::RawPicture raw;
  if (detail::is_jpeg(bytes)) raw = detail::decode_jpeg(bytes);
  else if (detail::is_png(bytes)) raw = detail::decode_png(bytes);
  else return fail(ErrorCode::input, "it is neither a JPEG nor a PNG");
  if (!raw.error.empty()) return fail(ErrorCode::input, "{}", raw.error);
  return to_planes(raw);
}

at::Tensor resize_picture(const at::Tensor& picture, std::int64_t height, std::int64_t width) {
  const at::NoGradGuard no_grad;
  const at::Tensor input = picture.unsqueeze(0).to(at::kFloat);  // [1, C, H, W]
  at::Tensor output = at::_upsample_bicubic2d_aa(input, {height, width}, /*align_corners=*/false).squeeze(0);
  if (picture.scalar_type() == at::kByte) return output.clamp_(0, 255).round_().to(at::kByte);
  return output.clamp_(0, 1);
}

at::Tensor fit_square(const at::Tensor& picture, std::int64_t size) {
  const std::int64_t height = picture.size(1), width = picture.size(2);
  if (height == size && width == size) return picture;
  const std::int64_t side = std::min(height, width);
  const at::Tensor square = picture.narrow(1, (height - side) / 2, side).narrow(2, (width - side) / 2, side);
  return side == size ? square.contiguous() : resize_picture(square, size, size);
}

at::Tensor fit_test(const at::Tensor& picture, std::int64_t size) {
  const std::int64_t height = picture.size(1), width = picture.size(2);
  if (size < 224 || (height == size && width == size)) return fit_square(picture, size);
  // As torchvision: Resize(256) keeps the proportions and truncates the longer side, CenterCrop(224) rounds the margin.
  const std::int64_t shorter = size * 256 / 224;
  const std::int64_t longer = shorter * std::max(height, width) / std::min(height, width);
  const std::int64_t new_height = height <= width ? shorter : longer, new_width = height <= width ? longer : shorter;
  const at::Tensor resized = new_height == height && new_width == width ? picture : resize_picture(picture, new_height, new_width);
  const auto margin = [size](std::int64_t side) { return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(side - size) / 2)); };
  return resized.narrow(1, margin(new_height), size).narrow(2, margin(new_width), size).contiguous();  // [C, size, size]
}

at::Tensor fit_all(const at::Tensor& pictures, std::int64_t size) {
  at::Tensor fitted = at::empty({pictures.size(0), pictures.size(1), size, size}, pictures.options());  // [N, C, S, S]
  const auto done = for_each_parallel(pictures.size(0), [&](std::int64_t i) -> Expected<void> {
    const at::NoGradGuard no_grad;
    fitted.select(0, i).copy_(fit_test(pictures.select(0, i), size));
    return {};
  });
  TORCH_CHECK(done, "resizing cannot fail");
  return fitted;
}

}  // namespace mimir
