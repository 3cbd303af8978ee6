#include "widgets/frame/main_window.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QStackedWidget>
#include <QUndoStack>
#include <QVBoxLayout>

#include "widgets/frame/command_palette.h"
#include "widgets/frame/context_row.h"
#include "widgets/frame/menu_row.h"
#include "widgets/frame/rail.h"
#include "widgets/session/run_words.h"
#include "widgets/frame/status_row.h"
#include "widgets/frame/toast.h"
#include "widgets/panels/panel.h"

namespace mimir {
namespace {

constexpr int kRememberAfterMs = 2000;
constexpr int kLowWindow = 760;
constexpr QSize kFirstSize(1600, 1000);
constexpr QSize kSmallest(960, 600);

const PanelEntry* entry_of(const QString& id) {
  for (const PanelEntry& entry : panels())
    if (id == QLatin1String(entry.id)) return &entry;
  return nullptr;
}

}  // namespace

MainWindow::MainWindow(Session& session, const WindowOptions& options) : session_(session), options_(options) {
  setWindowTitle(tr("MIMIR Workbench"));
  setWindowIcon(QIcon(QStringLiteral(":/icons/app.svg")));
  setMinimumSize(kSmallest);
  Theme& theme = session.theme();
  if (!options_.state_path.isEmpty()) state_ = SavedState::read(options_.state_path);
  session.set_views(state_.views);

  auto* all = new QWidget(this);
  rail_ = new Rail(theme, panels(), all);
  context_ = new ContextRow(theme, all);
  places_ = new QStackedWidget(all);
  status_ = new StatusRow(theme, workspace_path(), all);
  auto* right = new QVBoxLayout;
  right->setSpacing(0);
  right->addWidget(context_);
  auto* inset = new QVBoxLayout;
  inset->setContentsMargins(8, 0, 12, 8);
  inset->addWidget(places_);
  right->addLayout(inset, 1);
  auto* middle = new QHBoxLayout;
  middle->setSpacing(0);
  middle->addWidget(rail_);
  middle->addLayout(right, 1);
  auto* column = new QVBoxLayout(all);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(middle, 1);
  column->addWidget(status_);
  setCentralWidget(all);
  toasts_ = new Toasts(theme, this);
  palette_ = new CommandPalette(theme, this);
  palette_->model().set_recent(state_.recent);
  make_menus();
  connect_session();

  remember_.setSingleShot(true);
  remember_.setInterval(kRememberAfterMs);
  connect(&remember_, &QTimer::timeout, this, &MainWindow::remember);
  if (state_.geometry.isEmpty() || !restoreGeometry(state_.geometry)) resize(kFirstSize);
  if (!open_place(options_.place) && !open_place(state_.place) && !panels().empty()) open_place(QLatin1String(panels().front().id));
}

MainWindow::~MainWindow() = default;

void MainWindow::connect_session() {
  connect(&session_.library(), &RunLibrary::runs_changed, this, &MainWindow::runs_changed);
  connect(&session_.library(), &RunLibrary::failed, toasts_, &Toasts::say);
  connect(&session_, &Session::run_selected, this, [this] {
    show_run();
    remember_soon();
  });
  connect(&session_, &Session::shown_runs_changed, this, &MainWindow::remember_soon);
  connect(&session_, &Session::views_changed, this, &MainWindow::remember_soon);
  connect(&session_, &Session::place_wanted, this, &MainWindow::open_place);
  connect(&session_, &Session::message_wanted, toasts_, &Toasts::say);
  connect(rail_, &Rail::place_chosen, this, &MainWindow::open_place);
  connect(rail_, &Rail::running_chosen, this, [this] {
    if (const RunEntry* run = running_run(session_.library().runs())) {
      session_.select_run(run->id);
      open_place(QStringLiteral("monitor"));
    }
  });
  connect(context_, &ContextRow::run_wanted, this, [this] { open_palette(QStringLiteral("#")); });
  connect(palette_, &CommandPalette::place_chosen, this, &MainWindow::open_place);
  connect(palette_, &CommandPalette::run_chosen, this, [this](const QString& id) { session_.select_run(id); });
  if (session_.library().complete()) runs_changed();
}

QString MainWindow::workspace_path() const { return QString::fromStdString(session_.library().workspace().path().string()); }

QWidget* MainWindow::panel() const { return places_->currentWidget(); }

bool MainWindow::open_place(const QString& id) {
  const PanelEntry* entry = entry_of(id);
  if (!entry) return false;
  if (id == place_) return true;
  auto& made = made_[id];
  if (!made) {
    made = entry->make(session_);
    places_->addWidget(made);
  }
  place_ = id;
  places_->setCurrentWidget(made);
  rail_->set_place(id);
  const auto* panel = dynamic_cast<const Panel*>(made);
  const QList<QAction*> actions = panel ? panel->actions() : QList<QAction*>();
  context_->show_place(QCoreApplication::translate("mimir::Panel", entry->title), actions);
  make_run_menu(*run_menu_);
  remember_soon();
  return true;
}

void MainWindow::runs_changed() {
  const auto& runs = session_.library().runs();
  int queued = 0;
  int working = 0;
  int kept = 0;
  for (const RunEntry& run : runs) {
    if (run.annotations.trash) continue;
    ++kept;
    queued += run.condition.status == RunStatus::queued ? 1 : 0;
    working += at_work(run) ? 1 : 0;
  }
  const RunEntry* running = running_run(runs);
  rail_->set_count(QStringLiteral("launch"), queued, false);
  rail_->set_count(QStringLiteral("monitor"), working, working > 0);
  rail_->set_count(QStringLiteral("history"), kept, false);
  rail_->show_running(running, running ? session_.colour_index(running->id) : 0, queued);
  status_->show_runs(kept, running);
  const bool first = !ready_ && session_.library().complete();
  if (first) select_first_run();
  show_run();
  if (first) {
    ready_ = true;
    Q_EMIT became_ready();
  }
}

void MainWindow::select_first_run() {
  const auto& runs = session_.library().runs();
  const bool ours = state_.workspace == workspace_path();
  QStringList shown;
  if (ours) {
    for (const QString& id : state_.shown)
      if (session_.library().find(id)) shown += id;
  }
  const RunEntry* run = run_called(runs, options_.run);
  if (!run && !options_.run.isEmpty()) toasts_->say(tr("No run is called “%1”.").arg(options_.run));
  if (!run && ours) run = session_.library().find(state_.run);
  if (!run) run = running_run(runs);
  if (!run) run = run_called(runs, QStringLiteral("last"));
  if (!shown.isEmpty()) session_.show_runs(shown);
  if (run && session_.run().isEmpty()) session_.select_run(run->id);
}

void MainWindow::show_run() {
  const RunEntry* run = session_.library().find(session_.run());
  context_->show_run(run, run ? session_.colour_index(run->id) : 0);
  for (QAction* action : {open_folder_, copy_id_}) {
    action->setEnabled(run != nullptr);
    action->setToolTip(run ? action->text() : tr("No run is chosen"));
  }
}

void MainWindow::set_appearance(Appearance appearance) {
  state_.appearance = appearance;
  session_.theme().set_appearance(appearance);
  appearances_->actions()[static_cast<int>(appearance)]->setChecked(true);
  remember_soon();
}

void MainWindow::open_palette(const QString& typed) { palette_->open(palette_entries(), typed); }

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  const bool narrow = width() < size::kNarrowWindow;
  rail_->set_narrow(narrow);
  context_->set_narrow(narrow);
  context_->set_low(height() < kLowWindow);
  remember_soon();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  remember();
  event->accept();
}

void MainWindow::remember_soon() {
  if (!options_.state_path.isEmpty()) remember_.start();
}

void MainWindow::remember() {
  remember_.stop();
  if (options_.state_path.isEmpty()) return;
  SavedState now = state_;
  now.place = place_;
  now.geometry = saveGeometry();
  now.recent = palette_->model().recent();
  now.views = session_.views();
  if (ready_) {
    now.workspace = workspace_path();
    now.run = session_.run();
    now.shown = session_.shown_runs();
  }
  if (now == state_ && QFile::exists(options_.state_path)) return;
  if (now.write(options_.state_path)) state_ = now;
}

}  // namespace mimir
