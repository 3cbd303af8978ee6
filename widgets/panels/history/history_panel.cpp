#include "widgets/panels/history/history_panel.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QStackedWidget>
#include <QToolButton>
#include <QUndoStack>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <tuple>

#include "widgets/panels/history/annotate_command.h"
#include "widgets/panels/history/run_detail.h"
#include "widgets/panels/history/run_facts.h"
#include "widgets/panels/history/selection_bar.h"
#include "widgets/panels/history/views_list.h"
#include "widgets/session/in_sight.h"
#include "widgets/session/run_words.h"
#include "widgets/table/run_table.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kViewsWidth = 190;

QStringList split_tags(const QString& text) {
  QStringList tags;
  for (const QString& tag : text.split(QLatin1Char(','))) {
    if (!tag.trimmed().isEmpty() && !tags.contains(tag.trimmed())) tags.push_back(tag.trimmed());
  }
  return tags;
}

QWidget* make_history(Session& session) { return new HistoryPanel(session); }

const bool registered = add_panel({"history", QT_TR_NOOP("History"), "history", 7, make_history,
                                   QT_TRANSLATE_NOOP("Panel", "Select two runs with Ctrl to see at the right where their recipes differ; S stars, T tags and F2 renames what is selected.")});

}  // namespace

HistoryPanel::HistoryPanel(Session& session) : session_(session), resumer_(session) {
  setAccessibleName(tr("History"));
  make_actions();
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(size::kGap);
  auto* views_card = new Card(session.theme(), {}, this);
  views_card->set_padding(8);
  views_card->setFixedWidth(kViewsWidth);
  views_ = new ViewsList(session.theme(), views_card);
  views_card->body()->addWidget(views_);
  layout->addWidget(views_card);
  layout->addWidget(make_middle(), 1);
  make_detail();
  layout->addWidget(detail_);

  connect(views_, &ViewsList::chosen, this, [this](RunView view, const QString& tag) {
    table_->filter().set_view(view);
    table_->filter().set_tag(tag);
    show_selection();
    show_count();
  });
  connect(table_, &RunTable::selection_changed, this, &HistoryPanel::show_selection);
  connect(table_, &RunTable::star_clicked, this, [this](const QString& id) {
    const RunEntry* run = session_.library().find(id);
    if (run) push(star_command(session_.library(), {id}, !run->annotations.star));
  });
  connect(table_, &RunTable::activated, this, &HistoryPanel::monitor);
  table_->restore_view(session.view(QStringLiteral("history")));
  connect(table_, &RunTable::view_changed, this, [this] { session_.set_view(QStringLiteral("history"), table_->view()); });
  connect(&resumer_, &RunResume::busy_changed, this, &HistoryPanel::show_selection);
  connect(table_, &RunTable::customContextMenuRequested, this, &HistoryPanel::show_menu);
  auto* runs = new InSight(*this, [this] { refresh(); }, this);
  connect(&session.library(), &RunLibrary::runs_changed, runs, &InSight::changed);
  connect(&session, &Session::run_selected, this, [this](const QString& id) {
    table_->select_ids({id});
    begun_ = false;  // one that the table does not have yet is selected when it comes
  });
  connect(&session.library(), &RunLibrary::record_changed, runs, [this, runs](const QString& id) {
    if (id != detail_id_) return;
    if (isVisible()) show_detail();
    else runs->changed();
  });
  refresh();
}

QList<QAction*> HistoryPanel::actions() const { return {resume_}; }

QList<QWidget*> HistoryPanel::side_columns() const { return {views_->parentWidget(), detail_}; }

QAction* HistoryPanel::add_action(const char* picture, const QString& text, const QList<QKeySequence>& keys, void (HistoryPanel::*work)()) {
  auto* action = new QAction(icon(session_.theme(), QLatin1String(picture)), text, this);
  action->setShortcuts(keys);
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  if (!keys.isEmpty()) action->setToolTip(QStringLiteral("%1 (%2)").arg(text, keys.front().toString(QKeySequence::NativeText)));
  connect(action, &QAction::triggered, this, work);
  addAction(action);
  return action;
}

