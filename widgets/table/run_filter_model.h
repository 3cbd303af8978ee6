#pragma once

#include <QSortFilterProxyModel>

#include "widgets/table/run_table_model.h"

namespace mimir {

/// Which runs are shown and in which order. Missing values stand last whichever way a column is sorted.
class RunFilterModel : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  explicit RunFilterModel(RunTableModel& runs, QObject* parent = nullptr);

  /// Every word must be in name, id, note or tags, in any case of letters.
  void set_text(const QString& text);
  void set_view(RunView view);
  RunView view() const { return view_; }
  /// Only runs with this tag; empty: all.
  void set_tag(const QString& tag);
  const QString& tag() const { return tag_; }

  struct Key {
    QString column;  ///< id of a RunColumn
    Qt::SortOrder order = Qt::AscendingOrder;
    bool operator==(const Key&) const = default;
  };
  /// The first decides, the next where it is equal; what is equal in all stands newest first. Keys of columns that
  /// are not shown do not count until they are.
  void set_keys(std::vector<Key> keys);
  const std::vector<Key>& keys() const { return keys_; }

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  void find_columns();

  RunTableModel& runs_;
  QStringList words_;
  RunView view_ = RunView::all;
  QString tag_;
  std::vector<Key> keys_ = {{QStringLiteral("started"), Qt::DescendingOrder}};
  std::vector<std::pair<int, Qt::SortOrder>> columns_;  // of the keys that are shown
};

}  // namespace mimir
