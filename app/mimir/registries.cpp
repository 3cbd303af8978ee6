#include "app/mimir/registries.h"

#include "app/mimir/parameter_help.h"
#include "core/attacks/attack.h"
#include "core/data/augmentation.h"
#include "core/data/dataset.h"
#include "core/information/estimator.h"
#include "core/models/model_options.h"
#include "core/training/method.h"

namespace mimir {
namespace {

constexpr auto kNoExtra = [](const auto&) { return nlohmann::json::object(); };

/// `extra(entry)` is a JSON object with the keys that only this registry has.
template <typename Entry, typename Extra = decltype(kNoExtra)>
ListedRegistry listed(std::string name, std::string help, const Registry<Entry>& registry,
                                       Extra extra = kNoExtra) {
  ListedRegistry result{std::move(name), std::move(help)};
  for (const auto& [id, entry] : registry) result.entries.push_back({entry.info, extra(entry)});
  return result;
}

}  // namespace

const std::vector<ListedRegistry>& all_registries() {
  static const std::vector<ListedRegistry> all = {
      listed("datasets", "Data sets", datasets()),
      listed("augmentations", "What is done to a training image", augmentations()),
      listed("models", "Architectures", models()),
      listed("estimators", "Measures of dependence between image and latent", estimators()),
      listed("attacks", "Attacks", attacks(),
             [](const AttackEntry& entry) {
               nlohmann::json norms = nlohmann::json::array();
               for (const Norm norm : entry.norms) norms.push_back(norm_name(norm));
               return nlohmann::json{{"norms", norms}};
             }),
      listed("methods", "Ways to train the classifier", methods()),
  };
  return all;
}

RegistryNames registry_names() {
  RegistryNames names;
  for (const ListedRegistry& registry : all_registries()) {
    if (registry.entries.empty()) continue;
    for (const ListedEntry& entry : registry.entries) names[registry.name].push_back(entry.info.id);
  }
  return names;
}

std::vector<std::string> choices_of(const Parameter& parameter) {
  if (parameter.registry.empty()) return parameter.choices;
  const RegistryNames names = registry_names();
  const auto found = names.find(parameter.registry);
  return found == names.end() ? parameter.choices : found->second;
}

nlohmann::json entry_json(const ListedEntry& entry) {
  nlohmann::json parameters = nlohmann::json::array();
  for (const Parameter& parameter : entry.info.parameters) parameters.push_back(parameter_json(parameter, ""));
  nlohmann::json object = {{"id", entry.info.id},
                           {"label", entry.info.label},
                           {"source", entry.info.source},
                           {"help", entry.info.help},
                           {"parameters", std::move(parameters)}};
  object.update(entry.extra);
  return object;
}

}  // namespace mimir
