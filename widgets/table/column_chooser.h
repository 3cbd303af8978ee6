#pragma once

#include <QFrame>
#include <vector>

#include "widgets/table/run_columns.h"

class QLineEdit;
class QListWidget;

namespace mimir {

/// The list of all columns with a search field and three presets, as a popup. Deletes itself when it is closed.
class ColumnChooser : public QFrame {
  Q_OBJECT

 public:
  ColumnChooser(std::vector<RunColumn> possible, const std::vector<RunColumn>& shown, QWidget* parent);

 Q_SIGNALS:
  void preset_wanted(ColumnPreset preset);
  void toggled(const RunColumn& column, bool shown);

 private:
  void search(const QString& text);

  std::vector<RunColumn> possible_;
  QLineEdit* field_;
  QListWidget* list_;
};

}  // namespace mimir
