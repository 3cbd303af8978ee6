#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace mimir {

/// The whole file. `input` error if it is missing or cannot be read.
Expected<std::vector<std::byte>> read_file(const std::filesystem::path& path);
Expected<std::string> read_text(const std::filesystem::path& path);

/// Written to a temporary name beside `path`, synced and renamed: a reader sees the old file or the new one,
/// never a part. `storage` error that names the cause (disk full, read-only, no permission).
Expected<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
Expected<void> write_file(const std::filesystem::path& path, std::string_view text);

/// The folder of recipes and reference files that belongs to this program: $MIMIR_DATA_DIR, else
/// share/mimir-workbench beside the program's bin folder.
std::filesystem::path data_directory();

}  // namespace mimir
