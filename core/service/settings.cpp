#include "core/service/settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "core/base/text.h"

namespace mimir {
namespace {

/// What was typed: one text, or for lists any number.
std::optional<std::vector<std::string>> texts_of(const nlohmann::json& value, bool list) {
  const auto scalar = [](const nlohmann::json& json) -> std::optional<std::string> {
    if (json.is_string()) return json.get<std::string>();
    if (json.is_boolean()) return json.get<bool>() ? "true" : "false";
    if (json.is_number_integer()) return json.dump();
    if (json.is_number()) return format_number(json.get<double>());
    return std::nullopt;
  };
  std::vector<std::string> texts;
  if (!value.is_array()) {
    const auto text = scalar(value);
    if (!text) return std::nullopt;
    if (list && text->empty()) return texts;
    return std::vector<std::string>{*text};
  }
  for (const auto& each : value) {
    const auto text = scalar(each);
    if (!list || !text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

}  // namespace

Expected<Settings> Settings::read(std::span<const Parameter> parameters, const nlohmann::json& options) {
  Settings settings;
  settings.parameters_.assign(parameters.begin(), parameters.end());
  std::vector<std::string> keys;
  for (const Parameter& parameter : parameters) {
    keys.push_back(parameter.key);
    settings.values_[parameter.key] = parameter.fallback;
  }
  for (const auto& [key, json] : options.items()) {
    const auto parameter = std::find_if(parameters.begin(), parameters.end(), [&k = key](const Parameter& p) { return p.key == k; });
    if (parameter == parameters.end()) {
      const auto nearest = nearest_name(key, keys);
      return fail(ErrorCode::usage, "there is no option \"{}\" here; {}", key,
                  nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("there are {}", join(keys, ", ")));
    }
    const bool list = parameter->type == ParameterType::list;
    const auto texts = texts_of(json, list);
    if (!texts) return fail(ErrorCode::usage, "--{}: a value of another kind is wanted than the request has", key);
    if (texts->empty() || (texts->size() == 1 && texts->front().empty())) continue;  // as if it were not there
    const auto value = list ? std::optional<Value>(*texts) : parse_value(*parameter, texts->front());
    if (!value) {
      const char* wanted = parameter->type == ParameterType::integer ? "a whole number"
                           : parameter->type == ParameterType::number ? "a number, or a fraction like 8/255" : "true or false";
      return fail(ErrorCode::usage, "--{} {}: it must be {}", key, texts->front(), wanted);
    }
    if (const auto problem = check_value(*parameter, *value)) return fail(ErrorCode::usage, "--{} {}: {}", key, texts->front(), *problem);
    settings.values_[key] = *value;
    settings.typed_[key] = *texts;
  }
  return settings;
}

const Value& Settings::value(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) throw std::logic_error("there is no option " + key);
  return found->second;
}

std::string Settings::text(const std::string& key) const { return std::get<std::string>(value(key)); }
double Settings::number(const std::string& key) const { return std::get<double>(value(key)); }
std::int64_t Settings::integer(const std::string& key) const { return std::get<long long>(value(key)); }
bool Settings::flag(const std::string& key) const { return std::get<bool>(value(key)); }
std::vector<std::string> Settings::list(const std::string& key) const { return std::get<std::vector<std::string>>(value(key)); }

std::string Settings::command_options(std::span<const std::string> without) const {
  std::string text;
  for (const Parameter& parameter : parameters_) {
    const auto typed = typed_.find(parameter.key);
    if (typed == typed_.end() || std::find(without.begin(), without.end(), parameter.key) != without.end()) continue;
    for (const std::string& each : typed->second) {
      if (parameter.type == ParameterType::boolean) {
        if (each == "true") text += " --" + parameter.key;
      } else {
        text += " --" + parameter.key + " " + shell_word(each);
      }
    }
  }
  return text;
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,/:@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace mimir
