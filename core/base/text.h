#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mimir {

/// A number written with a dot in any locale; fractions ("8/255") are numbers. The whole text must be read.
std::optional<double> parse_number(std::string_view text);
std::optional<long long> parse_integer(std::string_view text);

/// The shortest decimal text that reads back as the same double; integers without a point, "nan", "inf".
std::string format_number(double value);

/// The candidate with the smallest edit distance, if it is near enough to be a likely typing error.
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view separator);

}  // namespace mimir