void HistoryPanel::make_actions() {
  monitor_ = add_action("monitor", tr("Open in Monitor"), {}, &HistoryPanel::monitor);
  resume_ = add_action("play", tr("Resume"), {}, &HistoryPanel::resume);
  again_ = add_action("launch", tr("Run again with…"), {}, &HistoryPanel::run_again);
  again_->setToolTip(tr("Open its recipe in Launch, to change something and start a new run"));
  for (const auto& [place, icon_name, text] : {std::tuple{"reconstruction", "recon", tr("Open in Reconstruction")},
                                               std::tuple{"attack-lab", "attack", tr("Open in Attack Lab")}, std::tuple{"attention", "attention", tr("Open in Attention")}}) {
    auto* action = new QAction(icon(session_.theme(), QLatin1String(icon_name)), text, this);
    connect(action, &QAction::triggered, this, [this, place = QLatin1String(place)] { open_in(place, detail_id_); });
    addAction(action);  // for the Run menu and the palette
    look_ += action;
  }
  resume_->setToolTip(tr("Go on from the last checkpoint; the training outlives the window"));
  star_ = add_action("star", tr("Star"), {Qt::Key_S}, &HistoryPanel::star);
  tag_ = add_action("tag", tr("Tag"), {Qt::Key_T}, &HistoryPanel::tag);
  rename_ = add_action("wand", tr("Rename"), {Qt::Key_F2}, &HistoryPanel::rename);
  copy_command_ = add_action("copy", tr("Copy command"), {}, &HistoryPanel::copy_command);
  folder_ = add_action("folder", tr("Open folder"), {}, &HistoryPanel::folder);
  trash_ = add_action("trash", tr("Move to trash"), {QKeySequence::Delete}, &HistoryPanel::trash);
  trash_->setProperty("kind", QStringLiteral("danger"));
  trash_->setIcon(icon(session_.theme(), QLatin1String("trash"), &Tokens::danger));
  restore_ = add_action("undo", tr("Restore"), {}, &HistoryPanel::restore);

  save_note_ = new QAction(tr("Save the note"), this);
  save_note_->setToolTip(tr("Save the run's note at once; it saves itself when one stops typing"));
  connect(save_note_, &QAction::triggered, this, [this] {
    detail_->save_note();
    session_.say(tr("The note is saved."));
  });

  auto* find = new QAction(tr("Find"), this);
  find->setShortcuts({QKeySequence(QKeySequence::Find), QKeySequence(Qt::Key_Slash)});
  find->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  connect(find, &QAction::triggered, this, [this] {
    search_->setFocus(Qt::ShortcutFocusReason);
    search_->selectAll();
  });
  addAction(find);
}

QWidget* HistoryPanel::make_middle() {
  Theme& theme = session_.theme();
  auto* middle = new QWidget(this);
  auto* layout = new QVBoxLayout(middle);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(size::kGap);

  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  search_ = new QLineEdit(middle);
  search_->setPlaceholderText(tr("Words of name, note or tags"));
  search_->setAccessibleName(tr("Find runs"));
  search_->setClearButtonEnabled(true);
  search_->addAction(icon(theme, QLatin1String("search")), QLineEdit::LeadingPosition);
  count_ = new QLabel(middle);
  count_->setProperty("role", QStringLiteral("caption-number"));
  auto* columns = new QToolButton(middle);
  columns->setIcon(icon(theme, QLatin1String("columns")));
  columns->setToolTip(tr("Choose columns"));
  columns->setAccessibleName(tr("Choose columns"));
  row->addWidget(search_, 1);
  row->addWidget(count_);
  row->addWidget(columns);
  layout->addLayout(row);

  auto* card = new Card(theme, {}, middle);
  card->setAccessibleName(tr("Runs"));
  card->layout()->setContentsMargins(1, 4, 1, 4);
  pages_ = new QStackedWidget(card);
  table_ = new RunTable(theme, card);
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  empty_ = new EmptyState(theme, QLatin1String("history"), {}, {}, card);
  pages_->addWidget(table_);
  pages_->addWidget(empty_);
  card->body()->addWidget(pages_);
  layout->addWidget(card, 1);
  bar_ = new SelectionBar(theme, {resume_, tag_, star_, restore_, trash_}, middle);
  layout->addWidget(bar_);

  connect(search_, &QLineEdit::textChanged, this, [this](const QString& text) {
    table_->filter().set_text(text);
    show_selection();
    show_count();
  });
  connect(columns, &QToolButton::clicked, this, [this, columns] { table_->choose_columns(columns); });
  connect(bar_, &SelectionBar::answered, table_, qOverload<>(&QWidget::setFocus));
  return middle;
}

