#include "widgets/form/recipe_draft.h"

#include <QFile>
#include <nlohmann/json.hpp>

#include "core/base/schema.h"
#include "widgets/form/number_text.h"

namespace mimir {
namespace {

bool has_table(const Recipe& recipe, const QString& stage) {
  if (stage == QLatin1String("pretrain")) return recipe.pretrain.has_value();
  if (stage == QLatin1String("finetune")) return recipe.finetune.has_value();
  return recipe.evaluate.has_value();
}

/// Numbers are the same if their values are, whatever their spelling.
bool same_meaning(const FieldSchema& field, const QString& a, const QString& b) {
  const ParameterType type = field.parameter.type;
  if (type == ParameterType::number || type == ParameterType::integer) {
    const auto x = evaluate_number(a), y = evaluate_number(b);
    if (x && y) return *x == *y;
  }
  return canonical_text(field, a).value_or(a) == canonical_text(field, b).value_or(b);
}

}  // namespace

bool RecipeDraft::base_has_stage(const QString& stage) const { return has_table(base_recipe, stage); }

bool RecipeDraft::has_stage(const QString& stage) const {
  const auto found = stages.find(stage);
  return found == stages.end() ? base_has_stage(stage) : found->second;
}

QString RecipeDraft::base_text(const FieldSchema& field) const {
  const Field* known = find_field(field.path().toStdString());
  if (known && known->present(base_recipe)) return value_text(field, known->get(base_recipe));
  return value_text(field, field.parameter.fallback);
}

QString RecipeDraft::text(const FieldSchema& field) const {
  const auto found = set.find(field.path());
  return found == set.end() ? base_text(field) : found->second;
}

void RecipeDraft::set_text(const FieldSchema& field, const QString& text) {
  if (same_meaning(field, text, base_text(field))) set.erase(field.path());
  else set[field.path()] = text;
}

void RecipeDraft::set_stage(const QString& stage, bool present) {
  if (present == base_has_stage(stage)) stages.erase(stage);
  else stages[stage] = present;
}

bool RecipeDraft::applies(const FormSchema& schema, const FieldSchema& field) const {
  const QString when = QString::fromStdString(field.parameter.when);
  if (when.isEmpty()) return true;
  const FieldSchema* other = schema.find(when.section(QLatin1Char('='), 0, 0));
  return other && text(*other) == when.section(QLatin1Char('='), 1);
}

QStringList RecipeDraft::arguments(const FormSchema& schema) const {
  QStringList words{base};
  const auto add = [&](const QString& key, const QString& value) { words << QStringLiteral("--set") << key + QLatin1Char('=') + value; };
  for (const QString& stage : form_sections()) {
    if (is_stage(stage) && base_has_stage(stage) && !has_stage(stage)) add(stage, QStringLiteral("none"));
  }
  QString opened;  // a stage that the base lacks is there once one of its fields is set
  for (const FieldSchema& field : schema.fields) {
    const QString stage = field.section();
    if (is_stage(stage) && !has_stage(stage)) continue;
    const bool begins = is_stage(stage) && !base_has_stage(stage) && opened != stage;
    const auto typed = set.find(field.path());
    if (typed == set.end() && !begins) continue;
    if (begins) opened = stage;
    if (const auto value = canonical_text(field, text(field))) add(field.path(), *value);
  }
  return words;
}

Expected<Recipe> RecipeDraft::resolved(const FormSchema& schema) const {
  Recipe recipe = base_recipe;
  const QStringList words = arguments(schema);
  for (qsizetype i = 2; i < words.size(); i += 2) {
    const QString key = words[i].section(QLatin1Char('='), 0, 0), value = words[i].section(QLatin1Char('='), 1);
    if (auto done = set_field(recipe, key.toStdString(), value.toStdString()); !done) return pass_on(done);
  }
  for (const auto& [path, typed] : set) {
    const FieldSchema* field = schema.find(path);
    if (field && !canonical_text(*field, typed)) return fail(ErrorCode::usage, "{}: \"{}\" cannot be read", path.toStdString(), typed.toStdString());
  }
  return recipe;
}

Expected<RecipeDraft> open_draft(const QString& base, const QString& file) {
  QFile opened(file);
  if (!opened.open(QIODevice::ReadOnly)) return fail(ErrorCode::input, "{} cannot be read: {}", file.toStdString(), opened.errorString().toStdString());
  auto recipe = parse_recipe(opened.readAll().toStdString(), file.toStdString());
  if (!recipe) return pass_on(recipe);
  return RecipeDraft{base, file, std::move(*recipe), {}, {}};
}

nlohmann::json draft_json(const RecipeDraft& draft) {
  nlohmann::json set = nlohmann::json::object(), stages = nlohmann::json::object();
  for (const auto& [path, text] : draft.set) set[path.toStdString()] = text.toStdString();
  for (const auto& [stage, present] : draft.stages) stages[stage.toStdString()] = present;
  return {{"base", draft.base.toStdString()}, {"base_file", draft.base_file.toStdString()}, {"set", set}, {"stages", stages}};
}

Expected<RecipeDraft> draft_from_json(const nlohmann::json& stored) {
  try {
    auto draft = open_draft(QString::fromStdString(stored.at("base").get<std::string>()), QString::fromStdString(stored.at("base_file").get<std::string>()));
    if (!draft) return draft;
    for (const auto& [path, text] : stored.at("set").items()) draft->set[QString::fromStdString(path)] = QString::fromStdString(text.get<std::string>());
    for (const auto& [stage, present] : stored.at("stages").items()) draft->stages[QString::fromStdString(stage)] = present.get<bool>();
    return draft;
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::input, "a draft is damaged: {}", error.what());
  }
}

}  // namespace mimir
