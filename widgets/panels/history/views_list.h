#pragma once

#include <QListWidget>

#include "widgets/table/run_table_model.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// Which runs the table shows: the views, the tags, the trash, each with its count.
class ViewsList : public QListWidget {
  Q_OBJECT

 public:
  explicit ViewsList(Theme& theme, QWidget* parent = nullptr);

  /// Counts and tags as they are now; the choice stays.
  void refresh(const RunTableModel& runs);

 Q_SIGNALS:
  /// `tag` empty: no tag.
  void chosen(RunView view, const QString& tag);

 private:
  QListWidgetItem* add(const QString& text, const char* icon, RunView view, const QString& tag);
  void add_heading(const QString& text);

  Theme* theme_;
  QStringList tags_;
};

}  // namespace mimir
