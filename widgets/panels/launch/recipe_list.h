#pragma once

#include <QListView>
#include <vector>

#include "widgets/theme/theme.h"

class QStandardItemModel;

namespace mimir {

/// What a recipe can begin from: presets, drafts, earlier runs, under their headings.
class RecipeList : public QListView {
  Q_OBJECT

 public:
  enum class Kind { heading, preset, draft, run };
  struct Item {
    Kind kind;
    QString key;      ///< preset's name, draft's or run's id
    QString name;
    QString caption;
    QString help;     ///< tooltip
    bool operator==(const Item&) const = default;
  };

  explicit RecipeList(Theme& theme, QWidget* parent = nullptr);

  /// Keeps what is current; emits nothing.
  void set_items(const std::vector<Item>& items);
  void set_current(Kind kind, const QString& key);
  Kind current_kind() const;
  QString current_key() const;

 Q_SIGNALS:
  void chosen(RecipeList::Kind kind, const QString& key);

 protected:
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

 private:
  QStandardItemModel* items_;
  std::vector<Item> listed_;
  bool quiet_ = false;
};

}  // namespace mimir
