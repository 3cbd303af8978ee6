#include "app/mimir/recipe_arguments.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/mimir/registries.h"
#include "core/data/dataset.h"
#include "core/evaluation/evaluation.h"
#include "core/models/model_options.h"

namespace mimir {

Expected<void> apply_arguments(Recipe& recipe, const std::vector<std::string>& sets, const Options& options) {
  for (const std::string& set : sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos) return fail(ErrorCode::usage, "--set {}: it must be KEY=VALUE", set);
    const std::string key = set.substr(0, equals), value = set.substr(equals + 1);
    if (auto done = set_field(recipe, key, value); !done) return done;
    if ((key == "data" || key == "data.path") && !value.empty()) recipe.data.name = dataset_for_path(recipe.data.name, value);
  }
  for (const auto& [field, text] : options.fields) {
    if (text.empty()) continue;
    if (auto done = set_field(recipe, field, text); !done) return done;
  }
  return {};
}

std::vector<Problem> check_recipe(const Recipe& recipe) {
  std::vector<Problem> problems = validate(recipe, registry_names());
  if (!problems.empty() && problems.front().severity == Severity::error) return problems;
  const auto add = [&](const std::string& field, const Error& error) {
    problems.push_back({field, Severity::error, error.message});
  };
  if (auto options = resolve_model(recipe.model, 0); !options) add("model", options.error());
  if (recipe.evaluate) {
    ThreatModel threat;
    threat.epsilon = recipe.evaluate->epsilon;
    if (auto norm = parse_norm(recipe.evaluate->norm)) threat.norm = *norm;
    if (auto known = check_attack_names(recipe.evaluate->attacks, threat); !known) add("evaluate.attacks", known.error());
  }
  const DatasetEntry* data = datasets().find(recipe.data.name);
  if (data && data->takes_path && recipe.data.path.empty()) {
    problems.push_back({"data.path", Severity::error, fmt::format("the data set {} needs its folder: --set data=PATH", recipe.data.name)});
  }
  if (data && !data->takes_path && !recipe.data.path.empty()) {
    problems.push_back({"data.path", Severity::error, fmt::format("the data set {} takes no path; --set data.name=folder reads one", recipe.data.name)});
  }
  return problems;
}

Expected<void> refuse_problems(const std::vector<Problem>& problems) {
  std::vector<std::string> errors;
  for (const Problem& problem : problems) {
    const std::string line = problem.field.empty() ? problem.message : problem.field + ": " + problem.message;
    if (problem.severity == Severity::warning) fmt::print(stderr, "warning: {}\n", line);
    else errors.push_back(line);
  }
  if (errors.empty()) return {};
  Error error{ErrorCode::usage, errors.front(), {}};
  for (std::size_t i = 1; i < errors.size(); ++i) error.detail += errors[i] + "\n";
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace mimir
