#include "core/base/recipe.h"

#include <cmath>
#include <sstream>

#include <toml++/toml.h>

#include "core/base/schema.h"
#include "core/base/text.h"

namespace mimir {
namespace {

const char* const kStages[] = {"pretrain", "finetune", "evaluate"};

std::vector<std::string> known_names(std::string_view table) {
  std::vector<std::string> names;
  for (const Field& field : recipe_schema()) {
    if (field.table == table) names.push_back(field.parameter.key);
    if (table.empty() && !field.table.empty()) names.push_back(field.table.substr(0, field.table.find('.')));
    const std::string prefix = std::string(table) + ".";
    if (!table.empty() && field.table.starts_with(prefix)) names.push_back(field.table.substr(prefix.size()));
  }
  return names;
}

tl::unexpected<Error> unknown_key(const std::string& path, const std::string& table, const std::string& key,
                                  const std::string& origin) {
  const auto nearest = nearest_name(key, known_names(table));
  return fail(ErrorCode::usage, "{}: there is no key \"{}\"{}", origin, path,
              nearest ? fmt::format("; did you mean \"{}\"?", table.empty() ? *nearest : table + "." + *nearest)
                      : "; `mimir train --help` lists all keys");
}

std::optional<Value> to_value(const Parameter& parameter, const toml::node& node) {
  if (const auto* text = node.as_string()) return parse_value(parameter, text->get());
  switch (parameter.type) {
    case ParameterType::boolean:
      if (const auto* b = node.as_boolean()) return Value(b->get());
      return std::nullopt;
    case ParameterType::integer:
      if (const auto* i = node.as_integer()) return Value(static_cast<long long>(i->get()));
      if (const auto* d = node.as_floating_point(); d && std::nearbyint(d->get()) == d->get() && std::abs(d->get()) < 9e15) {
        return Value(static_cast<long long>(d->get()));
      }
      return std::nullopt;
    case ParameterType::number:
      if (const auto* i = node.as_integer()) return Value(static_cast<double>(i->get()));
      if (const auto* d = node.as_floating_point()) return Value(d->get());
      return std::nullopt;
    case ParameterType::list: {
      const auto* array = node.as_array();
      if (!array) return std::nullopt;
      std::vector<std::string> items;
      for (const toml::node& item : *array) {
        const auto* text = item.as_string();
        if (!text) return std::nullopt;
        items.push_back(text->get());
      }
      return Value(items);
    }
    default: return std::nullopt;
  }
}

const char* wanted(ParameterType type) {
  switch (type) {
    case ParameterType::integer: return "a whole number";
    case ParameterType::number: return "a number";
    case ParameterType::boolean: return "true or false";
    case ParameterType::list: return "a list of names";
    default: return "a text";
  }
}

Expected<void> read_table(const toml::table& table, const std::string& name, const std::string& origin, Recipe& recipe) {
  for (const auto& [key_view, node] : table) {
    const std::string key(key_view.str());
    const std::string path = name.empty() ? key : name + "." + key;
    if (const auto* inner = node.as_table()) {
      bool known = false;
      for (const Field& field : recipe_schema()) known = known || field.table == path || field.table.starts_with(path + ".");
      if (!known) return unknown_key(path, name, key, origin);
      if (path == "pretrain" && !recipe.pretrain) recipe.pretrain.emplace();
      if (path == "finetune" && !recipe.finetune) recipe.finetune.emplace();
      if (path == "evaluate" && !recipe.evaluate) recipe.evaluate.emplace();
      if (auto read = read_table(*inner, path, origin, recipe); !read) return read;
      continue;
    }
    const Field* field = find_field(path);
    if (!field) return unknown_key(path, name, key, origin);
    const auto value = to_value(field->parameter, node);
    if (!value) {
      return fail(ErrorCode::usage, "{}, line {}: {} must be {}", origin, node.source().begin.line, path,
                  wanted(field->parameter.type));
    }
    field->set(recipe, *value);
  }
  return {};
}

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

/// 8/255 and 6.5/255 read better than their long decimals, and read back as the same double.
std::string write_number(double value) {
  std::string text = format_number(value);
  const double levels = std::nearbyint(value * 510) / 2;
  const std::string fraction = fmt::format("{}/255", levels);
  if (value > 0 && value < 1 && levels / 255 == value && fraction.size() < text.size()) return fmt::format("\"{}\"", fraction);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string write_value(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  if (const auto* number = std::get_if<double>(&value)) return write_number(*number);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    std::vector<std::string> items;
    for (const std::string& item : *list) items.push_back(quoted(item));
    return "[" + join(items, ", ") + "]";
  }
  return format_value(value);
}

}  // namespace

Expected<Recipe> parse_recipe(std::string_view text, const std::string& origin) {
  Recipe recipe;
  try {
    const toml::table root = toml::parse(text, origin);
    if (auto read = read_table(root, "", origin, recipe); !read) return pass_on(read);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::usage, "{}, line {}: {}", origin, error.source().begin.line, std::string(error.description()));
  }
  return recipe;
}

std::string write_recipe(const Recipe& recipe) {
  std::string text;
  std::string table;
  for (const Field& field : recipe_schema()) {
    if (!field.present(recipe)) continue;
    if (field.table != table) {
      table = field.table;
      text += fmt::format("\n[{}]\n", table);
    }
    text += fmt::format("{} = {}\n", field.parameter.key, write_value(field.get(recipe)));
  }
  return text;
}

