#include "widgets/frame/main_window.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QStackedWidget>
#include <QUndoStack>
#include <QVBoxLayout>

#include "core/store/clock.h"
#include "widgets/form/message_strip.h"
#include "widgets/frame/command_palette.h"
#include "widgets/frame/context_row.h"
#include "widgets/frame/desktop_notifications.h"
#include "widgets/frame/input_filter.h"
#include "widgets/frame/menu_row.h"
#include "widgets/frame/messages.h"
#include "widgets/frame/panes.h"
#include "widgets/frame/rail.h"
#include "widgets/frame/side_columns.h"
#include "widgets/frame/status_row.h"
#include "widgets/frame/toast.h"
#include "widgets/frame/trouble_strip.h"
#include "widgets/panels/panel.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/session/run_notices.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/card.h"

namespace mimir {
namespace {

constexpr int kRememberAfterMs = 2000;
constexpr int kLowWindow = 760;
constexpr int kFoldedWindow = 1240;  ///< side columns are drawers in narrower ones
constexpr int kTroubleEveryMs = 1000;
const QString kMonitor = QStringLiteral("monitor");
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
  if (!options_.state_path.isEmpty()) state_ = written_ = SavedState::read(options_.state_path);
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
  inset->setSpacing(size::kGap);
  trouble_ = new MessageStrip(theme, all);
  trouble_->hide();
  inset->addWidget(trouble_);
  tip_ = new MessageStrip(theme, all);
  tip_->set_verb(tr("Got it"));
  tip_->hide();
  connect(tip_, &MessageStrip::acted, this, &MainWindow::dismiss_tip);
  inset->addWidget(tip_);
  inset->addWidget(places_, 1);
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
  messages_ = new MessageModel(this);
  input_ = new InputFilter(this);
  input_->set_letters(state_.letters);
  sides_ = new SideColumns(theme, places_);
  if (options_.bus) notifications_ = new DesktopNotifications(*options_.bus, this);
  palette_ = new CommandPalette(theme, this);
  palette_->model().set_recent(state_.recent);
  make_menus();
  connect_session();