void HistoryPanel::make_detail() {
  detail_ = new RunDetail(session_.theme(), this);
  detail_->setFixedWidth(size::kHistoryDetail);
  RunLibrary& library = session_.library();
  connect(detail_, &RunDetail::star_wanted, this, [this, &library](const QString& id, bool star) { push(star_command(library, {id}, star)); });
  connect(detail_, &RunDetail::note_changed, this, [this, &library](const QString& id, const QString& note) {
    const RunEntry* run = library.find(id);
    if (run && run->annotations.note != note.toStdString()) push(new NoteCommand(library, *run, note.toStdString()));
  });
  connect(detail_, &RunDetail::copy_wanted, this, &HistoryPanel::copy);
  connect(detail_, &RunDetail::folder_wanted, this, &HistoryPanel::open_folder);
  connect(detail_, &RunDetail::monitor_wanted, this, [this](const QString& id) { open_in(QStringLiteral("monitor"), id); });
}

void HistoryPanel::refresh() {
  table_->set_runs(session_.library().runs());
  if (!begun_ && session_.library().find(session_.run())) {  // begins at the run that is looked at
    begun_ = true;
    if (table_->selected_ids().isEmpty()) table_->select_ids({session_.run()});
  }
  views_->refresh(table_->runs());
  show_count();
  show_selection();
}

void HistoryPanel::show_count() {
  const int shown = table_->filter().rowCount();
  const int all = table_->runs().rowCount();
  count_->setText(tr("%1 of %2 runs").arg(shown).arg(all));
  const RunLibrary& library = session_.library();
  if (all == 0 && library.complete()) {
    empty_->set_text(tr("No runs yet"), tr("Start one in Launch; runs of the command line appear here too."));
  } else if (all == 0) {
    empty_->set_text(tr("Reading the workspace"), QString::fromStdString(library.workspace().path().string()));
  }
  // With runs, the headings stay even where nothing fits.
  pages_->setCurrentIndex(all == 0 ? 1 : 0);
}

void HistoryPanel::show_selection() {
  const QStringList ids = table_->selected_ids();
  QStringList names;
  bool in_trash = false, outside = false, all_starred = !ids.isEmpty();
  for (const QString& id : ids) {
    const RunEntry* run = session_.library().find(id);
    if (!run) continue;
    names.push_back(run_name(*run));
    (run->annotations.trash ? in_trash : outside) = true;
    all_starred = all_starred && run->annotations.star;
  }
  for (QAction* action : {star_, tag_}) action->setEnabled(!ids.isEmpty());
  for (QAction* action : QList<QAction*>{rename_, monitor_, again_, copy_command_, folder_} + look_) action->setEnabled(ids.size() == 1);
  const RunEntry* only = ids.size() == 1 ? session_.library().find(ids.front()) : nullptr;
  resume_->setVisible(only && resumable(*only));
  resume_->setEnabled(!resumer_.busy());
  resume_->setText(resumer_.busy() ? tr("Resuming…") : tr("Resume"));
  star_->setText(all_starred ? tr("Remove star") : tr("Star"));
  trash_->setVisible(outside || !in_trash);
  trash_->setEnabled(outside);
  restore_->setVisible(in_trash);
  bar_->show_selection(names);
  show_detail();
}

void HistoryPanel::show_detail() {
  const QStringList ids = table_->selected_ids();
  const QString current = table_->current_id();
  detail_id_ = ids.contains(current) ? current : ids.isEmpty() ? QString() : ids.front();
  session_.library().watch_also(detail_id_);
  save_note_->setEnabled(!detail_id_.isEmpty());
  // Of two, what differs between them; else what is not the default.
  const QString other = ids.size() == 2 ? ids[detail_id_ == ids[0] ? 1 : 0] : QString();
  RunLibrary& library = session_.library();
  const RunEntry* run = library.find(detail_id_);
  bool chosen = false;
  const int colour = run ? QString::fromStdString(run->annotations.colour).toInt(&chosen) : 0;
  detail_->show_run(run, library.record(detail_id_).get(), library.find(other), chosen ? colour : 0);
}