Expected<void> set_field(Recipe& recipe, std::string_view path_view, const std::string& text) {
  std::string path(path_view);
  if (path == "data") path = "data.path";
  for (const char* stage : kStages) {
    if (path != stage) continue;
    if (text != "none") return fail(ErrorCode::usage, "--set {}={}: a stage can only be set to none, which drops it", path, text);
    if (path == "pretrain") recipe.pretrain.reset();
    if (path == "finetune") recipe.finetune.reset();
    if (path == "evaluate") recipe.evaluate.reset();
    return {};
  }
  const Field* field = find_field(path);
  if (!field) {
    const auto dot = path.rfind('.');
    const std::string table = dot == std::string::npos ? "" : path.substr(0, dot);
    return unknown_key(path, table, dot == std::string::npos ? path : path.substr(dot + 1), "--set");
  }
  const auto value = parse_value(field->parameter, text);
  if (!value) return fail(ErrorCode::usage, "--set {}={}: it must be {}", path, text, wanted(field->parameter.type));
  field->set(recipe, *value);
  return {};
}

std::optional<std::string> check_epsilon(const std::string& norm, double epsilon) {
  if (!(epsilon >= 0) || std::isinf(epsilon)) return "it must be 0 or more, and finite";
  if (norm == "linf" && epsilon > 1) {
    const std::string written = format_number(epsilon);
    return fmt::format("{} is above 1, but images are in [0,1]: write {}/255 for {} grey levels", written, written, written);
  }
  return std::nullopt;
}

std::vector<Problem> validate(const Recipe& recipe, const RegistryNames& names) {
  std::vector<Problem> problems;
  const auto error = [&](std::string field, std::string text) {
    problems.push_back({std::move(field), Severity::error, std::move(text)});
  };
  const auto warning = [&](std::string field, std::string text) {
    problems.push_back({std::move(field), Severity::warning, std::move(text)});
  };

  for (const Field& field : recipe_schema()) {
    if (!field.present(recipe)) continue;
    Parameter parameter = field.parameter;
    if (const auto known = names.find(parameter.registry); known != names.end()) parameter.choices = known->second;
    if (const auto text = check_value(parameter, field.get(recipe))) error(field.path(), *text);
  }
  const auto check_attack = [&](const std::string& table, const std::string& norm, double epsilon) {
    if (const auto text = check_epsilon(norm, epsilon)) error(table + ".epsilon", *text);
  };
  const auto check_optimisation = [&](const std::string& table, const OptimisationRecipe& stage, const OptimisationRecipe& usual) {
    if (stage.warmup_epochs >= static_cast<double>(stage.epochs)) {
      warning(table + ".warmup_epochs", "the warm-up is as long as the stage, so the learning rate never reaches its cosine");
    }
    if (stage.learning_rate > 0 && stage.base_learning_rate != usual.base_learning_rate) {
      warning(table + ".base_learning_rate", fmt::format("it has no effect, for {}.learning_rate is given: change that one, or set it to 0", table));
    }
    if (stage.learning_rate > 1) warning(table + ".learning_rate", "a learning rate above 1 is unusual for AdamW");
  };

  const ModelRecipe& model = recipe.model;
  if (model.patch_size > 0 && model.img_size % model.patch_size != 0) {
    error("model.patch_size", fmt::format("{} does not divide img_size {}", model.patch_size, model.img_size));
  }
  if (model.embed_dim > 0 && model.embed_dim % 4 != 0) {
    error("model.embed_dim", "it must be a multiple of 4, for the position embedding has four parts");
  }
  if (model.embed_dim > 0 && model.num_heads > 0 && model.embed_dim % model.num_heads != 0) {
    error("model.num_heads", fmt::format("{} does not divide embed_dim {}", model.num_heads, model.embed_dim));
  }
  if (const auto& p = recipe.pretrain) {
    check_attack("pretrain.attack", p->attack.norm, p->attack.epsilon);
    check_optimisation("pretrain", *p, PretrainRecipe());
    if (p->information.alpha == 1) error("pretrain.information.alpha", "the Rényi entropy is not defined at 1: take 1.01");
    if (model.patch_size > 0) {
      const auto grid = model.img_size / model.patch_size;
      const auto patches = grid * grid;
      const auto kept = static_cast<std::int64_t>(static_cast<double>(patches) * (1 - p->mask_ratio));
      if (kept < 1) error("pretrain.mask_ratio", fmt::format("it leaves none of the {} patches visible", patches));
      else if (kept == patches) error("pretrain.mask_ratio", fmt::format("it removes none of the {} patches, so there is nothing to reconstruct", patches));
    }
  }
  if (const auto& f = recipe.finetune) {
    check_attack("finetune.attack", f->attack.norm, f->attack.epsilon);
    check_optimisation("finetune", *f, FinetuneRecipe());
    if (f->method != "natural" && f->natural_epochs >= static_cast<double>(f->epochs)) {
      warning("finetune.natural_epochs", "no epoch is left for the attack");
    }
    if (model.patch_size > 0) {
      const auto grid = model.img_size / model.patch_size;
      if (static_cast<double>(grid * grid) * (1 - f->patch_drop_rate) < 1) error("finetune.patch_drop_rate", fmt::format("it leaves none of the {} patches", grid * grid));
    }
    if ((f->method == "n-fgsm" || f->method == "fgsm-rs") && f->attack.norm != "linf") {
      error("finetune.attack.norm", fmt::format("{} is defined for linf only", f->method));
    }
  }
  if (const auto& e = recipe.evaluate) {
    check_attack("evaluate", e->norm, e->epsilon);
    if (e->attacks.empty()) error("evaluate.attacks", "there is no attack in the list");
  }
  if (!recipe.pretrain && !recipe.finetune && !recipe.evaluate) {
    error("", "the recipe has no stage: add a table [pretrain], [finetune] or [evaluate]");
  }
  if (recipe.evaluate && !recipe.finetune) {
    error("evaluate", "there is no classifier to evaluate: add a table [finetune]");
  }
  return problems;
}

}  // namespace mimir
