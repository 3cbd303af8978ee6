#include "app/mimir/parameter_help.h"

#include <fmt/format.h>

#include <cmath>

#include "app/mimir/registries.h"
#include "core/base/schema.h"
#include "core/base/text.h"

namespace mimir {
namespace {

/// As a recipe would say it: epsilons in 255ths, an empty text as "none".
std::string default_text(const Parameter& parameter) {
  if (const auto* number = std::get_if<double>(&parameter.fallback); number && *number > 0 && *number < 1) {
    const double levels = std::nearbyint(*number * 255);
    if (levels >= 1 && levels / 255 == *number) return format_number(levels) + "/255";
  }
  const std::string text = format_value(parameter.fallback);
  return text.empty() ? "none" : text;
}

}  // namespace

std::string parameter_range(const Parameter& parameter) {
  std::string range;
  switch (parameter.type) {
    case ParameterType::integer: range = "whole number"; break;
    case ParameterType::number: range = "number"; break;
    case ParameterType::boolean: range = "true or false"; break;
    case ParameterType::text: range = "text"; break;
    case ParameterType::path: range = "path"; break;
    case ParameterType::list: range = "list of names"; break;
    case ParameterType::choice: {
      const auto choices = choices_of(parameter);
      range = choices.empty() ? "name" : join(choices, ", ");
      break;
    }
  }
  if (parameter.minimum && parameter.maximum) {
    range += fmt::format(" from {} to {}", format_number(*parameter.minimum), format_number(*parameter.maximum));
  } else if (parameter.minimum) {
    range += fmt::format(", {} or more", format_number(*parameter.minimum));
  } else if (parameter.maximum) {
    range += fmt::format(", {} or less", format_number(*parameter.maximum));
  }
  if (parameter.unit != "1") range += " " + parameter.unit;
  return fmt::format("{}; default {}", range, default_text(parameter));
}

std::string parameter_help(std::span<const Parameter> parameters) {
  std::string text;
  for (const Parameter& parameter : parameters) {
    text += fmt::format("  {:<20} {}\n  {:<20}   {}\n", parameter.key, parameter_range(parameter), "", parameter.help);
  }
  return text;
}

std::string recipe_help() {
  std::string text =
      "Keys of a recipe, by table (TOML; --set TABLE.KEY=VALUE overrides one; a fraction like 8/255 is a number):\n";
  std::string table;
  for (const Field& field : recipe_schema()) {
    if (field.table != table) {
      table = field.table;
      text += fmt::format("\n[{}]\n", table);
    }
    text += parameter_help(std::span(&field.parameter, 1));
  }
  return text;
}

nlohmann::json parameter_json(const Parameter& parameter, const std::string& table) {
  const auto number = [](const std::optional<double>& value) -> nlohmann::json {
    if (!value) return nullptr;
    if (std::nearbyint(*value) == *value && std::abs(*value) < 9e15) return static_cast<long long>(*value);
    return *value;
  };
  return {{"table", table},
          {"key", parameter.key},
          {"type", parameter_type_name(parameter.type)},
          {"default", std::visit([](const auto& value) { return nlohmann::json(value); }, parameter.fallback)},
          {"min", number(parameter.minimum)},
          {"max", number(parameter.maximum)},
          {"choices", choices_of(parameter)},
          {"unit", parameter.unit},
          {"help", parameter.help},
          {"source", parameter.source},
          {"level", parameter.advanced ? "advanced" : "common"},
          {"when", parameter.when}};
}

}  // namespace mimir
