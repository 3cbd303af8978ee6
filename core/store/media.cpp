#include "core/store/media.h"

#include <png.h>

#include "core/store/files.h"

namespace mimir {
namespace {

constexpr std::int64_t kLargestSide = 1 << 16;

std::uint32_t png_format(int channels) {
  switch (channels) {
    case 1: return PNG_FORMAT_GRAY;
    case 2: return PNG_FORMAT_GA;
    case 3: return PNG_FORMAT_RGB;
    default: return PNG_FORMAT_RGBA;
  }
}

}  // namespace

Expected<std::vector<std::byte>> encode_png(std::int64_t width, std::int64_t height, int channels, std::span<const std::uint8_t> bytes) {
  const bool sane = width > 0 && height > 0 && width <= kLargestSide && height <= kLargestSide && channels >= 1 && channels <= 4;
  if (!sane || bytes.size() != static_cast<std::size_t>(width * height * channels)) {
    return fail(ErrorCode::defect, "{} bytes are no picture of {} x {} with {} channels", bytes.size(), width, height, channels);
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = png_format(channels);
  std::vector<std::byte> encoded(PNG_IMAGE_PNG_SIZE_MAX(image));  // the size without compression
  png_alloc_size_t size = encoded.size();
  if (!png_image_write_to_memory(&image, encoded.data(), &size, 0, bytes.data(), 0, nullptr)) {
    return fail(ErrorCode::defect, "a picture cannot be encoded as PNG: {}", image.message);
  }
  encoded.resize(size);
  return encoded;
}

Expected<void> write_png(const std::filesystem::path& path, std::int64_t width, std::int64_t height, int channels,
                         std::span<const std::uint8_t> bytes) {
  auto encoded = encode_png(width, height, channels, bytes);
  if (!encoded) return pass_on(encoded);
  return write_file(path, *encoded);
}

}  // namespace mimir
