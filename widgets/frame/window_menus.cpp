#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QProcess>
#include <QStandardPaths>
#include <QUndoStack>
#include <QUrl>
#include <QWhatsThis>

#include "core/base/version.h"
#include "widgets/frame/command_palette.h"
#include "widgets/frame/main_window.h"
#include "widgets/frame/input_filter.h"
#include "widgets/frame/menu_row.h"
#include "widgets/frame/messages.h"
#include "widgets/frame/shortcuts_list.h"
#include "widgets/frame/side_columns.h"
#include "widgets/panels/panel.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

QString plain(QString text) { return text.remove(QLatin1Char('&')); }

/// Every action below a menu that can be done now, but for those whose property "palette" keeps them out.
void collect(const QMenu& menu, const QString& path, std::vector<PaletteModel::Entry>& found) {
  for (QAction* action : menu.actions()) {
    if (action->isSeparator() || !action->isVisible()) continue;
    const QString text = plain(action->text());
    if (const QMenu* below = action->menu()) {
      collect(*below, path + QStringLiteral(" ▸ ") + text, found);
    } else if (action->isEnabled() && !action->property("palette").isValid()) {
      found.push_back({PaletteModel::Kind::action, path + QLatin1Char('/') + text, text, path,
                       action->shortcut().toString(QKeySequence::NativeText), QStringLiteral("chevron-right"), 0, action, {}});
    }
  }
}

}  // namespace

QAction* MainWindow::add(QMenu& menu, const QString& text, const QKeySequence& keys, const std::function<void()>& work) {
  QAction* action = menu.addAction(text);
  if (!keys.isEmpty()) action->setShortcut(keys);
  connect(action, &QAction::triggered, this, [work] { work(); });
  return action;
}

void MainWindow::make_menus() {
  Theme& theme = session_.theme();
  auto* palette = new QAction(tr("Find and do…"), this);
  palette->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_K));
  palette->setProperty("palette", false);
  connect(palette, &QAction::triggered, this, [this] { open_palette({}); });
  auto* switch_theme = new QAction(tr("Switch between light and dark"), this);
  switch_theme->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_L));
  connect(switch_theme, &QAction::triggered, this, [this] { set_appearance(session_.theme().dark() ? Appearance::light : Appearance::dark); });
  menu_row_ = new MenuRow(theme, palette, switch_theme, *messages_, this);
  setMenuWidget(menu_row_);
  QMenuBar& bar = *menu_row_->menus();

  QMenu& file = *bar.addMenu(tr("&File"));
  add(file, tr("New draft"), QKeySequence::New, [this] { open_place(QStringLiteral("launch/new-draft")); });
  add(file, tr("Open workspace…"), QKeySequence::Open, [this] { open_workspace(); });
  add(file, tr("Show the workspace's folder"), {}, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(workspace_path())); });
  file.addSeparator();
  save_ = add(file, tr("Save…"), QKeySequence::Save, [this] {
    if (saves_) (saves_->menu() ? saves_->menu()->actions().front() : saves_.data())->trigger();
  });
  add(file, tr("Export the plot or figure…"), QKeySequence(Qt::CTRL | Qt::Key_E), [this] { export_plot(); });
  file.addSeparator();
  add(file, tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { close(); });

  QMenu& edit = *bar.addMenu(tr("&Edit"));
  QAction* undo = session_.undo().createUndoAction(this, tr("Undo"));
  undo->setShortcut(QKeySequence::Undo);
  QAction* redo = session_.undo().createRedoAction(this, tr("Redo"));
  redo->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z));
  edit.addActions({undo, redo});
  edit.addSeparator();
  add(edit, tr("Next problem in the plots"), {}, [this] { next_problem(); });

  QMenu& view = *bar.addMenu(tr("&View"));
  make_view_menu(view, palette, switch_theme);

  run_menu_ = bar.addMenu(tr("&Run"));
  open_folder_ = new QAction(tr("Open the run's folder"), this);
  connect(open_folder_, &QAction::triggered, this, [this] {
    if (const RunEntry* run = session_.library().find(session_.run())) QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(run->folder.path().string())));
  });
  copy_id_ = new QAction(tr("Copy the run's id"), this);
  connect(copy_id_, &QAction::triggered, this, [this] { QApplication::clipboard()->setText(session_.run()); });
  make_run_menu(*run_menu_);

  QMenu& tools = *bar.addMenu(tr("&Tools"));
  add(tools, tr("Save a picture of the window…"), {}, [this] { save_picture(); });

  QMenu& settings = *bar.addMenu(tr("&Settings"));
  make_settings_menu(settings);

  QMenu& help = *bar.addMenu(tr("&Help"));
  add(help, tr("Shortcuts…"), QKeySequence(Qt::CTRL | Qt::Key_Slash), [this] {
    auto* list = new ShortcutsList(session_.theme(), this);
    list->setAttribute(Qt::WA_DeleteOnClose);
    list->open();
  });
  add(help, tr("What is this?"), QKeySequence(Qt::SHIFT | Qt::Key_F1), [] { QWhatsThis::enterWhatsThisMode(); });
  add(help, tr("First steps"), {}, [this] { first_steps(); })->setToolTip(tr("The first page again, and the tip of every place"));
  add(help, tr("About MIMIR Workbench…"), {}, [this] { show_about(); });
  // Why something cannot be done now stands in its tooltip.
  for (const QAction* menu : bar.actions()) menu->menu()->setToolTipsVisible(true);
  show_run();
}

