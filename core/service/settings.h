#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/parameter.h"

namespace mimir {

/// The options of a request, read and checked against the parameters of its kind. Keys are those of the parameters;
/// asking for another is a broken contract.
class Settings {
 public:
  /// `usage` error for an unknown key (it names the nearest), a value that cannot be read, or one out of range.
  static Expected<Settings> read(std::span<const Parameter> parameters, const nlohmann::json& options);

  bool given(const std::string& key) const { return typed_.contains(key); }
  std::string text(const std::string& key) const;
  double number(const std::string& key) const;
  std::int64_t integer(const std::string& key) const;
  bool flag(const std::string& key) const;
  std::vector<std::string> list(const std::string& key) const;

  /// What stands for an option that was given in command_options(), for instance a path made absolute.
  void say_as(const std::string& key, const std::string& text) { typed_[key] = {text}; }

  /// " --KEY VALUE" of everything given, in the order of the parameters, quoted for a shell; but for `without`.
  std::string command_options(std::span<const std::string> without) const;

 private:
  const Value& value(const std::string& key) const;

  std::vector<Parameter> parameters_;
  std::map<std::string, Value> values_;               ///< of every parameter
  std::map<std::string, std::vector<std::string>> typed_;  ///< of those given
};

/// As one word of a POSIX shell.
std::string shell_word(const std::string& text);

}  // namespace mimir
