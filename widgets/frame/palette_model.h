#pragma once

#include <QAbstractListModel>
#include <QPointer>
#include <QStringList>
#include <optional>
#include <vector>

#include "widgets/session/run_library.h"

class QAction;

namespace mimir {

/// How well `text` answers `query`: every word of it must be found, in any order, whole or as letters in their order.
/// Higher is better; none: it does not. `lower` is the text in lower case. `at`: the letters that were found.
std::optional<int> fuzzy_score(const QStringList& query, const QString& lower, std::vector<int>* at = nullptr);

/// What the palette offers for what was typed: 12 at most, grouped, the best group first.
class PaletteModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum class Kind { place, action, run };
  struct Entry {
    Kind kind = Kind::place;
    QString id;       ///< of a place or run; of an action its menu path
    QString text;
    QString detail;   ///< at the right, quiet
    QString keys;     ///< its shortcut
    QString icon;     ///< of resources/icons; runs: empty
    int colour = 0;   ///< of a run
    QPointer<QAction> action;
    QString lower;    ///< made by set_entries
  };
  enum Role { HeadingRole = Qt::UserRole, FoundRole };
  static constexpr int kRowsAtMost = 12;

  using QAbstractListModel::QAbstractListModel;

  void set_entries(std::vector<Entry> entries);
  /// Keys "kind:id", the newest first.
  void set_recent(QStringList keys) { recent_ = std::move(keys); }
  const QStringList& recent() const { return recent_; }
  void remember(const Entry& entry);
  /// "> text" looks only among actions, "# text" only among runs.
  void look_for(const QString& typed);

  /// nullptr for a heading.
  const Entry* entry(int row) const;
  /// The first row that is an entry, from `row` on in direction `step`; -1: none.
  int next_entry(int row, int step) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 private:
  struct Row {
    int entry = -1;  ///< -1: a heading
    QString heading;
    std::vector<int> found;
  };
  static QString key(const Entry& entry);

  std::vector<Entry> entries_;
  std::vector<Row> rows_;
  QStringList recent_;
};

}  // namespace mimir

Q_DECLARE_METATYPE(std::vector<int>)
