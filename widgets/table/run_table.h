#pragma once

#include <QElapsedTimer>
#include <QTableView>

#include "widgets/table/run_delegate.h"
#include "widgets/table/run_filter_model.h"

namespace mimir {

/// The table of runs. Click on a heading sorts by it, Shift+click adds it as a further key; headings can be moved.
/// Selection, current row and scroll stay at their runs through every refresh.
class RunTable : public QTableView {
  Q_OBJECT

 public:
  explicit RunTable(Theme& theme, QWidget* parent = nullptr);

  /// `runs` is looked at again when other columns are chosen: it stays where it is until the next call.
  void set_runs(const std::vector<RunEntry>& runs);
  void set_columns(std::vector<RunColumn> columns);
  void set_preset(ColumnPreset preset) { set_columns(preset_columns(preset, *runs_)); }
  RunTableModel& runs() { return model_; }
  RunFilterModel& filter() { return filter_; }

  QStringList selected_ids() const;  ///< from top to bottom
  QString current_id() const;        ///< empty: none
  void select_ids(const QStringList& ids);

  void choose_columns(QWidget* below);
  /// Selected rows with headings, tab-separated, columns as they stand.
  QString selection_as_text() const;

 Q_SIGNALS:
  void selection_changed();
  void star_clicked(const QString& id);
  void columns_changed();

 protected:
  bool event(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyboardSearch(const QString& search) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

 private:
  void sort_by(int section);
  void show_sorting();
  void fit_columns();
  void hover(int row);
  bool jumping() const;

  static const std::vector<RunEntry> kNone;

  RunTableModel model_;
  RunFilterModel filter_;
  RunDelegate* delegate_;
  const std::vector<RunEntry>* runs_ = &kNone;  // the library's
  bool fitted_ = false;
  bool quiet_ = false;  // selection is being restored
  QString typed_;
  QElapsedTimer typed_at_;
};

}  // namespace mimir
