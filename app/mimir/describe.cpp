#include <CLI/CLI.hpp>

#include "app/mimir/command.h"
#include "app/mimir/output.h"
#include "app/mimir/parameter_help.h"
#include "app/mimir/recipes.h"
#include "app/mimir/registries.h"
#include "core/base/metrics.h"
#include "core/base/schema.h"
#include "core/base/version.h"

namespace mimir {
namespace {

constexpr int kProtocol = 1;  // of `mimir serve`

/// All that a window needs to draw forms without libtorch.
nlohmann::json description() {
  using nlohmann::json;
  json schema = json::array();
  for (const Field& field : recipe_schema()) schema.push_back(parameter_json(field.parameter, field.table));

  json registries = json::object();
  for (const ListedRegistry& registry : all_registries()) {
    json entries = json::array();
    for (const ListedEntry& entry : registry.entries) entries.push_back(entry_json(entry));
    registries[registry.name] = std::move(entries);
  }
  json metrics = json::array();
  for (const MetricInfo& metric : known_metrics()) {
    metrics.push_back(
        {{"name", metric.name}, {"unit", metric.unit}, {"direction", metric.direction}, {"help", metric.help}});
  }
  json listed = json::array();
  for (const Preset& preset : presets()) {
    listed.push_back(
        {{"name", preset.name}, {"title", preset.title}, {"source", preset.source}, {"path", preset.path.string()}});
  }
  return {{"program", "mimir"},
          {"build", fmt::format("{} {}", version(), git_revision())},
          {"protocol", kProtocol},
          {"schema", std::move(schema)},
          {"registries", std::move(registries)},
          {"metrics", std::move(metrics)},
          {"presets", std::move(listed)}};
}

}  // namespace

void add_describe(CLI::App& app, CommandLine& line) {
  add_command(app, line, "describe", "Print recipe schema, registries, metrics and presets as JSON",
              []() -> Expected<int> {
                print_json(description());
                return 0;
              });
}

}  // namespace mimir
