#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "core/figure/figure.h"

namespace mimir {

/// The figure as SVG 1.1: text as text, pictures inside as data URIs, nothing from outside. Equal figures give equal
/// text. Characters that XML does not allow are replaced by U+FFFD.
std::string write_svg(const Figure& figure);
Expected<void> write_svg_file(const std::filesystem::path& path, const Figure& figure);

}  // namespace mimir
