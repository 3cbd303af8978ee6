#include "core/tensor/checkpoint.h"

#include <torch/torch.h>

#include <nlohmann/json.hpp>

#include "core/base/schema.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

constexpr const char* kFormat = "mimir-checkpoint/1";

std::string shape_text(at::IntArrayRef shape) {
  std::vector<std::string> dims;
  for (const std::int64_t dim : shape) dims.push_back(std::to_string(dim));
  return "[" + join(dims, ", ") + "]";
}

}  // namespace

bool Checkpoint::has(const std::string& prefix) const {
  const auto found = tensors.lower_bound(prefix);
  return found != tensors.end() && found->first.starts_with(prefix);
}

nlohmann::json model_to_json(const ModelRecipe& model) {
  Recipe recipe;
  recipe.model = model;
  nlohmann::json json = nlohmann::json::object();
  for (const Field& field : recipe_schema()) {
    if (field.table != "model") continue;
    std::visit([&](const auto& value) { json[field.parameter.key] = value; }, field.get(recipe));
  }
  return json;
}

Expected<ModelRecipe> model_from_json(const nlohmann::json& json) {
  Recipe recipe;
  if (!json.is_object()) return fail(ErrorCode::input, "the checkpoint does not say which model it holds");
  for (const Field& field : recipe_schema()) {
    if (field.table != "model" || !json.contains(field.parameter.key)) continue;
    const nlohmann::json& value = json[field.parameter.key];
    const auto parsed = parse_value(field.parameter, value.is_string() ? value.get<std::string>() : value.dump());
    if (!parsed) return fail(ErrorCode::input, "the checkpoint's model has an unreadable {}", field.parameter.key);
    field.set(recipe, *parsed);
  }
  return recipe.model;
}

Expected<void> write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  Safetensors document;
  document.metadata = {{"format", kFormat},
                       {"model", model_to_json(checkpoint.model).dump()},
                       {"stage", checkpoint.stage},
                       {"step", std::to_string(checkpoint.step)},
                       {"epoch", std::to_string(checkpoint.epoch)},
                       {"classes", nlohmann::json(checkpoint.classes).dump()},
                       {"recipe", checkpoint.recipe},
                       {"state", checkpoint.state},
                       {"versions", nlohmann::json{{"mimir", version()}, {"git", git_revision()}, {"torch", TORCH_VERSION}}.dump()}};
  for (const auto& [name, tensor] : checkpoint.tensors) document.arrays.emplace(name, to_array(tensor));
  return write_safetensors(path, document);
}

Expected<Checkpoint> read_checkpoint(const std::filesystem::path& path) {
  auto document = read_safetensors(path);
  if (!document) return pass_on(document);
  const auto text = [&](const char* key) { return document->metadata[key]; };
  if (text("format") != kFormat) {
    return fail(ErrorCode::input, "{} is not a checkpoint of this program; give its architecture with --model", path.string());
  }
  Checkpoint checkpoint;
  checkpoint.stage = text("stage");
  checkpoint.step = parse_integer(text("step")).value_or(0);
  checkpoint.epoch = parse_integer(text("epoch")).value_or(0);
  if (const auto classes = nlohmann::json::parse(text("classes"), nullptr, false); classes.is_array()) {
    for (const auto& name : classes) checkpoint.classes.push_back(name.is_string() ? name.get<std::string>() : std::string());
  }
  checkpoint.recipe = text("recipe");
  checkpoint.state = text("state");
  auto model = model_from_json(nlohmann::json::parse(text("model"), nullptr, false));
  if (!model) return fail(ErrorCode::input, "{}: {}", path.string(), model.error().message);
  checkpoint.model = std::move(*model);
  for (const auto& [name, array] : document->arrays) checkpoint.tensors.emplace(name, to_tensor(array));
  return checkpoint;
}

void store_parameters(const torch::nn::Module& module, const std::string& prefix, Checkpoint& checkpoint) {
  for (const auto& parameter : module.named_parameters()) {
    checkpoint.tensors[prefix + parameter.key()] = parameter.value().detach().to(at::kCPU).clone();
  }
}

Expected<void> load_parameters(torch::nn::Module& module, const Checkpoint& checkpoint, const std::string& prefix) {
  for (const auto& parameter : module.named_parameters()) {
    const auto found = checkpoint.tensors.find(prefix + parameter.key());
    if (found == checkpoint.tensors.end()) {
      return fail(ErrorCode::mismatch, "the checkpoint has no {}: it belongs to another architecture", parameter.key());
    }
    if (found->second.sizes() != parameter.value().sizes()) {
      return fail(ErrorCode::mismatch, "{} has the shape {} in the checkpoint and {} in the model: they are not of the same architecture",
                  parameter.key(), shape_text(found->second.sizes()), shape_text(parameter.value().sizes()));
    }
  }
  at::NoGradGuard no_grad;
  for (auto& parameter : module.named_parameters()) parameter.value().copy_(checkpoint.tensors.at(prefix + parameter.key()));
  return {};
}

}  // namespace mimir
