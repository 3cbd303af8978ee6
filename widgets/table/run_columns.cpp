#include "widgets/table/run_columns.h"

#include <QCoreApplication>
#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/base/schema.h"
#include "core/base/text.h"
#include "widgets/format.h"

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
  }
  return {};
}

QString RunColumn::explanation() const {
  const QString name = QString::fromStdString(key);
  switch (kind) {
    case ColumnKind::star: return tr("Star");
    case ColumnKind::progress: return tr("Share done of all stages");
    case ColumnKind::duration: return tr("Time from the start of each stage to its end");
    case ColumnKind::recipe: {
      const Field* field = find_field(key);
      return field ? name + QLatin1Char('\n') + QString::fromStdString(field->parameter.help) : name;
    }
    case ColumnKind::metric:
      return is_accuracy(key) ? name + QLatin1Char('\n') + tr("Last value, in percent") : name + QLatin1Char('\n') + tr("Last value");
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
  for (const std::string& name : metric_names(runs)) columns.push_back({ColumnKind::metric, name});
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
    columns.push_back({ColumnKind::progress, {}});
    for (const char* metric : {"finetune/robust_accuracy", "finetune/natural_accuracy", "evaluate/robust_accuracy", "pretrain/loss"}) {
      columns.push_back({ColumnKind::metric, metric});
    }
    for (const char* path : {"pretrain.information.weight", "finetune.attack.epsilon"}) columns.push_back({ColumnKind::recipe, path});
    columns.push_back({ColumnKind::started, {}});
    columns.push_back({ColumnKind::duration, {}});
    return columns;
  }
  for (const RunColumn& column : possible_columns(runs)) {
    if (column.kind == ColumnKind::recipe && differs(column.key, runs)) columns.push_back(column);
  }
  return columns;
}


std::optional<double> run_duration(const RunEntry& entry) {
  std::optional<double> sum;
  for (const StageRow& stage : entry.stages) {
    const auto end = stage.ended ? stage.ended : entry.condition.heard;
    if (stage.started && end) sum = sum.value_or(0) + std::max(*end - *stage.started, 0.0);
  }
  return sum;
}

std::optional<double> run_progress(const RunEntry& entry) {
  if (entry.stages.empty()) return std::nullopt;
  double done = 0;
  for (const StageRow& stage : entry.stages) {
    if (stage.state == StageState::finished) done += 1;
    else if (entry.heartbeat && entry.heartbeat->stage == stage.name && entry.heartbeat->total > 0) {
      done += std::clamp(static_cast<double>(entry.heartbeat->step) / static_cast<double>(entry.heartbeat->total), 0.0, 1.0);
    }
  }
  return done / static_cast<double>(entry.stages.size());
}

QVariant column_value(const RunColumn& column, const RunEntry& entry) {
  const auto optional = [](const std::optional<double>& value) { return value ? QVariant(*value) : QVariant(); };
  switch (column.kind) {
    case ColumnKind::star: return entry.annotations.star;
    case ColumnKind::name: return run_name(entry);
    case ColumnKind::status: return static_cast<int>(entry.condition.status);
    case ColumnKind::progress: return optional(run_progress(entry));
    case ColumnKind::started: return entry.created;
    case ColumnKind::duration: return optional(run_duration(entry));
    case ColumnKind::recipe: {
      const auto at = entry.recipe.find(column.key);
      if (at == entry.recipe.end()) return {};
      if (column.numeric()) {
        if (const auto number = parse_number(at->second)) return *number;
      }
      return QString::fromStdString(at->second);
    }
    case ColumnKind::metric: {
      const auto at = entry.metrics.find(column.key);
      return at == entry.metrics.end() ? QVariant() : QVariant(at->second);
    }
  }
  return {};
}

}  // namespace mimir
