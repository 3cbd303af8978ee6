#include "core/models/model_options.h"

#include <torch/nn/module.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/mimir/command.h"
#include "app/mimir/listings.h"
#include "app/mimir/output.h"
#include "core/base/schema.h"
#include "core/base/text.h"
#include "core/models/masked_autoencoder.h"

namespace mimir {
namespace {

constexpr std::string_view kAutoencoder = "mae_";

std::vector<std::string> known_models() {
  std::vector<std::string> names = models().ids();
  for (const std::string& id : models().ids()) names.push_back(std::string(kAutoencoder) + id);
  return names;
}

/// "vit_ti,patch_size=2": a name and keys of a recipe's [model] table. The recipe has the classifier's name.
Expected<ModelRecipe> parse_model(const std::string& text) {
  Recipe recipe;
  const std::vector<std::string> parts = split(text, ',');
  const std::string name = parts.empty() ? "" : parts.front();
  recipe.model.name = name.starts_with(kAutoencoder) ? name.substr(kAutoencoder.size()) : name;
  if (!models().find(recipe.model.name)) {
    const auto nearest = nearest_name(name, known_models());
    return fail(ErrorCode::usage, "there is no model \"{}\"{}", name,
                nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "; `mimir models` lists them");
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string::npos) {
      return fail(ErrorCode::usage, "\"{}\" is not key=value, with a key of a recipe's table [model]", parts[i]);
    }
    const std::string path = "model." + parts[i].substr(0, equals);
    if (auto set = set_field(recipe, path, parts[i].substr(equals + 1)); !set) return pass_on(set);
    const Field* field = find_field(path);
    if (const auto problem = check_value(field->parameter, field->get(recipe))) {
      return fail(ErrorCode::usage, "{}: {}", parts[i], *problem);
    }
  }
  return recipe.model;
}

Expected<int> show_model(const Options& options, const std::string& text) {
  auto recipe = parse_model(text);
  if (!recipe) return pass_on(recipe);
  auto sizes = resolve_model(*recipe, 0);
  if (!sizes) return pass_on(sizes);
  const bool autoencoder = text.starts_with(kAutoencoder);
  std::shared_ptr<torch::nn::Module> model;
  if (autoencoder) model = MaskedAutoencoder(*sizes).ptr();
  else model = VitClassifier(*sizes).ptr();

  std::int64_t parameters = 0;
  nlohmann::json state = nlohmann::json::array();
  for (const auto& parameter : model->named_parameters()) {
    parameters += parameter.value().numel();
    state.push_back({parameter.key(), parameter.value().sizes().vec()});
  }
  const std::string name = (autoencoder ? std::string(kAutoencoder) : std::string()) + recipe->name;
  if (options.json) {
    print_json({{"name", name}, {"parameters", parameters}, {"state", std::move(state)}});
    return 0;
  }
  fmt::print("{}: {}\n{} parameters\n", name, models().find(recipe->name)->info.help, parameters);
  for (const auto& entry : state) fmt::print("  {:<36} {}\n", entry[0].get<std::string>(), entry[1].dump());
  return 0;
}

}  // namespace

void add_models(CLI::App& app, CommandLine& line) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command =
      add_command(app, line, "models", "Architectures, and the parameters of one", [&line, name]() -> Expected<int> {
        return name->empty() ? list_registry(line.options, "models") : show_model(line.options, *name);
      });
  command
      ->add_option("NAME", *name,
                   "Show the parameters of this one: a name, or mae_ and a name for the masked autoencoder around it, "
                   "and keys of a recipe's [model] table as NAME,key=value,…; default: list all")
      ->type_name("");
}

}  // namespace mimir
