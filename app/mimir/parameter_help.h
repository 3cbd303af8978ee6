#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "core/base/parameter.h"

namespace mimir {

/// "number from 0 to 10, default 0.05"; "mae or mimir, default mimir". The unit stands behind the range.
std::string parameter_range(const Parameter& parameter);
/// Two lines a parameter: name and range, then the sentence.
std::string parameter_help(std::span<const Parameter> parameters);
/// Every key of a recipe by table, with range, unit, default and sentence: the tail of `mimir train --help`.
std::string recipe_help();

/// {key, type, default, min, max, choices, unit, help, source, level, when}, and the table it belongs to.
nlohmann::json parameter_json(const Parameter& parameter, const std::string& table);

}  // namespace mimir
