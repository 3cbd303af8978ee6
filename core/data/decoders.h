#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mimir::detail {

/// Pixels as the decoding libraries give them, row by row, channels interleaved.
struct RawPicture {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int channels = 0;                  ///< 3; or 4, of which the last multiplies the others (alpha, or 255 - black ink)
  std::vector<std::uint8_t> pixels;  ///< [height, width, channels]
  std::string error;                 ///< not empty = it failed; a clause: "it ends too early"
};

bool is_jpeg(std::span<const std::byte> bytes);
bool is_png(std::span<const std::byte> bytes);
RawPicture decode_jpeg(std::span<const std::byte> bytes);
RawPicture decode_png(std::span<const std::byte> bytes);

/// A clause if a picture of this size is refused, else empty.
std::string refuse_size(std::int64_t width, std::int64_t height);

}  // namespace mimir::detail
