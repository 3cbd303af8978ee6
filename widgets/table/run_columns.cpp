#include "widgets/table/run_columns.h"

#include <QCoreApplication>
#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/base/schema.h"
#include "core/base/text.h"
#include "core/store/clock.h"
#include "widgets/format.h"
#include "widgets/session/run_progress.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("mimir::RunColumns", text); }

constexpr ColumnKind kPlain[] = {ColumnKind::star, ColumnKind::name, ColumnKind::status, ColumnKind::progress, ColumnKind::started, ColumnKind::duration};

const char* kind_name(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::star: return "star";
    case ColumnKind::name: return "name";
    case ColumnKind::status: return "status";
    case ColumnKind::progress: return "progress";
    case ColumnKind::started: return "started";
    case ColumnKind::duration: return "duration";
    case ColumnKind::recipe: return "recipe";
    case ColumnKind::metric: return "metric";
    case ColumnKind::curve: return "curve";
  }
  return "";
}

/// "Robust" for what fine-tuning measures, "Robust, test" for what evaluation does.
QString short_metric_title(const std::string& key) {
  QString title = metric_title(QString::fromStdString(key));
  title.replace(QStringLiteral(" accuracy"), QString());
  if (key.starts_with("evaluate/")) return tr("%1, test").arg(title);
  return key.starts_with("pretrain/") ? tr("%1, pre-training").arg(title) : title;
}

std::set<std::string> metric_names(std::span<const RunEntry> runs) {
  std::set<std::string> names;
  for (const RunEntry& run : runs) {
    for (const auto& [name, value] : run.metrics) names.insert(name);
  }
  return names;
}

std::set<std::string> fields(std::span<const RunEntry> runs) {
  std::set<std::string> paths;
  for (const RunEntry& run : runs) {
    for (const auto& [path, text] : run.recipe) paths.insert(path);
  }
  return paths;
}

/// Whether two of the runs that have the field say different things.
bool differs(const std::string& path, std::span<const RunEntry> runs) {
  const std::string* first = nullptr;
  for (const RunEntry& run : runs) {
    const auto at = run.recipe.find(path);
    if (at == run.recipe.end()) continue;
    if (first && *first != at->second) return true;
    first = &at->second;
  }
  return false;
}

}  // namespace

QString RunColumn::id() const {
  const QString name = QLatin1String(kind_name(kind));
  return key.empty() ? name : name + QLatin1Char(':') + QString::fromStdString(key);
}

std::optional<RunColumn> RunColumn::parse(const QString& id) {
  const QString name = id.section(QLatin1Char(':'), 0, 0);
  const std::string key = id.section(QLatin1Char(':'), 1).toStdString();
  for (const ColumnKind kind : kPlain) {
    if (key.empty() && name == QLatin1String(kind_name(kind))) return RunColumn{kind, {}};
  }
  for (const ColumnKind kind : {ColumnKind::recipe, ColumnKind::metric, ColumnKind::curve}) {
    if (!key.empty() && name == QLatin1String(kind_name(kind))) return RunColumn{kind, key};
  }
  return std::nullopt;
}

QString RunColumn::title() const {
  switch (kind) {
    case ColumnKind::star: return {};
    case ColumnKind::name: return tr("Name");
    case ColumnKind::status: return tr("Status");
    case ColumnKind::progress: return tr("Progress");
    case ColumnKind::started: return tr("Started");
    case ColumnKind::duration: return tr("Time");
    case ColumnKind::recipe: {
      if (key == "pretrain.information.weight") return QStringLiteral("λ");
      if (key == "finetune.attack.epsilon") return QStringLiteral("ε");
      return QString::fromStdString(key).section(QLatin1Char('.'), -2);
    }
    case ColumnKind::metric: return short_metric_title(key);
    case ColumnKind::curve: return key == "loss" ? tr("Loss") : short_metric_title(key);
  }
  return {};
}

QString RunColumn::explanation() const {
  const QString name = QString::fromStdString(key);
  switch (kind) {
    case ColumnKind::star: return tr("Star");
    case ColumnKind::progress: return tr("Share done of the stage at work");
    case ColumnKind::duration: return tr("Time of work, without what lies between a stop and a resume");
    case ColumnKind::recipe: {
      const Field* field = find_field(key);
      return field ? name + QLatin1Char('\n') + QString::fromStdString(field->parameter.help) : name;
    }
    case ColumnKind::metric:
      return is_accuracy(key) ? name + QLatin1Char('\n') + tr("Last value, in percent") : name + QLatin1Char('\n') + tr("Last value");
    case ColumnKind::curve: return key == "loss" ? tr("Curve of the loss, of the latest stage") : name + QLatin1Char('\n') + tr("Curve over all steps");
    default: return {};
  }
}

