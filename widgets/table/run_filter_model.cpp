#include "widgets/table/run_filter_model.h"

#include <algorithm>
#include <cmath>

namespace mimir {
namespace {

/// Values, then NaN, then nothing.
int rank(const QVariant& value) {
  if (!value.isValid()) return 2;
  return value.userType() == QMetaType::Double && std::isnan(value.toDouble()) ? 1 : 0;
}

int compare(const QVariant& a, const QVariant& b) {
  if (a.userType() == QMetaType::QString && b.userType() == QMetaType::QString) {
    return a.toString().compare(b.toString(), Qt::CaseInsensitive);
  }
  const double x = a.toDouble(), y = b.toDouble();
  return x < y ? -1 : x > y ? 1 : 0;
}

}  // namespace

RunFilterModel::RunFilterModel(RunTableModel& runs, QObject* parent) : QSortFilterProxyModel(parent), runs_(runs) {
  connect(&runs, &QAbstractItemModel::modelReset, this, &RunFilterModel::find_columns);  // before the base sorts again
  setSourceModel(&runs);
  setDynamicSortFilter(true);
  find_columns();
  sort(0);
}

void RunFilterModel::set_text(const QString& text) {
  words_ = text.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  invalidateFilter();
}

void RunFilterModel::set_view(RunView view) {
  view_ = view;
  invalidateFilter();
}

void RunFilterModel::set_tag(const QString& tag) {
  tag_ = tag;
  invalidateFilter();
}

void RunFilterModel::set_keys(std::vector<Key> keys) {
  keys_ = std::move(keys);
  find_columns();
  invalidate();
}

void RunFilterModel::find_columns() {
  columns_.clear();
  for (const Key& key : keys_) {
    if (const int column = runs_.column_of(key.column); column >= 0) columns_.emplace_back(column, key.order);
  }
}

bool RunFilterModel::filterAcceptsRow(int row, const QModelIndex&) const {
  if (!runs_.in_view(row, view_)) return false;
  if (!tag_.isEmpty() && !runs_.has_tag(row, tag_)) return false;
  const QString& words = runs_.words(row);
  return std::all_of(words_.begin(), words_.end(), [&](const QString& word) { return words.contains(word); });
}

bool RunFilterModel::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  for (const auto& [column, order] : columns_) {
    const QVariant& a = runs_.value(left.row(), column);
    const QVariant& b = runs_.value(right.row(), column);
    const int a_rank = rank(a), b_rank = rank(b);
    if (a_rank != b_rank) return a_rank < b_rank;
    const int difference = a_rank == 0 ? compare(a, b) : 0;
    if (difference != 0) return (difference < 0) == (order == Qt::AscendingOrder);
  }
  return runs_.created(left.row()) > runs_.created(right.row());
}

}  // namespace mimir
