#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace mimir {

/// Pictures that belong together, one below the other.
struct SheetColumn {
  std::string title;
  at::Tensor pictures;  ///< [N, 1 or 3, H, W] uint8 on the CPU
};

/// A PNG for people: the first eight pictures of each column side by side, enlarged, under their titles. False if
/// this build has no OpenCV, which draws it; nothing is written then.
Expected<bool> write_sheet(const std::filesystem::path& path, const std::vector<SheetColumn>& columns);

}  // namespace mimir
