#include "widgets/table/run_table_model.h"

#include <algorithm>
#include <cmath>

#include "core/store/clock.h"
#include "widgets/format.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

constexpr int kDigits = 5;  // of metrics: two values that differ hardly ever look equal

StatusLook look_of(const RunCondition& condition, const QString& problem) {
  if (!problem.isEmpty()) return {Tone::danger, QLatin1String("error"), RunTableModel::tr("Damaged")};
  return status_look(condition);
}

}  // namespace

RunTableModel::RunTableModel(QObject* parent) : QAbstractTableModel(parent), sparklines_(new Sparklines(this)) {
  connect(sparklines_, &Sparklines::changed, this, [this](const QString& id) {
    const int row = row_of(id);
    for (int column = 0; row >= 0 && column < columnCount(); ++column) {
      if (columns_[static_cast<std::size_t>(column)].kind == ColumnKind::curve) Q_EMIT dataChanged(index(row, column), index(row, column), {kCurve, Qt::AccessibleTextRole});
    }
  });
}

RunTableModel::Row RunTableModel::make_row(const RunEntry& entry) const {
  Row row;
  row.id = entry.id;
  row.revision = entry.revision;
  row.created = entry.created;
  row.condition = entry.condition;
  row.problem = QString::fromStdString(entry.problem);
  row.stage = stage_title(QString::fromStdString(entry.condition.stage));
  for (const std::string& tag : entry.annotations.tags) row.tags.push_back(QString::fromStdString(tag));
  row.words = (run_name(entry) + QLatin1Char(' ') + entry.id + QLatin1Char(' ') + row.tags.join(QLatin1Char(' ')) + QLatin1Char(' ') +
               QString::fromStdString(entry.annotations.note)).toLower();
  bool chosen = false;
  const int colour = QString::fromStdString(entry.annotations.colour).toInt(&chosen);
  row.colour = chosen ? colour : -1;
  row.star = entry.annotations.star;
  row.trash = entry.annotations.trash;
  row.folder = entry.folder.path();
  if (at_work(entry)) row.share = stage_share(entry);
  row.values.reserve(columns_.size());
  row.quoted.resize(columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    row.values.push_back(column_value(columns_[c], entry));
    if (columns_[c].kind == ColumnKind::curve) row.quoted[c] = curve_metric(columns_[c], entry);
    if (columns_[c].kind != ColumnKind::recipe) continue;
    if (const auto at = entry.recipe.find(columns_[c].key); at != entry.recipe.end()) row.quoted[c] = at->second;
  }
  return row;
}

void RunTableModel::set_runs(std::span<const RunEntry> runs) {
  QHash<QString, const RunEntry*> entries;
  for (const RunEntry& run : runs) entries.insert(run.id, &run);
  for (int row = static_cast<int>(rows_.size()) - 1; row >= 0; --row) {
    if (entries.contains(id(row))) continue;
    int first = row;
    while (first > 0 && !entries.contains(id(first - 1))) --first;
    beginRemoveRows({}, first, row);
    rows_.erase(rows_.begin() + first, rows_.begin() + row + 1);
    endRemoveRows();
    row = first;
  }
  std::vector<int> changed;
  index_.clear();
  for (int row = 0; row < static_cast<int>(rows_.size()); ++row) {
    Row& old = rows_[static_cast<std::size_t>(row)];
    index_.insert(old.id, row);
    const RunEntry& entry = *entries.take(old.id);
    if (entry.revision == old.revision) continue;
    old = make_row(entry);
    changed.push_back(row);
  }
  if (!entries.isEmpty()) {
    const int first = static_cast<int>(rows_.size());
    beginInsertRows({}, first, first + static_cast<int>(entries.size()) - 1);
    for (const RunEntry& run : runs) {
      if (!entries.contains(run.id)) continue;
      index_.insert(run.id, static_cast<int>(rows_.size()));
      rows_.push_back(make_row(run));
    }
    measure();
    endInsertRows();
  } else if (!changed.empty()) {
    measure();
  }
  const int last = columnCount() - 1;
  for (std::size_t i = 0; i < changed.size() && last >= 0; ++i) {
    const int from = changed[i];
    while (i + 1 < changed.size() && changed[i + 1] == changed[i] + 1) ++i;
    Q_EMIT dataChanged(index(from, 0), index(changed[i], last));
  }
}

void RunTableModel::set_columns(std::vector<RunColumn> columns, std::span<const RunEntry> runs) {
  beginResetModel();
  columns_ = std::move(columns);
  rows_.clear();
  index_.clear();
  for (const RunEntry& run : runs) {
    index_.insert(run.id, static_cast<int>(rows_.size()));
    rows_.push_back(make_row(run));
  }
  measure();
  endResetModel();
}

void RunTableModel::measure() {
  measures_.assign(columns_.size(), {});
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c].kind != ColumnKind::metric) continue;
    Measure& measure = measures_[c];
    const std::string direction = metric_direction(columns_[c].key);
    double largest = 0, smallest = HUGE_VAL;
    for (const Row& row : rows_) {
      if (!row.values[c].isValid()) continue;
      const double value = row.values[c].toDouble();
      if (!std::isfinite(value)) continue;
      largest = std::max(largest, std::abs(value));
      if (value != 0) smallest = std::min(smallest, std::abs(value));
      const bool better = direction == "up" ? value > measure.best.value_or(-HUGE_VAL) : direction == "down" && value < measure.best.value_or(HUGE_VAL);
      if (better && !row.trash) measure.best = value;
    }
    // One count of decimals down a column, unless it spans so much that small values would vanish.
    if (is_accuracy(columns_[c].key)) measure.decimals = 2;
    else if (largest > 0 && largest < 1e6 && largest / smallest < 1e3 && smallest > 1e-4) {
      measure.decimals = std::clamp(kDigits - 1 - static_cast<int>(std::floor(std::log10(largest))), 0, 7);
    }
  }
}