void MainWindow::make_view_menu(QMenu& view, QAction* palette, QAction* switch_theme) {
  for (const PanelEntry& entry : panels()) {
    const QString id = QLatin1String(entry.id);
    QAction* go = add(view, QCoreApplication::translate("mimir::Panel", entry.title), QKeySequence(static_cast<int>(Qt::CTRL) | (Qt::Key_0 + entry.position)),
                      [this, id] { open_place(id); });
    go->setProperty("palette", false);  // it is there as a place
  }
  view.addSeparator();
  back_ = add(view, tr("Earlier selection"), QKeySequence(Qt::ALT | Qt::Key_Left), [this] { go(-1); });
  forward_ = add(view, tr("Later selection"), QKeySequence(Qt::ALT | Qt::Key_Right), [this] { go(1); });
  for (QAction* action : {back_, forward_}) action->setEnabled(false);
  side_ = add(view, tr("Side column"), QKeySequence(Qt::Key_F9), [this] { sides_->toggle(); });
  side_->setCheckable(true);
  add(view, tr("Next pane"), QKeySequence(Qt::Key_F6), [this] { go_to_pane(true); });
  add(view, tr("Previous pane"), QKeySequence(Qt::SHIFT | Qt::Key_F6), [this] { go_to_pane(false); });
  add(view, tr("Refresh"), QKeySequence(Qt::Key_F5), [this] { session_.library().refresh(); });
  add(view, tr("Messages…"), {}, [this] { menu_row_->bell().open(); });
  view.addSeparator();
  view.addActions({palette, switch_theme});
  QAction* full = add(view, tr("Full screen"), QKeySequence(Qt::Key_F11), [] {});
  full->setCheckable(true);
  connect(full, &QAction::toggled, this, [this](bool on) { on ? showFullScreen() : showNormal(); });
}

void MainWindow::make_settings_menu(QMenu& settings) {
  QMenu& appearance = *settings.addMenu(tr("Appearance"));
  appearances_ = new QActionGroup(this);
  for (const auto& [text, value] : {std::pair{tr("Follow the desktop"), Appearance::follow_desktop}, std::pair{tr("Light"), Appearance::light},
                                    std::pair{tr("Dark"), Appearance::dark}}) {
    QAction* choice = add(appearance, text, {}, [this, value = value] { set_appearance(value); });
    choice->setCheckable(true);
    choice->setChecked(value == session_.theme().appearance());
    appearances_->addAction(choice);
  }
  QMenu& shortcuts = *settings.addMenu(tr("Shortcuts"));
  QAction* letters = shortcuts.addAction(tr("Single letters"));
  letters->setCheckable(true);
  letters->setChecked(state_.letters);
  letters->setToolTip(tr("S stars, L switches the scale, and so on, while no field of text has the focus"));
  connect(letters, &QAction::toggled, this, [this](bool on) {
    state_.letters = on;
    input_->set_letters(on);
    remember_soon();
  });
  QAction* notify = settings.addAction(tr("Desktop notifications"));
  notify->setCheckable(true);
  notify->setChecked(state_.notifications);
  notify->setToolTip(tr("When a run finishes, fails or is lost while it is not looked at"));
  connect(notify, &QAction::toggled, this, [this](bool on) {
    state_.notifications = on;
    remember_soon();
  });
}

