#include "widgets/form/form_schema.h"

#include <QCoreApplication>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "widgets/form/number_text.h"

namespace mimir {
namespace {

using nlohmann::json;

constexpr ParameterType kTypes[] = {ParameterType::integer, ParameterType::number, ParameterType::boolean, ParameterType::choice,
                                    ParameterType::text, ParameterType::path, ParameterType::list};

Value fallback_of(ParameterType type, const json& value) {
  switch (type) {
    case ParameterType::integer: return value.get<long long>();
    case ParameterType::number: return value.is_null() ? 0.0 : value.get<double>();
    case ParameterType::boolean: return value.get<bool>();
    case ParameterType::list: return value.get<std::vector<std::string>>();
    default: return value.get<std::string>();
  }
}

std::optional<double> limit_of(const json& entry, const char* key) {
  const auto found = entry.find(key);
  return found == entry.end() || found->is_null() ? std::nullopt : std::optional(found->get<double>());
}

FieldSchema field_of(const json& entry) {
  FieldSchema field;
  field.table = QString::fromStdString(entry.at("table").get<std::string>());
  Parameter& p = field.parameter;
  p.key = entry.at("key").get<std::string>();
  const std::string type = entry.at("type").get<std::string>();
  const auto known = std::find_if(std::begin(kTypes), std::end(kTypes), [&](ParameterType t) { return type == parameter_type_name(t); });
  if (known == std::end(kTypes)) throw std::invalid_argument(fmt::format("{} is of the unknown type {}", field.path().toStdString(), type));
  p.type = *known;
  p.fallback = fallback_of(p.type, entry.at("default"));
  p.minimum = limit_of(entry, "min");
  p.maximum = limit_of(entry, "max");
  p.choices = entry.value("choices", std::vector<std::string>());
  p.unit = entry.value("unit", std::string("1"));
  p.help = entry.value("help", std::string());
  p.source = entry.value("source", std::string());
  p.advanced = entry.value("level", std::string()) == "advanced";
  p.when = entry.value("when", std::string());
  return field;
}

tl::unexpected<Error> unreadable(const std::exception& error) {
  return fail(ErrorCode::mismatch, "the description that mimir gives of itself cannot be read ({}): is it of another version than the window?", error.what());
}

}  // namespace

QString FieldSchema::section() const {
  // Title and seed have no table; the seed stands with what else decides how it is computed.
  return table.isEmpty() ? QStringLiteral("compute") : table.section(QLatin1Char('.'), 0, 0);
}

QString FieldSchema::label() const {
  const QString inner = table.section(QLatin1Char('.'), 1);
  return inner.isEmpty() ? key() : inner + QLatin1Char('.') + key();
}

const FieldSchema* FormSchema::find(const QString& path) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const FieldSchema& f) { return f.path() == path; });
  return found == fields.end() ? nullptr : &*found;
}

const PresetInfo* FormSchema::preset(const QString& name) const {
  const auto found = std::find_if(presets.begin(), presets.end(), [&](const PresetInfo& p) { return p.name == name; });
  return found == presets.end() ? nullptr : &*found;
}

Expected<std::vector<FieldSchema>> parse_fields(const json& parameters) {
  std::vector<FieldSchema> fields;
  try {
    for (const json& entry : parameters) fields.push_back(field_of(entry));
  } catch (const std::exception& error) {
    return unreadable(error);
  }
  return fields;
}

Expected<FormSchema> parse_form_schema(const json& description) {
  FormSchema schema;
  try {
    for (const json& entry : description.at("schema")) schema.fields.push_back(field_of(entry));
    for (const json& entry : description.at("presets")) {
      const auto text = [&](const char* key) { return QString::fromStdString(entry.value(key, std::string())); };
      schema.presets.push_back({text("name"), text("title"), text("source"), text("path")});
    }
  } catch (const std::exception& error) {
    return unreadable(error);
  }
  return schema;
}

const QStringList& form_sections() {
  static const QStringList sections{QStringLiteral("data"),     QStringLiteral("model"),    QStringLiteral("pretrain"),
                                    QStringLiteral("finetune"), QStringLiteral("evaluate"), QStringLiteral("compute")};
  return sections;
}

bool is_stage(const QString& section) {
  return section == QLatin1String("pretrain") || section == QLatin1String("finetune") || section == QLatin1String("evaluate");
}

QString range_text(const FieldSchema& field) {
  const auto say = [](const char* text) { return QCoreApplication::translate("FormSchema", text); };
  const Parameter& p = field.parameter;
  QStringList parts;
  const auto number = [](double value) { return QString::fromStdString(format_number(value)); };
  if (p.minimum && p.maximum) parts << say(QT_TR_NOOP("%1 to %2")).arg(number(*p.minimum), number(*p.maximum));
  else if (p.minimum) parts << say(QT_TR_NOOP("%1 or more")).arg(number(*p.minimum));
  else if (p.maximum) parts << say(QT_TR_NOOP("up to %1")).arg(number(*p.maximum));
  const QString fallback = value_text(field, p.fallback);
  parts << (fallback.isEmpty() ? say(QT_TR_NOOP("empty by default")) : say(QT_TR_NOOP("default %1")).arg(fallback));
  if (!p.source.empty()) parts << QString::fromStdString(p.source);
  return parts.join(QStringLiteral(" · "));
}

}  // namespace mimir
