#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mimir {

/// A value of a parameter as a recipe, the command line or a form spells it.
using Value = std::variant<bool, long long, double, std::string, std::vector<std::string>>;

enum class ParameterType { integer, number, boolean, choice, text, path, list };
const char* parameter_type_name(ParameterType type);  ///< int number bool choice text path list

/// Everything a form, a help page or a check needs to know of one setting. It stands beside the field it
/// describes, once.
struct Parameter {
  std::string key;                    ///< "epsilon"; within a recipe the table is apart ("pretrain.attack")
  ParameterType type = ParameterType::number;
  Value fallback;                     ///< the default
  std::optional<double> minimum = std::nullopt;  ///< inclusive
  std::optional<double> maximum = std::nullopt;  ///< inclusive
  std::vector<std::string> choices = {};         ///< of a choice
  std::string unit = "1";             ///< never empty; "1" for pure numbers
  std::string help;                   ///< one sentence
  std::string source = {};            ///< paper, section; or where the default comes from
  bool advanced = false;
  std::string when = {};              ///< "key=value": shown only then
  std::string registry = {};          ///< the registry that names the choices ("attacks"), if one does
};

/// The value as people type it: 0.1, true, pgd, a,b.
std::string format_value(const Value& value);

/// Reads `text` as the parameter's type. Does not check the range.
std::optional<Value> parse_value(const Parameter& parameter, const std::string& text);

/// One sentence if the value is outside the range or not among the choices.
std::optional<std::string> check_value(const Parameter& parameter, const Value& value);

}  // namespace mimir
