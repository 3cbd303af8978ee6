#include "widgets/table/run_table.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QJsonArray>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <algorithm>

#include "widgets/table/column_chooser.h"

namespace mimir {
namespace {

constexpr int kStarWidth = 34;
constexpr int kNarrowest = 64;
constexpr int kNarrowestName = 160;
constexpr int kWidest = 280;
constexpr int kRowsMeasured = 200;

}  // namespace

const std::vector<RunEntry> RunTable::kNone;

RunTable::RunTable(Theme& theme, QWidget* parent) : QTableView(parent), filter_(model_), delegate_(new RunDelegate(theme, this)) {
  setAccessibleName(tr("Runs"));
  setModel(&filter_);
  setItemDelegate(delegate_);
  setSelectionBehavior(SelectRows);
  setSelectionMode(ExtendedSelection);
  setEditTriggers(NoEditTriggers);
  setShowGrid(false);
  setWordWrap(false);
  setTabKeyNavigation(false);
  setMouseTracking(true);
  setFrameShape(QFrame::NoFrame);
  setVerticalScrollMode(ScrollPerPixel);
  setHorizontalScrollMode(ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultSectionSize(size::kTableRow);
  QHeaderView* header = horizontalHeader();
  header->setFixedHeight(size::kTableHeader);
  header->setSectionsMovable(true);
  header->setSectionsClickable(true);
  header->setHighlightSections(false);
  header->setMinimumSectionSize(kStarWidth);
  header->setContextMenuPolicy(Qt::CustomContextMenu);
  header->setAccessibleName(tr("Columns"));
  connect(header, &QHeaderView::sectionClicked, this, &RunTable::sort_by);
  connect(header, &QHeaderView::customContextMenuRequested, this, [this, header] { choose_columns(header); });
  connect(header, &QHeaderView::sectionMoved, this, [this] {
    if (!fitting_) Q_EMIT view_changed();
  });
  connect(header, &QHeaderView::sectionResized, this, [this](int column, int, int width) { column_resized(column, width); });
  connect(delegate_, &RunDelegate::star_clicked, this, &RunTable::star_clicked);
  connect(&theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
  set_preset(ColumnPreset::essentials);
}

void RunTable::set_runs(const std::vector<RunEntry>& runs) {
  runs_ = &runs;
  // The row at the top stays there, unless it is the first: then what is newer appears above it.
  const int row = rowAt(0);
  const QString top = verticalScrollBar()->value() > 0 && row >= 0 ? filter_.index(row, 0).data(RunTableModel::kId).toString() : QString();
  const int offset = row >= 0 ? rowViewportPosition(row) : 0;
  model_.set_runs(runs);
  if (const QModelIndex index = filter_.mapFromSource(model_.index(model_.row_of(top), 0)); !top.isEmpty() && index.isValid()) {
    verticalScrollBar()->setValue(index.row() * size::kTableRow - offset);
  }
  if (!fitted_ && filter_.rowCount() > 0) fit_columns();
  viewport()->update();  // another run may be the best now
}

void RunTable::set_columns(std::vector<RunColumn> columns) {
  const QStringList ids = selected_ids();
  const int scroll = verticalScrollBar()->value();
  quiet_ = true;
  fitting_ = true;
  model_.set_columns(std::move(columns), *runs_);
  select_ids(ids);
  quiet_ = false;
  verticalScrollBar()->setValue(scroll);
  // What has been moved about stands as the new list says.
  QHeaderView* header = horizontalHeader();
  for (int column = 0; column < header->count(); ++column) header->moveSection(header->visualIndex(column), column);
  fit_columns();
  show_sorting();
}

void RunTable::fit_columns() {
  fitted_ = filter_.rowCount() > 0;
  fitting_ = true;
  for (int column = 0; column < model_.columnCount(); ++column) {
    if (model_.columns()[static_cast<std::size_t>(column)].kind == ColumnKind::star) {
      setColumnWidth(column, kStarWidth);
      continue;
    }
    int width = horizontalHeader()->sectionSizeHint(column) + 8;
    for (int row = 0; row < std::min(filter_.rowCount(), kRowsMeasured); ++row) {
      width = std::max(width, delegate_->sizeHint({}, filter_.index(row, column)).width());
    }
    const RunColumn& shown = model_.columns()[static_cast<std::size_t>(column)];
    const bool name = shown.kind == ColumnKind::name;
    width = std::clamp(width, name ? kNarrowestName : kNarrowest, kWidest);
    if (name) name_width_ = width;
    setColumnWidth(column, widths_.value(shown.id(), width));
  }
  fitting_ = false;
  fill();
}

void RunTable::fill() {
  const RunColumn name{ColumnKind::name, {}};
  const int column = model_.column_of(name.id());
  if (column < 0 || name_width_ == 0 || widths_.contains(name.id())) return;
  fitting_ = true;
  const int others = horizontalHeader()->length() - columnWidth(column);
  setColumnWidth(column, std::max(name_width_, viewport()->width() - others));
  fitting_ = false;
}

void RunTable::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  fill();
}

void RunTable::column_resized(int column, int width) {
  if (fitting_ || column >= model_.columnCount()) return;
  widths_[model_.columns()[static_cast<std::size_t>(column)].id()] = width;
  fill();
  Q_EMIT view_changed();
}

QJsonObject RunTable::view() const {
  QJsonArray columns, keys;
  QJsonObject widths;
  const QHeaderView* header = horizontalHeader();
  for (int visual = 0; visual < header->count(); ++visual) {
    columns.append(model_.columns()[static_cast<std::size_t>(header->logicalIndex(visual))].id());
  }
  for (auto width = widths_.begin(); width != widths_.end(); ++width) widths[width.key()] = width.value();
  for (const RunFilterModel::Key& key : filter_.keys()) keys.append(QJsonObject{{QStringLiteral("column"), key.column}, {QStringLiteral("falls"), key.order == Qt::DescendingOrder}});
  return {{QStringLiteral("columns"), columns}, {QStringLiteral("widths"), widths}, {QStringLiteral("sort"), keys}};
}

void RunTable::restore_view(const QJsonObject& view) {
  const QJsonObject widths = view[QStringLiteral("widths")].toObject();
  for (auto width = widths.begin(); width != widths.end(); ++width) {
    if (width.value().toInt() >= kStarWidth) widths_[width.key()] = std::min(width.value().toInt(), 4 * kWidest);
  }
  std::vector<RunFilterModel::Key> keys;
  for (const QJsonValue& key : view[QStringLiteral("sort")].toArray()) {
    const QString column = key[QStringLiteral("column")].toString();
    if (RunColumn::parse(column)) keys.push_back({column, key[QStringLiteral("falls")].toBool() ? Qt::DescendingOrder : Qt::AscendingOrder});
  }
  if (!keys.empty()) filter_.set_keys(std::move(keys));
  std::vector<RunColumn> columns;
  for (const QJsonValue& id : view[QStringLiteral("columns")].toArray()) {
    const auto column = RunColumn::parse(id.toString());
    if (column && std::find(columns.begin(), columns.end(), *column) == columns.end()) columns.push_back(*column);
  }
  if (!columns.empty()) set_columns(std::move(columns));
}

QStringList RunTable::selected_ids() const {
  QModelIndexList rows = selectionModel()->selectedRows();
  std::sort(rows.begin(), rows.end(), [](const QModelIndex& a, const QModelIndex& b) { return a.row() < b.row(); });
  QStringList ids;
  for (const QModelIndex& row : rows) ids.push_back(row.data(RunTableModel::kId).toString());
  return ids;
}

QString RunTable::current_id() const { return currentIndex().data(RunTableModel::kId).toString(); }

void RunTable::select_ids(const QStringList& ids) {
  QItemSelection selection;
  QModelIndex first;
  for (const QString& id : ids) {
    const QModelIndex index = filter_.mapFromSource(model_.index(model_.row_of(id), 0));
    if (!index.isValid()) continue;
    if (!first.isValid()) first = index;
    selection.select(index, index);
  }
  if (first.isValid()) selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
  selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

void RunTable::sort_by(int section) {
  const QString column = model_.columns()[static_cast<std::size_t>(section)].id();
  auto keys = filter_.keys();
  const auto same = std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.column == column; });
  const bool known = same != keys.end();
  // What is larger is mostly what is wanted first; names are not.
  const bool upward = model_.columns()[static_cast<std::size_t>(section)].kind == ColumnKind::name;
  RunFilterModel::Key key{column, upward ? Qt::AscendingOrder : Qt::DescendingOrder};
  if (known) key.order = same->order == Qt::AscendingOrder ? Qt::DescendingOrder : Qt::AscendingOrder;
  if (QApplication::keyboardModifiers() & Qt::ShiftModifier) {
    if (known) same->order = key.order;
    else keys.push_back(key);
  } else {
    if (known && keys.front().column != column) key.order = same->order;
    keys = {key};
  }
  filter_.set_keys(std::move(keys));
  show_sorting();
  Q_EMIT view_changed();
}

void RunTable::show_sorting() {
  const auto& keys = filter_.keys();
  const int column = keys.empty() ? -1 : model_.column_of(keys.front().column);
  horizontalHeader()->setSortIndicatorShown(column >= 0);
  if (column >= 0) horizontalHeader()->setSortIndicator(column, keys.front().order);
}

void RunTable::choose_columns(QWidget* below) {
  auto* chooser = new ColumnChooser(possible_columns(*runs_), model_.columns(), this);
  connect(chooser, &ColumnChooser::preset_wanted, this, [this](ColumnPreset preset) {
    set_preset(preset);
    Q_EMIT view_changed();
  });
  connect(chooser, &ColumnChooser::toggled, this, [this](const RunColumn& column, bool shown) {
    std::vector<RunColumn> columns;  // as they stand
    for (int visual = 0; visual < horizontalHeader()->count(); ++visual) columns.push_back(model_.columns()[static_cast<std::size_t>(horizontalHeader()->logicalIndex(visual))]);
    std::erase(columns, column);
    if (shown) columns.push_back(column);
    set_columns(std::move(columns));
    Q_EMIT view_changed();
  });
  chooser->move(below->mapToGlobal(QPoint(below->width() - chooser->width(), below->height() + 4)));
  chooser->show();
}

QString RunTable::selection_as_text() const {
  const QHeaderView* header = horizontalHeader();
  std::vector<int> columns;
  for (int visual = 0; visual < header->count(); ++visual) columns.push_back(header->logicalIndex(visual));
  const auto line = [&](const auto& cell) {
    QStringList cells;
    for (const int column : columns) cells.push_back(cell(column).replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' ')));
    return cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
  };
  QString text = line([&](int column) { return filter_.headerData(column, Qt::Horizontal, Qt::AccessibleTextRole).toString(); });
  QModelIndexList rows = selectionModel()->selectedRows();
  std::sort(rows.begin(), rows.end(), [](const QModelIndex& a, const QModelIndex& b) { return a.row() < b.row(); });
  for (const QModelIndex& row : rows) text += line([&](int column) { return row.siblingAtColumn(column).data(Qt::AccessibleTextRole).toString(); });
  return text;
}