void MainWindow::make_run_menu(QMenu& menu) {
  menu.clear();
  if (const auto* shown = dynamic_cast<const Panel*>(panel())) {
    menu.addActions(shown->actions());
    // What the place does by a key; undo and redo are in Edit.
    for (QAction* action : panel()->actions()) {
      const bool edit = action->shortcut() == QKeySequence(QKeySequence::Undo) || action->shortcuts().contains(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z));
      if (!edit && !action->text().isEmpty() && !menu.actions().contains(action)) menu.addAction(action);
    }
    if (!menu.isEmpty()) menu.addSeparator();
  }
  add(menu, tr("Choose a run…"), QKeySequence(Qt::CTRL | Qt::Key_R), [this] { open_palette(QStringLiteral("#")); });
  menu.addActions({open_folder_, copy_id_});
}

std::vector<PaletteModel::Entry> MainWindow::palette_entries() {
  std::vector<PaletteModel::Entry> entries;
  for (const PanelEntry& entry : panels()) {
    entries.push_back({PaletteModel::Kind::place, QLatin1String(entry.id), QCoreApplication::translate("mimir::Panel", entry.title), {},
                       QStringLiteral("Ctrl+%1").arg(entry.position), QLatin1String(entry.icon), 0, {}, {}});
  }
  for (const QAction* top : menu_row_->menus()->actions())
    if (top->menu()) collect(*top->menu(), plain(top->text()), entries);
  for (const RunEntry& run : session_.library().runs()) {
    if (run.annotations.trash) continue;
    const QString status = status_look(run.condition).word;
    bool known = false;
    const int colour = QString::fromStdString(run.annotations.colour).toInt(&known);
    entries.push_back({PaletteModel::Kind::run, run.id, run_name(run), tr("%1 · %2").arg(status.toLower(), run.id), {}, {}, known ? colour : 0, {}, {}});
  }
  return entries;
}

void MainWindow::open_workspace() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("Open workspace"), workspace_path());
  if (folder.isEmpty()) return;
  // A session belongs to one workspace: another one is another window.
  if (!QProcess::startDetached(QApplication::applicationFilePath(), {QStringLiteral("--workspace"), folder})) {
    session_.say(tr("The window for %1 could not be started.").arg(folder));
  }
}

void MainWindow::save_picture() {
  const QString folder = QStandardPaths::writableLocation(QStandardPaths::PicturesLocation);
  const QPixmap picture = grab();
  const QString path = QFileDialog::getSaveFileName(this, tr("Save a picture of the window"), QStringLiteral("%1/mimir-%2.png").arg(folder, place_), tr("PNG pictures (*.png)"));
  if (path.isEmpty()) return;
  if (picture.save(path, "PNG")) session_.say(tr("Saved %1").arg(path));
  else session_.say(tr("%1 could not be written.").arg(path));
}

void MainWindow::show_about() {
  QMessageBox box(this);
  box.setWindowTitle(tr("About MIMIR Workbench"));
  box.setIconPixmap(windowIcon().pixmap(QSize(64, 64), devicePixelRatioF()));
  box.setText(tr("MIMIR Workbench %1").arg(QLatin1String(version())));
  box.setInformativeText(tr("Trains, attacks and looks inside robust vision transformers.\nRevision %1, Qt %2. GPL-3.0-or-later.").arg(QLatin1String(git_revision()), QLatin1String(qVersion())));
  box.addButton(tr("Close"), QMessageBox::RejectRole);
  box.exec();
}

}  // namespace mimir
