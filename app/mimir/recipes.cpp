#include "app/mimir/recipes.h"

#include <algorithm>

#include "core/base/schema.h"
#include "core/base/text.h"
#include "core/store/files.h"

namespace mimir {
namespace {

std::string source_of(const std::string& text) {
  constexpr std::string_view mark = "# Source: ";
  for (const std::string& line : split(text, '\n')) {
    if (line.starts_with(mark)) return line.substr(mark.size());
  }
  return {};
}

}  // namespace

std::vector<Preset> presets() {
  std::vector<Preset> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data_directory() / "experiments", error)) {
    if (entry.path().extension() != ".toml") continue;
    const auto text = read_text(entry.path());
    const auto recipe =
        text ? parse_recipe(*text, entry.path().string()) : Expected<Recipe>(tl::unexpect, text.error());
    if (recipe) all.push_back({entry.path().stem().string(), recipe->title, source_of(*text), entry.path()});
  }
  std::sort(all.begin(), all.end(), [](const Preset& a, const Preset& b) { return a.name < b.name; });
  return all;
}

Expected<std::filesystem::path> find_recipe_file(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".toml"))
    return std::filesystem::path(name_or_path);
  std::vector<std::string> names;
  for (const Preset& preset : presets()) {
    if (preset.name == name_or_path) return preset.path;
    names.push_back(preset.name);
  }
  const auto nearest = nearest_name(name_or_path, names);
  return fail(ErrorCode::usage, "there is no preset \"{}\"{}", name_or_path,
              nearest ? fmt::format("; did you mean \"{}\"?", *nearest)
                      : "; `mimir presets` lists them, and the path of a recipe ends in .toml");
}

Expected<Recipe> find_recipe(const std::string& name_or_path) {
  auto path = find_recipe_file(name_or_path);
  if (!path) return pass_on(path);
  auto text = read_text(*path);
  if (!text) return pass_on(text);
  return parse_recipe(*text, path->string());
}

}  // namespace mimir
