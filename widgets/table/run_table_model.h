#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QMap>
#include <span>

#include "widgets/table/run_columns.h"
#include "widgets/table/sparklines.h"

namespace mimir {

/// One group of runs in History's list at the left.
enum class RunView { all, running, queue, starred, needs_look, trash };

/// Runs as rows, chosen columns as columns. Keeps no entry, only what it shows of one, so a refresh costs what changed.
class RunTableModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Role {
    kValue = Qt::UserRole,  ///< raw: bool, int, double or QString; invalid where missing
    kId,                    ///< of the run
    kLook,                  ///< StatusLook of the run
    kBest,                  ///< whether no other run's value of this metric is better
    kKind,                  ///< ColumnKind, as int
    kColour,                ///< palette index of the run; -1: not chosen yet
    kCurve,                 ///< std::shared_ptr<const Sparkline> of a curve column; null while it is read
    kShare,                 ///< of a run at work, 0 to 1: done of all its stages; else invalid
  };

  explicit RunTableModel(QObject* parent = nullptr);

  /// Brings the rows up to date: removes, changes and appends; nothing is reset.
  void set_runs(std::span<const RunEntry> runs);
  /// `runs` once more, since the values of other columns are in them. A reset.
  void set_columns(std::vector<RunColumn> columns, std::span<const RunEntry> runs);
  const std::vector<RunColumn>& columns() const { return columns_; }
  int column_of(const QString& id) const;  ///< -1: not shown

  QString id(int row) const { return rows_[static_cast<std::size_t>(row)].id; }
  int row_of(const QString& id) const { return index_.value(id, -1); }
  const QVariant& value(int row, int column) const { return rows_[static_cast<std::size_t>(row)].values[static_cast<std::size_t>(column)]; }
  bool in_view(int row, RunView view) const;
  bool has_tag(int row, const QString& tag) const { return rows_[static_cast<std::size_t>(row)].tags.contains(tag); }
  /// Name, note and tags in lower case.
  const QString& words(int row) const { return rows_[static_cast<std::size_t>(row)].words; }
  double created(int row) const { return rows_[static_cast<std::size_t>(row)].created; }
  int count(RunView view) const;
  QMap<QString, int> tags() const;  ///< how many runs outside the trash have it

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Row {
    QString id;
    std::uint64_t revision = 0;
    std::vector<QVariant> values;
    std::vector<std::string> quoted;  // recipe columns as the recipe spells them; of curve columns the metric
    std::filesystem::path folder;
    std::optional<double> share;
    RunCondition condition;
    QString problem;
    QString words;
    QString stage;
    QStringList tags;
    int colour = -1;
    double created = 0;
    bool star = false, trash = false;
  };
  /// What a column's numbers have in common.
  struct Measure {
    std::optional<double> best;
    int decimals = -1;  // -1: each as it needs
  };

  Row make_row(const RunEntry& entry) const;
  void measure();
  QString text(const Row& row, std::size_t column) const;
  QString tip(const Row& row, std::size_t column) const;
  std::shared_ptr<const Sparkline> curve(const Row& row, std::size_t column) const;
  QString curve_words(const Row& row, std::size_t column) const;

  std::vector<RunColumn> columns_;
  std::vector<Measure> measures_;
  std::vector<Row> rows_;
  QHash<QString, int> index_;
  Sparklines* sparklines_;
};

}  // namespace mimir

Q_DECLARE_METATYPE(std::shared_ptr<const mimir::Sparkline>)