void HistoryPanel::show_menu(const QPoint& at) {
  if (table_->selected_ids().isEmpty()) return;
  QMenu menu(this);
  menu.addAction(monitor_);
  menu.addActions(look_);
  menu.addSeparator();
  menu.addActions({again_, resume_});
  menu.addSeparator();
  menu.addActions({star_, tag_, rename_});
  menu.addSeparator();
  menu.addActions({copy_command_, folder_});
  menu.addSeparator();
  menu.addActions({restore_, trash_});
  menu.exec(table_->viewport()->mapToGlobal(at));
}

void HistoryPanel::push(QUndoCommand* command) {
  if (command) session_.undo().push(command);
}

void HistoryPanel::copy(const QString& text) {
  QApplication::clipboard()->setText(text);
  session_.say(tr("Copied."));
}

void HistoryPanel::open_folder(const QString& id) {
  const RunEntry* run = session_.library().find(id);
  if (!run) return;
  const QString path = QString::fromStdString(run->folder.path().string());
  if (!QDesktopServices::openUrl(QUrl::fromLocalFile(path))) session_.say(tr("No file manager opens %1.").arg(path));
}

void HistoryPanel::open_in(const QString& place, const QString& id) {
  if (id.isEmpty()) return;
  session_.select_run(id);
  session_.open_place(place);
}

void HistoryPanel::star() {
  const QStringList ids = table_->selected_ids();
  const RunLibrary& library = session_.library();
  const bool all = std::all_of(ids.begin(), ids.end(), [&](const QString& id) { return library.find(id) && library.find(id)->annotations.star; });
  push(star_command(session_.library(), ids, !all));
}

void HistoryPanel::tag() {
  const QStringList ids = table_->selected_ids();
  QStringList common;  // tags that all of them have
  for (qsizetype i = 0; i < ids.size(); ++i) {
    const RunEntry* run = session_.library().find(ids[i]);
    if (!run) continue;
    QStringList tags;
    for (const std::string& tag : run->annotations.tags) tags.push_back(QString::fromStdString(tag));
    if (i == 0) common = tags;
    else common.removeIf([&](const QString& tag) { return !tags.contains(tag); });
  }
  bar_->ask(tr("Tags, with commas"), common.join(QStringLiteral(", ")), table_->runs().tags().keys(), [this, ids, common](const QString& text) {
    const QStringList wanted = split_tags(text);
    QStringList removed = common;
    removed.removeIf([&](const QString& tag) { return wanted.contains(tag); });
    push(tag_command(session_.library(), ids, wanted, removed));
  });
}

void HistoryPanel::rename() {
  const QStringList ids = table_->selected_ids();
  const RunEntry* run = ids.size() == 1 ? session_.library().find(ids.front()) : nullptr;
  if (!run) return;
  bar_->ask(tr("Name"), run_name(*run), {}, [this, id = run->id](const QString& text) { push(name_command(session_.library(), id, text)); });
}

void HistoryPanel::trash() { push(trash_command(session_.library(), table_->selected_ids(), true)); }
void HistoryPanel::restore() { push(trash_command(session_.library(), table_->selected_ids(), false)); }
void HistoryPanel::monitor() { open_in(QStringLiteral("monitor"), detail_id_); }

void HistoryPanel::run_again() {
  if (const RunEntry* run = session_.library().find(detail_id_)) session_.run_again(run->id, parameter_to_change(*run));
}

void HistoryPanel::resume() {
  if (const RunEntry* run = session_.library().find(detail_id_)) resumer_.resume(*run);
}

void HistoryPanel::folder() { open_folder(detail_id_); }

void HistoryPanel::copy_command() {
  RunLibrary& library = session_.library();
  if (const RunEntry* run = library.find(detail_id_)) copy(run_command(*run, library.record(run->id).get()));
}

}  // namespace mimir
