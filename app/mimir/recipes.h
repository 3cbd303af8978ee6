#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/recipe.h"

namespace mimir {

/// A recipe that ships with the program: experiments/<name>.toml.
struct Preset {
  std::string name;
  std::string title;
  std::string source;  ///< of the comment line "# Source: …"
  std::filesystem::path path;
};

/// Sorted by name. A file that is not a recipe is left out.
std::vector<Preset> presets();

/// A preset's name, or the path of a TOML file. `usage` error that names the nearest preset if it looks like a
/// name and there is none; `input` error if the file cannot be read.
Expected<std::filesystem::path> find_recipe_file(const std::string& name_or_path);
Expected<Recipe> find_recipe(const std::string& name_or_path);

}  // namespace mimir
