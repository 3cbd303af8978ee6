#include "core/store/run_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/schema.h"
#include "core/base/text.h"
#include "core/store/annotations.h"
#include "core/store/files.h"
#include "core/store/run_reader.h"

namespace mimir {
namespace {

using nlohmann::json;

json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

/// What both have, without the metrics.
Expected<json> common(RunReader& reader) {
  const RunFolder& run = reader.run();
  auto condition = reader.condition();
  if (!condition) return pass_on(condition);
  auto annotations = read_annotations(run);
  if (!annotations) return pass_on(annotations);
  auto recipe = run.read_recipe();
  if (!recipe) return pass_on(recipe);
  return json{{"id", run.id()},
              {"name", annotations->name.empty() ? run.name() : annotations->name},
              {"status", run_status_name(condition->status)},
              {"code", or_null(condition->code)},
              {"reason", or_null(condition->reason)},
              {"path", run.path().string()},
              {"stage", condition->stage.empty() ? json(nullptr) : json(condition->stage)},
              {"created", run.created()},
              {"tags", annotations->tags},
              {"note", annotations->note},
              {"star", annotations->star},
              {"trash", annotations->trash},
              {"recipe", recipe_json(*recipe)}};
}

/// evaluations/<id>/report.json, those that can be read; a part of one is being written or was cut off.
json evaluations_json(const RunFolder& run) {
  json list = json::array();
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  std::filesystem::directory_iterator entries(run.evaluations(), error);
  for (const std::filesystem::directory_iterator end; !error && entries != end; entries.increment(error)) folders.push_back(entries->path());
  std::sort(folders.begin(), folders.end());
  for (const auto& folder : folders) {
    const auto text = read_text(folder / "report.json");
    if (!text) continue;
    const json report = json::parse(*text, nullptr, /*allow_exceptions=*/false);
    if (!report.is_object()) continue;
    json entry = {{"id", folder.filename().string()}, {"path", folder.string()}};
    for (const char* key : {"checkpoint", "epsilon", "norm", "images", "natural_accuracy", "robust_accuracy"}) {
      entry[key] = report.contains(key) ? report[key] : json(nullptr);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

json recipe_json(const Recipe& recipe) {
  json tables = json::object();
  for (const Field& field : recipe_schema()) {
    if (!field.present(recipe)) continue;
    json* table = &tables;
    for (const std::string& part : split(field.table, '.')) table = &(*table)[part];
    (*table)[field.parameter.key] = std::visit([](const auto& value) { return json(value); }, field.get(recipe));
  }
  return tables;
}

Expected<json> run_list_json(const RunFolder& run) {
  RunReader reader(run);
  auto entry = common(reader);
  if (!entry) return entry;
  auto values = reader.last_values();
  if (!values) return pass_on(values);
  json metrics = json::object();
  for (const auto& [name, value] : *values) metrics[name] = number(value);
  (*entry)["metrics"] = std::move(metrics);
  return entry;
}

Expected<json> run_show_json(const RunFolder& run) {
  RunReader reader(run);
  auto entry = common(reader);
  if (!entry) return entry;
  auto summaries = reader.summaries();
  if (!summaries) return pass_on(summaries);
  auto checkpoints = reader.checkpoints();
  if (!checkpoints) return pass_on(checkpoints);

  json metrics = json::object();
  for (const MetricSummary& summary : *summaries) {
    metrics[summary.info.name] = {{"unit", summary.info.unit}, {"direction", summary.info.direction}, {"last", number(summary.last)},
                                  {"best", or_null(summary.best)}, {"points", summary.points}};
  }
  (*entry)["metrics"] = std::move(metrics);
  const auto environment = run.read_environment();  // a run made by hand may lack it
  (*entry)["environment"] = environment ? *environment : json::object();
  json files = json::array();
  for (const CheckpointRow& row : *checkpoints) files.push_back({{"stage", row.stage}, {"step", row.step}, {"kind", row.kind}, {"path", row.path}});
  (*entry)["checkpoints"] = std::move(files);
  (*entry)["evaluations"] = evaluations_json(run);
  return entry;
}

}  // namespace mimir
