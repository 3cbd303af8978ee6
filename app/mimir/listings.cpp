#include "app/mimir/listings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "app/mimir/command.h"
#include "app/mimir/output.h"
#include "app/mimir/parameter_help.h"
#include "app/mimir/recipes.h"
#include "app/mimir/registries.h"
#include "core/store/run_json.h"
#include "core/base/schema.h"
#include "core/attacks/attack.h"
#include "core/base/text.h"
#include "core/store/files.h"

namespace mimir {

Expected<int> list_registry(const Options& options, const std::string& name, const std::string& id) {
  const auto& all = all_registries();
  const ListedRegistry& registry =
      *std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  if (id.empty()) {
    nlohmann::json entries = nlohmann::json::array();
    for (const ListedEntry& entry : registry.entries) {
      if (options.json) entries.push_back(entry_json(entry));
      else fmt::print("{:<16} {}\n", entry.info.id, entry.info.label);
    }
    if (options.json) print_json(entries);
    return 0;
  }
  std::string entry_id = id;
  AttackOptions ignored;
  if (const AttackEntry* attack = name == "attacks" ? find_attack(id, ignored) : nullptr) entry_id = attack->info.id;  // pgd-20
  const auto found = std::find_if(registry.entries.begin(), registry.entries.end(),
                                  [&](const ListedEntry& entry) { return entry.info.id == entry_id; });
  if (found == registry.entries.end()) {
    std::vector<std::string> ids;
    for (const ListedEntry& entry : registry.entries) ids.push_back(entry.info.id);
    const auto nearest = nearest_name(id, ids);
    return fail(ErrorCode::usage, "there is no \"{}\" among the {}{}", id, registry.name,
                nearest ? fmt::format("; did you mean \"{}\"?", *nearest)
                        : fmt::format("; `mimir {}` lists them", registry.name));
  }
  if (options.json) {
    print_json(entry_json(*found));
    return 0;
  }
  fmt::print("{}: {}\n{}\n", found->info.id, found->info.label, found->info.help);
  if (!found->info.source.empty()) fmt::print("Source: {}\n", found->info.source);
  for (const auto& [key, value] : found->extra.items()) fmt::print("{}: {}\n", key, value.dump());
  fmt::print("{}", parameter_help(found->info.parameters));
  return 0;
}

namespace {

nlohmann::json preset_json(const Preset& preset) {
  return {{"name", preset.name}, {"title", preset.title}, {"source", preset.source}, {"path", preset.path.string()}};
}

Expected<int> list_presets(const Options& options, const std::string& name) {
  if (name.empty()) {
    nlohmann::json all = nlohmann::json::array();
    for (const Preset& preset : presets()) {
      if (options.json) all.push_back(preset_json(preset));
      else fmt::print("{:<28} {}\n", preset.name, preset.title);
    }
    if (options.json) print_json(all);
    return 0;
  }
  auto path = find_recipe_file(name);
  if (!path) return pass_on(path);
  auto text = read_text(*path);
  if (!text) return pass_on(text);
  if (!options.json) {
    fmt::print("{}", *text);
    return 0;
  }
  auto recipe = parse_recipe(*text, path->string());
  if (!recipe) return pass_on(recipe);
  nlohmann::json object = {
      {"name", name}, {"title", recipe->title}, {"path", path->string()}, {"recipe", recipe_json(*recipe)}};
  for (const Preset& preset : presets()) {
    if (preset.path == *path) object.update(preset_json(preset));
  }
  print_json(object);
  return 0;
}

}  // namespace

void add_listings(CLI::App& app, CommandLine& line) {
  const auto add = [&](const std::string& name, const std::string& help, auto list) {
    const auto entry = std::make_shared<std::string>();
    CLI::App* command = add_command(app, line, name, help, [&line, entry, list] { return list(line.options, *entry); });
    command
        ->add_option("NAME", *entry, "Show this one with its parameters, their ranges and defaults; default: list all")
        ->type_name("");
  };
  for (const ListedRegistry& registry : all_registries()) {
    if (registry.name == "models") continue;  // a command of its own
    add(registry.name, registry.help, [name = registry.name](const Options& options, const std::string& id) {
      return list_registry(options, name, id);
    });
  }
  add("presets", "Recipes that come with the program", list_presets);
}

}  // namespace mimir
