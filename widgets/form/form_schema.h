#pragma once

#include <QString>
#include <QStringList>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/base/error.h"
#include "core/base/parameter.h"

namespace mimir {

/// One field of a recipe as `mimir describe` gives it; the choices of registries are filled in.
struct FieldSchema {
  QString table;  ///< "", "data", "pretrain.attack", …
  Parameter parameter;

  QString key() const { return QString::fromStdString(parameter.key); }
  QString path() const { return table.isEmpty() ? key() : table + QLatin1Char('.') + key(); }
  /// The section of the form: data model pretrain finetune evaluate compute.
  QString section() const;
  /// As the section shows it: "attack.epsilon".
  QString label() const;
  bool on_unit_scale() const { return parameter.unit == "of [0,1]"; }
};

/// A recipe that ships with the program.
struct PresetInfo {
  QString name;
  QString title;
  QString source;
  QString path;
};

struct FormSchema {
  std::vector<FieldSchema> fields;  ///< in the order in which a recipe is written
  std::vector<PresetInfo> presets;

  const FieldSchema* find(const QString& path) const;
  const PresetInfo* preset(const QString& name) const;
};

/// The parameters of an entry of a registry, as `mimir describe` gives them; errors as below.
Expected<std::vector<FieldSchema>> parse_fields(const nlohmann::json& parameters);
/// `mismatch` error that names what is missing or of an unknown type.
Expected<FormSchema> parse_form_schema(const nlohmann::json& description);

/// data model pretrain finetune evaluate compute
const QStringList& form_sections();
/// Whether the section's table may be absent from a recipe.
bool is_stage(const QString& section);

/// "0 to 1, default 0.75, He et al. 2022": what may be typed, as far as it is known.
QString range_text(const FieldSchema& field);

}  // namespace mimir