int RunTableModel::column_of(const QString& id) const {
  const auto at = std::find_if(columns_.begin(), columns_.end(), [&](const RunColumn& column) { return column.id() == id; });
  return at == columns_.end() ? -1 : static_cast<int>(at - columns_.begin());
}

bool RunTableModel::in_view(int row, RunView view) const {
  const Row& r = rows_[static_cast<std::size_t>(row)];
  const RunStatus status = r.condition.status;
  if (r.trash || view == RunView::trash) return r.trash && view == RunView::trash;
  const bool sound = r.problem.isEmpty();
  switch (view) {
    case RunView::running: return sound && (status == RunStatus::starting || status == RunStatus::running || status == RunStatus::paused);
    case RunView::queue: return sound && status == RunStatus::queued;
    case RunView::starred: return r.star;
    case RunView::needs_look: return !sound || status == RunStatus::failed || status == RunStatus::lost;
    default: return true;
  }
}

int RunTableModel::count(RunView view) const {
  int count = 0;
  for (int row = 0; row < rowCount(); ++row) count += in_view(row, view) ? 1 : 0;
  return count;
}

QMap<QString, int> RunTableModel::tags() const {
  QMap<QString, int> tags;
  for (const Row& row : rows_) {
    for (const QString& tag : row.tags) {
      if (!row.trash) ++tags[tag];
    }
  }
  return tags;
}

int RunTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
int RunTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(columns_.size()); }

QString RunTableModel::text(const Row& row, std::size_t column) const {
  const QVariant& value = row.values[column];
  switch (columns_[column].kind) {
    case ColumnKind::star:
    case ColumnKind::curve: return {};
    case ColumnKind::status: return look_of(row.condition, row.problem).word;
    default: break;
  }
  if (!value.isValid()) return kMissing;
  switch (columns_[column].kind) {
    case ColumnKind::progress: return percent_text(value.toDouble(), 0);
    case ColumnKind::started: return moment_text(value.toDouble());
    case ColumnKind::duration: return duration_text(value.toDouble());
    case ColumnKind::recipe: return row.quoted[column].empty() ? kMissing : QString::fromStdString(row.quoted[column]);
    case ColumnKind::metric: {
      const double number = value.toDouble();
      if (is_accuracy(columns_[column].key)) return fixed_text(number * 100, measures_[column].decimals);
      return measures_[column].decimals < 0 ? number_text(number, kDigits) : fixed_text(number, measures_[column].decimals);
    }
    default: return value.toString();
  }
}

std::shared_ptr<const Sparkline> RunTableModel::curve(const Row& row, std::size_t column) const {
  if (columns_[column].kind != ColumnKind::curve || !row.values[column].isValid()) return nullptr;
  return sparklines_->get(row.id, RunFolder(row.folder), row.revision, row.quoted[column]);
}

QString RunTableModel::curve_words(const Row& row, std::size_t column) const {
  const auto line = curve(row, column);
  if (!line || line->empty()) return kMissing;
  const QString words = tr("from %1 to %2").arg(number_text(line->first), number_text(line->last));
  return line->problems.empty() ? words : tr("%1, not finite in between").arg(words);
}

QString RunTableModel::tip(const Row& row, std::size_t column) const {
  switch (columns_[column].kind) {
    case ColumnKind::status:
      if (!row.problem.isEmpty()) return row.problem;
      return row.condition.reason ? QString::fromStdString(*row.condition.reason) : QString();
    case ColumnKind::progress: return row.stage;
    case ColumnKind::curve: return QString::fromStdString(row.quoted[column]) + QLatin1Char('\n') + curve_words(row, column);
    case ColumnKind::star: return row.star ? tr("Starred (S)") : tr("Not starred (S)");
    case ColumnKind::metric: return row.values[column].isValid() ? number_text(row.values[column].toDouble(), 12) : tr("Not recorded");
    default: return text(row, column);
  }
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  const auto column = static_cast<std::size_t>(index.column());
  switch (role) {
    case Qt::DisplayRole: return text(row, column);
    case Qt::ToolTipRole: return tip(row, column);
    case Qt::AccessibleTextRole:
      if (columns_[column].kind == ColumnKind::curve) return curve_words(row, column);
      return columns_[column].kind == ColumnKind::star ? tip(row, column) : text(row, column);
    case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::AlignVCenter | (columns_[column].numeric() ? Qt::AlignRight : Qt::AlignLeft));
    case kValue: return row.values[column];
    case kId: return row.id;
    case kLook: return QVariant::fromValue(look_of(row.condition, row.problem));
    case kBest: return measures_[column].best && row.values[column].isValid() && row.values[column].toDouble() == *measures_[column].best;
    case kKind: return static_cast<int>(columns_[column].kind);
    case kColour: return row.colour;
    case kCurve: return QVariant::fromValue(curve(row, column));
    case kShare: return row.share ? QVariant(*row.share) : QVariant();
    default: return {};
  }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const RunColumn& column = columns_[static_cast<std::size_t>(section)];
  switch (role) {
    case Qt::DisplayRole: return column.title();
    case Qt::ToolTipRole: return column.explanation();
    case Qt::AccessibleTextRole: return column.kind == ColumnKind::star ? column.explanation() : column.title();
    case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::AlignVCenter | (column.numeric() ? Qt::AlignRight : Qt::AlignLeft));
    default: return {};
  }
}

}  // namespace mimir