bool RunColumn::numeric() const {
  if (kind == ColumnKind::metric || kind == ColumnKind::duration) return true;
  if (kind != ColumnKind::recipe) return false;
  const Field* field = find_field(key);
  return field && (field->parameter.type == ParameterType::integer || field->parameter.type == ParameterType::number);
}

std::string metric_direction(const std::string& name) {
  try {
    return metric_info(name).direction;
  } catch (const std::logic_error&) {
    return "none";  // recorded by another version
  }
}

bool is_accuracy(const std::string& metric) {
  return metric.ends_with("_accuracy") || metric.ends_with("_accuracy_low") || metric.ends_with("_accuracy_high");
}

std::vector<RunColumn> possible_columns(std::span<const RunEntry> runs) {
  std::vector<RunColumn> columns;
  for (const ColumnKind kind : kPlain) columns.push_back({kind, {}});
  const auto metrics = metric_names(runs);
  for (const std::string& name : metrics) columns.push_back({ColumnKind::metric, name});
  columns.push_back({ColumnKind::curve, "loss"});
  for (const std::string& name : metrics) {
    if (!name.starts_with("evaluate/")) columns.push_back({ColumnKind::curve, name});
  }
  const auto paths = fields(runs);
  for (const Field& field : recipe_schema()) {
    if (paths.contains(field.path())) columns.push_back({ColumnKind::recipe, field.path()});
  }
  return columns;
}

std::vector<RunColumn> preset_columns(ColumnPreset preset, std::span<const RunEntry> runs) {
  if (preset == ColumnPreset::everything) return possible_columns(runs);
  std::vector<RunColumn> columns;
  for (const ColumnKind kind : {ColumnKind::star, ColumnKind::name, ColumnKind::status}) columns.push_back({kind, {}});
  if (preset == ColumnPreset::essentials) {
    for (const char* metric : {"finetune/robust_accuracy", "finetune/natural_accuracy", "evaluate/robust_accuracy"}) {
      columns.push_back({ColumnKind::metric, metric});
    }
    columns.push_back({ColumnKind::curve, "loss"});
    for (const char* path : {"pretrain.information.weight", "finetune.attack.epsilon"}) columns.push_back({ColumnKind::recipe, path});
    columns.push_back({ColumnKind::duration, {}});
    return columns;
  }
  for (const RunColumn& column : possible_columns(runs)) {
    if (column.kind == ColumnKind::recipe && differs(column.key, runs)) columns.push_back(column);
  }
  return columns;
}


std::string curve_metric(const RunColumn& column, const RunEntry& entry) {
  if (column.key != "loss") return column.key;
  return entry.metrics.contains("finetune/loss") ? "finetune/loss" : "pretrain/loss";
}

QVariant column_value(const RunColumn& column, const RunEntry& entry) {
  const auto optional = [](const std::optional<double>& value) { return value ? QVariant(*value) : QVariant(); };
  switch (column.kind) {
    case ColumnKind::star: return entry.annotations.star;
    case ColumnKind::name: return run_name(entry);
    case ColumnKind::status: return static_cast<int>(entry.condition.status);
    case ColumnKind::progress: return optional(entry.condition.status == RunStatus::finished ? std::optional(1.0) : stage_share(entry));
    case ColumnKind::started: return entry.created;
    case ColumnKind::duration: return optional(progress_of(entry, seconds_since_1970()).elapsed);
    case ColumnKind::recipe: {
      const auto at = entry.recipe.find(column.key);
      if (at == entry.recipe.end()) return {};
      if (column.numeric()) {
        if (const auto number = parse_number(at->second)) return *number;
      }
      return QString::fromStdString(at->second);
    }
    case ColumnKind::metric:
    case ColumnKind::curve: {
      const auto at = entry.metrics.find(column.kind == ColumnKind::curve ? curve_metric(column, entry) : column.key);
      return at == entry.metrics.end() ? QVariant() : QVariant(at->second);
    }
  }
  return {};
}

}  // namespace mimir
