#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/data/dataset.h"

namespace mimir {

/// Whether path has the folders train/ and test/.
bool has_picture_folders(const std::filesystem::path& path);

/// Names of the class folders in path/train, sorted; empty if there are none.
std::vector<std::string> class_folders(const std::filesystem::path& path);

struct FolderOptions {
  std::int64_t img_size = 32;
  bool keep_originals = false;  ///< the augmentation cuts pieces out of the pictures as they were decoded
  std::optional<std::int64_t> memory_budget = std::nullopt;  ///< bytes for decoded pictures; default half of what the machine has available
};

/// path/train/CLASS/*.jpg|jpeg|png and path/test/CLASS/…: classes and files in the order of their names (bytes), labels
/// by class. Decoded on all cores. Pictures beyond the memory budget are decoded at each use instead.
/// `input` error naming the folder or file that is missing, empty or damaged; `mismatch` if train and test differ in classes.
Expected<Dataset> load_folder(const std::filesystem::path& path, const FolderOptions& options, StopToken stop = {});

}  // namespace mimir
