#include "core/models/model_options.h"

#include <torch/nn/module.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/mimir/command.h"
#include "app/mimir/listings.h"
#include "app/mimir/output.h"
#include "core/models/masked_autoencoder.h"
#include "core/service/architecture.h"

namespace mimir {
namespace {

Expected<int> show_model(const Options& options, const std::string& text) {
  auto architecture = parse_architecture(text);
  if (!architecture) return pass_on(architecture);
  if (architecture->family == Architecture::Family::linear) return fail(ErrorCode::usage, "a linear model has the sizes of its weights");
  auto sizes = resolve_model(architecture->model, 0);
  if (!sizes) return pass_on(sizes);
  std::shared_ptr<torch::nn::Module> model;
  if (architecture->family == Architecture::Family::autoencoder) model = MaskedAutoencoder(*sizes).ptr();
  else model = VitClassifier(*sizes).ptr();

  std::int64_t parameters = 0;
  nlohmann::json state = nlohmann::json::array();
  for (const auto& parameter : model->named_parameters()) {
    parameters += parameter.value().numel();
    state.push_back({parameter.key(), parameter.value().sizes().vec()});
  }
  const std::string name = text.substr(0, text.find(','));
  if (options.json) {
    print_json({{"name", name}, {"parameters", parameters}, {"state", std::move(state)}});
    return 0;
  }
  fmt::print("{}: {}\n{} parameters\n", name, models().find(architecture->model.name)->info.help, parameters);
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