bool RunTable::jumping() const { return typed_at_.isValid() && typed_at_.elapsed() < QApplication::keyboardInputInterval(); }

bool RunTable::event(QEvent* event) {
  // In the middle of a word a letter is no shortcut.
  if (event->type() == QEvent::ShortcutOverride && jumping()) {
    auto* key = static_cast<QKeyEvent*>(event);
    if (!key->text().isEmpty() && key->text().front().isPrint() && !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier))) {
      event->accept();
      return true;
    }
  }
  return QTableView::event(event);
}

void RunTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    if (selectionModel()->hasSelection()) QApplication::clipboard()->setText(selection_as_text());
    return;
  }
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    if (currentIndex().isValid()) Q_EMIT activated(currentIndex());
    return;
  }
  QTableView::keyPressEvent(event);
}

void RunTable::keyboardSearch(const QString& search) {
  typed_ = jumping() ? typed_ + search : search;
  typed_at_.start();
  const int column = model_.column_of(RunColumn{ColumnKind::name, {}}.id());
  if (column < 0 || filter_.rowCount() == 0) return;
  // A word goes on where it stands; a new one begins behind the current row.
  const int from = std::max(currentIndex().row(), 0) + (typed_.size() == 1 && currentIndex().isValid() ? 1 : 0);
  for (int i = 0; i < filter_.rowCount(); ++i) {
    const QModelIndex index = filter_.index((from + i) % filter_.rowCount(), column);
    if (!index.data().toString().startsWith(typed_, Qt::CaseInsensitive)) continue;
    setCurrentIndex(index);
    return;
  }
}

void RunTable::hover(int row) {
  delegate_->set_hovered(row);
  viewport()->update();
}

void RunTable::mouseMoveEvent(QMouseEvent* event) {
  hover(rowAt(event->pos().y()));
  QTableView::mouseMoveEvent(event);
}

void RunTable::leaveEvent(QEvent* event) {
  hover(-1);
  QTableView::leaveEvent(event);
}

void RunTable::selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) {
  QTableView::selectionChanged(selected, deselected);
  if (!quiet_) Q_EMIT selection_changed();
}

void RunTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QTableView::currentChanged(current, previous);
  viewport()->update();
}

}  // namespace mimir