  step_.setSingleShot(true);
  step_.setInterval(0);
  connect(&step_, &QTimer::timeout, this, &MainWindow::note_step);
  remember_.setSingleShot(true);
  remember_.setInterval(kRememberAfterMs);
  connect(&remember_, &QTimer::timeout, this, &MainWindow::remember);
  if (state_.geometry.isEmpty() || !restoreGeometry(state_.geometry)) resize(kFirstSize);
  if (!open_place(options_.place) && !open_place(state_.place) && !panels().empty()) open_place(QLatin1String(panels().front().id));
}

MainWindow::~MainWindow() = default;

void MainWindow::connect_session() {
  connect(&session_.library(), &RunLibrary::runs_changed, this, &MainWindow::runs_changed);
  connect(&session_.library(), &RunLibrary::failed, this, &MainWindow::say);
  connect(&session_.library(), &RunLibrary::health_changed, this, &MainWindow::show_trouble);
  connect(&session_, &Session::run_selected, this, [this] {
    show_run();
    show_trouble();
    step_.start();
    remember_soon();
  });
  auto* clock = new QTimer(this);  // what the clock says of a run changes without the run
  connect(clock, &QTimer::timeout, this, &MainWindow::show_trouble);
  clock->start(kTroubleEveryMs);
  connect(new RunNotices(session_, this), &RunNotices::noticed, this, &MainWindow::take_notice);
  connect(&menu_row_->bell(), &Bell::run_chosen, this, &MainWindow::open_run);
  if (notifications_) connect(notifications_, &DesktopNotifications::activated, this, &MainWindow::open_run);
  connect(sides_, &SideColumns::changed, this, &MainWindow::show_sides);
  connect(context_, &ContextRow::side_wanted, sides_, &SideColumns::toggle);
  connect(&session_, &Session::shown_runs_changed, this, &MainWindow::remember_soon);
  connect(&session_, &Session::views_changed, this, &MainWindow::remember_soon);
  connect(&session_, &Session::place_wanted, this, &MainWindow::open_place);
  connect(&session_, &Session::message_wanted, this, &MainWindow::say);
  connect(rail_, &Rail::place_chosen, this, &MainWindow::open_place);
  connect(rail_, &Rail::running_chosen, this, [this] {
    if (const RunEntry* run = running_run(session_.library().runs())) open_run(run->id);
  });
  connect(context_, &ContextRow::run_wanted, this, [this] { open_palette(QStringLiteral("#")); });
  connect(palette_, &CommandPalette::place_chosen, this, &MainWindow::open_place);
  connect(palette_, &CommandPalette::run_chosen, this, [this](const QString& id) { session_.select_run(id); });
  if (session_.library().complete()) runs_changed();
}

QString MainWindow::workspace_path() const { return QString::fromStdString(session_.library().workspace().path().string()); }

QWidget* MainWindow::panel() const { return places_->currentWidget(); }

bool MainWindow::open_place(const QString& wanted) {
  const QString id = wanted.section(QLatin1Char('/'), 0, 0), part = wanted.section(QLatin1Char('/'), 1);
  const PanelEntry* entry = entry_of(id);
  if (!entry) return false;
  if (id != place_) show_place(*entry);
  if (auto* shown = dynamic_cast<Panel*>(panel()); shown && !part.isEmpty()) shown->show_part(part);
  return true;
}

void MainWindow::show_place(const PanelEntry& entry) {
  const QString id = QLatin1String(entry.id);
  auto& made = made_[id];
  if (!made) {
    made = entry.make(session_);
    places_->addWidget(made);
  }
  place_ = id;
  places_->setCurrentWidget(made);
  rail_->set_place(id);
  const auto* panel = dynamic_cast<const Panel*>(made);
  const QList<QAction*> actions = panel ? panel->actions() : QList<QAction*>();
  context_->show_place(QCoreApplication::translate("mimir::Panel", entry.title), actions);
  sides_->show_place(id, panel ? panel->side_columns() : QList<QWidget*>());
  make_run_menu(*run_menu_);
  if (saves_) saves_->disconnect(this);
  saves_ = panel ? panel->save_action() : nullptr;
  if (saves_) connect(saves_.data(), &QAction::changed, this, &MainWindow::show_save);
  show_save();
  show_trouble();
  step_.start();
  remember_soon();
}

void MainWindow::show_sides() {
  context_->show_side(sides_->any() && sides_->folded(), sides_->open());
  side_->setEnabled(sides_->any());
  side_->setChecked(sides_->any() && sides_->open());
  side_->setToolTip(sides_->any() ? tr("Show or hide the side column") : tr("This place has no side column"));
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
  show_trouble();
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
  const bool named = run != nullptr;
  if (!run) run = running_run(runs);
  if (!run) run = run_called(runs, QStringLiteral("last"));
  if (!shown.isEmpty()) session_.show_runs(shown);
  // A place may have chosen one from a list that was still being read.
  if (run && (named || session_.run().isEmpty())) session_.select_run(run->id);
}

void MainWindow::show_run() {
  const RunEntry* run = session_.library().find(session_.run());
  context_->show_run(run, run ? session_.colour_index(run->id) : 0);
  for (QAction* action : {open_folder_, copy_id_}) {
    action->setEnabled(run != nullptr);
    action->setToolTip(run ? action->text() : tr("No run is chosen"));
  }
}

void MainWindow::show_trouble() {
  const RunLibrary& library = session_.library();
  // Launch and History are about all runs; Monitor says itself what cannot be read of one.
  const bool about_run = library.complete() && place_ != QLatin1String("launch") && place_ != QLatin1String("history");
  const RunEntry* run = about_run ? session_.library().find(session_.run()) : nullptr;
  const bool said_there = run && place_ == kMonitor && !run->problem.empty();
  const auto trouble = trouble_of(workspace_path(), library.health(), about_run && !said_there ? session_.run() : QString(), said_there ? nullptr : run, seconds_since_1970());
  if (trouble) trouble_->show_message(trouble->tone, QLatin1String(trouble->tone == Tone::danger ? "error" : "warning"), trouble->text);
  trouble_->setVisible(trouble.has_value());
  show_tip();
}

void MainWindow::show_tip() {
  const PanelEntry* entry = entry_of(place_);
  // Nothing is shown once for ever where nothing is remembered.
  const bool due = entry && entry->tip && !options_.state_path.isEmpty() && !state_.tips.contains(place_) && trouble_->isHidden();
  const QString tip = due ? QCoreApplication::translate("mimir::Panel", entry->tip) : QString();
  if (due && tip_->text() != tip) tip_->show_message(Tone::running, QLatin1String("info"), tip);
  tip_->setVisible(due);
}

void MainWindow::dismiss_tip() {
  state_.tips += place_;
  show_tip();
  remember_soon();
}

void MainWindow::first_steps() {
  state_.tips.clear();
  open_place(QStringLiteral("launch/first-start"));
  show_tip();
  remember_soon();
}

void MainWindow::show_save() {
  save_->setEnabled(saves_ && saves_->isEnabled());
  save_->setToolTip(!saves_ ? tr("This place has nothing to save") : saves_->isEnabled() ? saves_->toolTip() : tr("There is nothing to save here yet"));
}

void MainWindow::say(const QString& message) {
  messages_->add(message);
  toasts_->say(message);
}

void MainWindow::take_notice(const RunNotice& notice) {
  messages_->add(tr("%1. %2").arg(notice.title, notice.text), notice.run, notice.tone);
  const bool seen = isActiveWindow() && place_ == kMonitor && session_.run() == notice.run;
  if (notifications_ && state_.notifications && !seen) notifications_->notify(notice.run, notice.title, notice.text, notice.tone != Tone::ok);
}

void MainWindow::open_run(const QString& id) {
  session_.select_run(id);
  open_place(kMonitor);
  raise();
  activateWindow();
}

void MainWindow::note_step() {
  trail_.note({place_, session_.run()});
  back_->setEnabled(trail_.can_go(-1));
  forward_->setEnabled(trail_.can_go(1));
}

void MainWindow::go(int by) {
  const auto step = trail_.go(by);
  if (!step) return;
  if (session_.library().find(step->run)) session_.select_run(step->run);
  open_place(step->place);
  step_.stop();  // walking is no new step
  back_->setEnabled(trail_.can_go(-1));
  forward_->setEnabled(trail_.can_go(1));
}

void MainWindow::go_to_pane(bool forward) {
  const auto pane_of = [this](QWidget* widget) -> QWidget* {
    QWidget* pane = nullptr;
    for (QWidget* at = widget; at && at != this; at = at->parentWidget()) {
      if (at == rail_ || at == context_) return at;
      if (qobject_cast<Card*>(at) || qobject_cast<MetricPlot*>(at)) pane = at;
      if (at == places_) return pane ? pane : panel();
    }
    return nullptr;
  };
  if (QWidget* next = next_pane(this, QApplication::focusWidget(), forward, pane_of)) next->setFocus(Qt::TabFocusReason);
}

void MainWindow::next_problem() {
  const auto plots = panel() ? panel()->findChildren<MetricPlot*>() : QList<MetricPlot*>();
  if (std::none_of(plots.begin(), plots.end(), [](MetricPlot* plot) { return plot->isVisible() && plot->go_to_problem(true); })) say(tr("No value behind the crosshair is other than finite."));
}

void MainWindow::export_plot() {
  QWidget* focus = QApplication::focusWidget();
  while (focus && !qobject_cast<MetricPlot*>(focus)) focus = focus->parentWidget();
  auto* plot = qobject_cast<MetricPlot*>(focus);
  if (!plot && panel()) {
    for (MetricPlot* each : panel()->findChildren<MetricPlot*>())
      if (!plot && each->isVisible()) plot = each;
  }
  const auto* place = dynamic_cast<const Panel*>(panel());
  QAction* figure = place ? place->figure_action() : nullptr;
  if (plot) plot->export_plot();
  else if (figure && figure->isEnabled()) figure->trigger();
  else say(tr("There is nothing here to export yet."));
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
  sides_->set_folded(width() < kFoldedWindow);
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
  if (now == written_ && QFile::exists(options_.state_path)) return;
  if (now.write(options_.state_path)) state_ = written_ = now;
}

}  // namespace mimir
