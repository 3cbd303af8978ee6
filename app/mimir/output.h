#pragma once

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace mimir {

/// One document on stdout. NaN and infinities become null; bytes that are not UTF-8 are replaced.
void print_json(const nlohmann::json& document);
/// One line of JSON lines on stdout, written out at once.
void print_json_line(const nlohmann::json& document);
/// One sentence on stderr; the detail too if `verbose`.
void print_error(const Error& error, bool verbose);

}  // namespace mimir
