#pragma once

#include <QString>
#include <QStringList>
#include <map>
#include <nlohmann/json_fwd.hpp>

#include "core/base/recipe.h"
#include "widgets/form/form_schema.h"

namespace mimir {

/// What the user has set over a recipe that exists as a file. A value.
struct RecipeDraft {
  QString base;       ///< as the command names it: a preset's name or the path of a TOML file
  QString base_file;  ///< the file it was read from
  Recipe base_recipe;
  std::map<QString, QString> set;    ///< field -> text as typed; only what differs from the base
  std::map<QString, bool> stages;    ///< stage -> present; only what differs from the base

  bool has_stage(const QString& stage) const;
  bool base_has_stage(const QString& stage) const;
  /// As the form shows it: what was typed, else the base's value, else the default.
  QString text(const FieldSchema& field) const;
  QString base_text(const FieldSchema& field) const;
  /// Stores the text, or nothing if it means what the base says.
  void set_text(const FieldSchema& field, const QString& text);
  void set_stage(const QString& stage, bool present);
  /// Whether `when` of the field holds; a condition on an absent field does not.
  bool applies(const FormSchema& schema, const FieldSchema& field) const;

  /// Words behind `mimir train`: the base and a --set for each change. What is not of its type is left out.
  QStringList arguments(const FormSchema& schema) const;
  /// The whole recipe, all fields of all its stages; an error names the field that is not of its type.
  Expected<Recipe> resolved(const FormSchema& schema) const;
};

/// `file` is read and parsed; `base` is what the command calls it.
Expected<RecipeDraft> open_draft(const QString& base, const QString& file);

/// A draft as it is kept on disk. Reading opens the base again.
nlohmann::json draft_json(const RecipeDraft& draft);
Expected<RecipeDraft> draft_from_json(const nlohmann::json& stored);

}  // namespace mimir
