#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/parameter.h"
#include "core/base/recipe.h"

namespace mimir {

/// One field of a recipe: where it stands, what it may be, and how to reach it in the struct.
struct Field {
  std::string table;  ///< "", "data", "pretrain.attack", …
  Parameter parameter;
  std::function<Value(const Recipe&)> get;          ///< the field's table must be there
  std::function<void(Recipe&, const Value&)> set;   ///< adds the field's table if it is not there

  std::string path() const { return table.empty() ? parameter.key : table + "." + parameter.key; }
  bool present(const Recipe& recipe) const;         ///< whether the recipe has the field's table
};

/// All fields in the order in which a recipe is written.
std::span<const Field> recipe_schema();
const Field* find_field(std::string_view path);

enum class Severity { error, warning };
struct Problem {
  std::string field;
  Severity severity = Severity::error;
  std::string message;
};

/// Names that registries know ("attacks" -> ids), for fields whose Parameter names a registry. A registry
/// that is absent is not checked (the window has none of them).
using RegistryNames = std::map<std::string, std::vector<std::string>>;

/// Every problem of the recipe, ranges and relations; empty = it can run.
std::vector<Problem> validate(const Recipe& recipe, const RegistryNames& names = {});

/// Sentence if an epsilon cannot be meant ("8" for 8/255 under L-infinity, or negative).
std::optional<std::string> check_epsilon(const std::string& norm, double epsilon);

/// `origin` names the text in messages (a path). Unknown keys name the nearest known one.
Expected<Recipe> parse_recipe(std::string_view toml, const std::string& origin);
/// Canonical TOML: every field of every table that is there, in schema order; equal recipes give equal text.
std::string write_recipe(const Recipe& recipe);
/// `--set pretrain.attack.epsilon=8/255`; "pretrain=none" drops a stage, "data=PATH" is data.path.
Expected<void> set_field(Recipe& recipe, std::string_view path, const std::string& text);

}  // namespace mimir
