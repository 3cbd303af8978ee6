#include "core/base/parameter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/text.h"

namespace mimir {

const char* parameter_type_name(ParameterType type) {
  switch (type) {
    case ParameterType::integer: return "int";
    case ParameterType::number: return "number";
    case ParameterType::boolean: return "bool";
    case ParameterType::choice: return "choice";
    case ParameterType::text: return "text";
    case ParameterType::path: return "path";
    case ParameterType::list: return "list";
  }
  return "text";
}

std::string format_value(const Value& value) {
  struct Format {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(long long v) const { return std::to_string(v); }
    std::string operator()(double v) const { return format_number(v); }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const std::vector<std::string>& v) const { return join(v, ","); }
  };
  return std::visit(Format{}, value);
}

std::optional<Value> parse_value(const Parameter& parameter, const std::string& text) {
  switch (parameter.type) {
    case ParameterType::integer:
      if (const auto v = parse_integer(text)) return Value(*v);
      return std::nullopt;
    case ParameterType::number:
      if (const auto v = parse_number(text)) return Value(*v);
      return std::nullopt;
    case ParameterType::boolean:
      if (text == "true" || text == "on" || text == "yes" || text == "1") return Value(true);
      if (text == "false" || text == "off" || text == "no" || text == "0") return Value(false);
      return std::nullopt;
    case ParameterType::list: return Value(split(text, ','));
    default: return Value(text);
  }
}

std::optional<std::string> check_value(const Parameter& parameter, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (parameter.choices.empty() ||
        std::find(parameter.choices.begin(), parameter.choices.end(), *text) != parameter.choices.end()) {
      return std::nullopt;
    }
    const auto nearest = nearest_name(*text, parameter.choices);
    return fmt::format("\"{}\" is not one of {}{}", *text, join(parameter.choices, ", "),
                       nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string());
  }
  double number = 0;
  if (const auto* integer = std::get_if<long long>(&value)) number = static_cast<double>(*integer);
  else if (const auto* real = std::get_if<double>(&value)) number = *real;
  else return std::nullopt;

  if (!std::isfinite(number)) return std::string("it must be a finite number");
  if (parameter.minimum && number < *parameter.minimum) {
    return fmt::format("{} is below {}, the smallest value", format_number(number), format_number(*parameter.minimum));
  }
  if (parameter.maximum && number > *parameter.maximum) {
    return fmt::format("{} is above {}, the largest value", format_number(number), format_number(*parameter.maximum));
  }
  return std::nullopt;
}

}  // namespace mimir
