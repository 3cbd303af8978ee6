#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QJsonObject>
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
  /// Columns as they stand, their widths where somebody has set one, and the order of the rows.
  QJsonObject view() const;
  /// What is missing in it stays as it is.
  void restore_view(const QJsonObject& view);
  /// Selected rows with headings, tab-separated, columns as they stand.
  QString selection_as_text() const;

 Q_SIGNALS:
  void selection_changed();
  void star_clicked(const QString& id);
  /// By the user: other columns, another order, another width, other keys.
  void view_changed();

 protected:
  bool event(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyboardSearch(const QString& search) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

 private:
  void sort_by(int section);
  void show_sorting();
  void fit_columns();
  /// Gives the name what the other columns leave, unless somebody has set its width.
  void fill();
  void column_resized(int column, int width);
  void hover(int row);
  bool jumping() const;

  static const std::vector<RunEntry> kNone;

  RunTableModel model_;
  RunFilterModel filter_;
  RunDelegate* delegate_;
  const std::vector<RunEntry>* runs_ = &kNone;  // the library's
  bool fitted_ = false;
  bool fitting_ = false;
  int name_width_ = 0;  ///< that the names need
  QHash<QString, int> widths_;  ///< set by hand, by the column's id
  bool quiet_ = false;  // selection is being restored
  QString typed_;
  QElapsedTimer typed_at_;
};

}  // namespace mimir
