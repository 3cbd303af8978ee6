#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace mimir {

/// 8-bit PNG in memory. `bytes` [height, width, channels], row after row; channels 1 grey, 2 grey and alpha, 3 RGB,
/// 4 RGBA. `defect` error if the sizes do not fit each other.
Expected<std::vector<std::byte>> encode_png(std::int64_t width, std::int64_t height, int channels, std::span<const std::uint8_t> bytes);

/// As encode_png, then write_file: whole or not at all.
Expected<void> write_png(const std::filesystem::path& path, std::int64_t width, std::int64_t height, int channels,
                         std::span<const std::uint8_t> bytes);

}  // namespace mimir
