#include "core/service/architecture.h"

#include <torch/torch.h>

#include "core/base/schema.h"
#include "core/base/text.h"
#include "core/models/layers.h"
#include "core/models/model_options.h"

namespace mimir {
namespace {

constexpr std::string_view kAutoencoder = "mae_";

std::vector<std::string> known_names() {
  std::vector<std::string> names = models().ids();
  names.push_back("vit");
  for (std::size_t i = 0, count = names.size(); i < count; ++i) names.push_back(std::string(kAutoencoder) + names[i]);
  names.push_back("linear");
  return names;
}

}  // namespace

Expected<Architecture> parse_architecture(const std::string& text) {
  const std::vector<std::string> parts = split(text, ',');
  std::string name = parts.empty() ? "" : parts.front();
  Architecture result;
  Recipe recipe;
  if (name == "linear") {
    result.family = Architecture::Family::linear;
  } else {
    if (name.starts_with(kAutoencoder)) {
      result.family = Architecture::Family::autoencoder;
      name = name.substr(kAutoencoder.size());
    }
    recipe.model.name = name == "vit" ? "vit_ti" : name;
    if (!models().find(recipe.model.name)) {
      const auto nearest = nearest_name(parts.front(), known_names());
      return fail(ErrorCode::usage, "there is no model \"{}\"{}", parts.front(),
                  nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "; `mimir models` lists them");
    }
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
  result.model = recipe.model;
  return result;
}

LinearClassifierImpl::LinearClassifierImpl(std::int64_t classes, std::int64_t dimensions) {
  weight = register_parameter("weight", torch::empty({classes, dimensions}));
  bias = register_parameter("bias", torch::empty({classes}));
}

at::Tensor LinearClassifierImpl::forward(const at::Tensor& images, const ForwardContext& context) {
  check_cancelled(images, context);
  return at::linear(images.flatten(1), weight, bias);
}

at::Tensor LinearClassifierImpl::features(const at::Tensor& images, const ForwardContext&) { return images.flatten(1).unsqueeze(1); }

}  // namespace mimir
