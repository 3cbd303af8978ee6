#include "widgets/panels/monitor/monitor_panel.h"

#include <QAction>
#include <QComboBox>
#include <QDateTime>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QStackedLayout>
#include <QStandardItemModel>
#include <QToolButton>
#include <cmath>

#include "widgets/format.h"
#include "widgets/panels/monitor/condition_strip.h"
#include "widgets/panels/monitor/event_list.h"
#include "widgets/panels/monitor/log_view.h"
#include "widgets/panels/monitor/plot_grid.h"
#include "widgets/panels/monitor/progress_strip.h"
#include "widgets/panels/monitor/shown_runs.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

const bool registered = add_panel({"monitor", QT_TRANSLATE_NOOP("Panel", "Monitor"), "monitor", 2, [](Session& session) -> QWidget* { return new MonitorPanel(session); }});

constexpr double kDefaultSmoothing = 0.9;
constexpr int kSliderSteps = 300;  ///< beta = 1 - 10^(-3 position / steps): even steps of the averaged length
const QStringList kStages{QStringLiteral("pretrain"), QStringLiteral("finetune")};

double beta_of(int position) { return 1 - std::pow(10.0, -3.0 * position / kSliderSteps); }
int position_of(double beta) { return static_cast<int>(std::lround(-std::log10(1 - beta) * kSliderSteps / 3)); }

double now() { return static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000; }

}  // namespace

MonitorPanel::MonitorPanel(Session& session) : session_(&session), control_(this) {
  make_actions();
  pages_ = new QStackedLayout(this);
  auto* empty = new EmptyState(session.theme(), QLatin1String("monitor"), tr("Nothing is training"), tr("A run appears here by itself as soon as it starts, from this window or from a terminal."));
  connect(empty->add_button(tr("Open Launch"), EmptyState::Kind::primary), &QPushButton::clicked, this, [this] { session_->open_place(QStringLiteral("launch")); });
  pages_->addWidget(empty);
  pages_->addWidget(make_content());

  connect(&session, &Session::run_selected, this, [this] {
    chosen_stage_.clear();
    update_run();
  });
  connect(&session.library(), &RunLibrary::runs_changed, this, [this] {
    choose_a_run();
    update_run();
  });
  connect(&session.library(), &RunLibrary::record_changed, this, [this](const QString& id) {
    if (id == session_->run()) update_run();
  });
  connect(&control_, &RunControl::answered, this, [this](const QString&, ControlCommand, bool, const QString& sentence) { session_->say(sentence); });
  connect(&clock_, &QTimer::timeout, this, &MonitorPanel::update_clock);
  clock_.start(1000);
  choose_a_run();
  update_run();
}

MonitorPanel::~MonitorPanel() = default;

void MonitorPanel::make_actions() {
  const Theme& theme = session_->theme();
  checkpoint_ = new QAction(icon(theme, QLatin1String("checkpoint")), tr("Checkpoint"), this);
  checkpoint_->setToolTip(tr("Write a checkpoint after this step"));
  connect(checkpoint_, &QAction::triggered, this, [this] { send(ControlCommand::checkpoint); });
  pause_ = new QAction(icon(theme, QLatin1String("pause")), tr("Pause"), this);
  connect(pause_, &QAction::triggered, this, [this] {
    const RunEntry* run = entry();
    send(run && run->condition.status == RunStatus::paused ? ControlCommand::unpause : ControlCommand::pause);
  });
  stop_ = new QAction(icon(theme, QLatin1String("stop"), &Tokens::danger), tr("Stop…"), this);
  stop_->setProperty("kind", QStringLiteral("danger"));
  auto* menu = new QMenu(this);
  connect(menu->addAction(tr("Stop after this epoch")), &QAction::triggered, this, [this] { send(ControlCommand::stop, Stop::after_epoch); });
  connect(menu->addAction(tr("Stop after this step, with a checkpoint")), &QAction::triggered, this, [this] { send(ControlCommand::stop, Stop::after_step); });
  menu->addSeparator();
  connect(menu->addAction(tr("Stop now, without a checkpoint")), &QAction::triggered, this, [this] { send(ControlCommand::stop, Stop::now); });
  stop_->setMenu(menu);
}

QWidget* MonitorPanel::make_tools() {
  Theme& theme = session_->theme();
  auto* tools = new QWidget;
  auto* row = new QHBoxLayout(tools);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(12);

  const auto label = [&](const QString& text, QWidget* buddy) {
    auto* it = new QLabel(text);
    it->setFont(theme.font(font::kLabel));
    it->setBuddy(buddy);
    row->addWidget(it);
    row->addWidget(buddy);
    return it;
  };
  x_ = new QComboBox;
  x_->setAccessibleName(tr("x axis"));
  x_->addItems({tr("Step"), tr("Epoch"), tr("Images seen"), tr("Training time"), tr("Wall clock")});
  label(tr("x"), x_);
  smoothing_ = new QSlider(Qt::Horizontal);
  smoothing_->setAccessibleName(tr("Smoothing"));
  smoothing_->setRange(0, kSliderSteps);
  smoothing_->setValue(position_of(kDefaultSmoothing));
  smoothing_->setFixedWidth(96);
  label(tr("Smoothing"), smoothing_);
  smoothing_value_ = new QLabel;
  smoothing_value_->setFont(theme.font(font::kNumber));
  smoothing_value_->setMinimumWidth(40);
  row->addWidget(smoothing_value_);
  scale_ = new SegmentedControl(theme, tr("Scale of y"), {tr("Auto"), tr("Log"), tr("Linear")});
  scale_->setMinimumWidth(scale_->sizeHint().width());
  row->addWidget(scale_);
  link_ = new QToolButton;
  link_->setIcon(icon(theme, QLatin1String("link")));
  link_->setCheckable(true);
  link_->setChecked(true);
  link_->setToolTip(tr("Crosshair and zoom of one plot are those of all"));
  link_->setAccessibleName(tr("Link the plots"));
  row->addWidget(link_);
  row->addStretch();
  stages_ = new QComboBox;
  stages_->setAccessibleName(tr("Stage"));
  stages_->addItems({stage_title(kStages[0]), stage_title(kStages[1])});
  row->addWidget(stages_);
  layouts_ = new QComboBox;
  layouts_->setAccessibleName(tr("Plots"));
  layouts_->addItems({tr("Essentials"), tr("Information"), tr("Robustness"), tr("Speed"), tr("All")});
  row->addWidget(layouts_);

  connect(x_, &QComboBox::currentIndexChanged, this, &MonitorPanel::update_tools);
  connect(smoothing_, &QSlider::valueChanged, this, &MonitorPanel::update_tools);
  connect(scale_, &SegmentedControl::chosen, this, &MonitorPanel::update_tools);
  connect(link_, &QToolButton::toggled, this, [this](bool on) { plots_->set_linked(on); });
  connect(stages_, &QComboBox::activated, this, [this](int index) {
    chosen_stage_ = kStages.value(index);
    update_plots();
  });
  connect(layouts_, &QComboBox::currentIndexChanged, this, &MonitorPanel::update_plots);
  return tools;
}

QWidget* MonitorPanel::make_side() {
  Theme& theme = session_->theme();
  auto* side = new QWidget;
  side->setFixedWidth(size::kSideColumn);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(size::kGap);

  shown_card_ = new Card(theme, tr("Shown runs"));
  shown_ = new ShownRunModel(*session_, [this](const QString& run) { return plots_->value_of(run); }, this);
  auto* runs = new QListView;
  runs->setModel(shown_);
  runs->setItemDelegate(new ShownRunDelegate(*session_, runs));
  runs->setAccessibleName(tr("Shown runs"));
  runs->setMouseTracking(true);
  runs->setFrameShape(QFrame::NoFrame);
  runs->setSizeAdjustPolicy(QAbstractScrollArea::AdjustToContents);
  runs->setMaximumHeight(8 * size::kListRow + 4);
  connect(runs, &QListView::activated, this, [this](const QModelIndex& index) { session_->select_run(index.data(ShownRunModel::kId).toString()); });
  connect(shown_, &ShownRunModel::hidden_changed, this, [this] { plots_->set_hidden(shown_->hidden()); });
  connect(plots_, &PlotGrid::values_changed, shown_, &ShownRunModel::refresh_values);
  shown_card_->body()->addWidget(runs);
  column->addWidget(shown_card_);

  auto* system = new Card(theme, tr("System"));
  auto* facts = new QFormLayout;
  facts->setVerticalSpacing(6);
  const auto fact = [&](const QString& name) {
    auto* what = new QLabel(name);
    what->setFont(theme.font(font::kLabel));
    auto* value = new QLabel(kMissing);
    value->setFont(theme.font(font::kNumber));
    value->setAlignment(Qt::AlignRight);
    facts->addRow(what, value);
    return value;
  };
  rate_ = fact(tr("Throughput"));
  memory_ = fact(tr("Memory of the trainer"));
  wait_ = fact(tr("Data wait"));
  heard_ = fact(tr("Last heard"));
  system->body()->addLayout(facts);
  column->addWidget(system);

  auto* events_card = new Card(theme, tr("Events"));
  alerts_ = new QLabel;
  alerts_->setFont(theme.font(font::kCaption));
  events_card->header()->addWidget(alerts_);
  events_ = new EventModel(this);
  auto* events = new QListView;
  events->setModel(events_);
  events->setItemDelegate(new EventDelegate(theme, events));
  events->setAccessibleName(tr("Events"));
  events->setFrameShape(QFrame::NoFrame);
  events->setMouseTracking(true);
  connect(events, &QListView::activated, this, [this](const QModelIndex& index) {
    const EventRow& event = events_->event_at(index.row());
    if (!event.stage.empty()) session_->set_cursor(Session::Cursor{QString::fromStdString(event.stage), event.step});
  });
  quiet_ = new QLabel(tr("Nothing out of the ordinary has happened."));
  quiet_->setFont(theme.font(font::kCaption));
  quiet_->setAlignment(Qt::AlignCenter);
  quiet_->setWordWrap(true);
  events_card->body()->addWidget(quiet_, 1);
  events_card->body()->addWidget(events, 1);
  events_view_ = events;
  column->addWidget(events_card, 1);

  auto* log_card = new Card(theme, tr("Log"));
  log_ = new LogView(theme);
  log_card->body()->addWidget(log_);
  column->addWidget(log_card, 1);
  return side;
}

QWidget* MonitorPanel::make_content() {
  auto* content = new QWidget;
  auto* row = new QHBoxLayout(content);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(size::kGap);
  auto* left = new QVBoxLayout;
  left->setSpacing(size::kGap);
  progress_ = new ProgressStrip(session_->theme());
  left->addWidget(progress_);
  condition_ = new ConditionStrip(session_->theme());
  left->addWidget(condition_);
  plots_ = new PlotGrid(*session_);
  left->addWidget(make_tools());
  scroll_ = new QScrollArea;
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setAccessibleName(tr("Plots"));
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setWidget(plots_);
  left->addWidget(scroll_, 1);
  row->addLayout(left, 1);
  side_ = make_side();
  row->addWidget(side_);
  connect(plots_, &PlotGrid::checkpoint_clicked, this, [this](const QString& run, const QString& stage, qint64 step) {
    session_->select_run(run);
    session_->set_cursor(Session::Cursor{stage, step});
  });
  update_tools();
  return content;
}

const RunEntry* MonitorPanel::entry() const { return session_->library().find(session_->run()); }

QString MonitorPanel::stage() const {
  if (!chosen_stage_.isEmpty()) return chosen_stage_;
  const RunEntry* run = entry();
  if (!run) return kStages.front();
  QString newest = kStages.front();
  bool first = true;
  for (const StageRow& row : run->stages) {
    const QString name = QString::fromStdString(row.name);
    if (!kStages.contains(name)) continue;
    if (first || row.state != StageState::waiting) newest = name;
    first = false;
  }
  return newest;
}

void MonitorPanel::choose_a_run() {
  if (!session_->run().isEmpty() || session_->library().runs().empty()) return;
  const auto& runs = session_->library().runs();
  const auto running = std::find_if(runs.begin(), runs.end(), [](const RunEntry& run) { return run.condition.status == RunStatus::running; });
  session_->select_run(running != runs.end() ? running->id : runs.front().id);
}

void MonitorPanel::update_run() {
  const RunEntry* run = entry();
  pages_->setCurrentIndex(run ? 1 : 0);
  const bool trains = run && (run->condition.status == RunStatus::running || run->condition.status == RunStatus::paused);
  const QString why = tr("No trainer works on this run");
  const auto enable = [&](QAction* action, const QString& tip) {
    action->setEnabled(trains);
    action->setToolTip(trains ? tip : why);
  };
  const bool paused = run && run->condition.status == RunStatus::paused;
  pause_->setText(paused ? tr("Continue") : tr("Pause"));
  pause_->setIcon(icon(session_->theme(), paused ? QLatin1String("play") : QLatin1String("pause")));
  enable(checkpoint_, tr("Write a checkpoint after this step"));
  enable(pause_, paused ? tr("Go on training") : tr("Pause after this step"));
  enable(stop_, tr("Stop after this epoch, after this step, or now"));
  if (!run) return;

  const auto record = session_->library().record(run->id);
  events_->show_events(record ? record->events : std::vector<EventRow>());
  quiet_->setVisible(events_->rowCount() == 0);
  events_view_->setVisible(events_->rowCount() > 0);
  const int alerts = events_->alerts();
  alerts_->setText(alerts ? tr("%n alert(s)", nullptr, alerts) : QString());
  log_->follow(run->folder.log());
  update_plots();
  update_clock();
}

void MonitorPanel::update_clock() {
  const RunEntry* run = entry();
  if (!run || !isVisible()) return;
  const auto record = session_->library().record(run->id);
  progress_->show_progress(progress_of(*run, record.get(), now()), now());
  condition_->show_condition(run, now());
  log_->read_on();
  const auto metric = [&](const char* name) -> std::optional<double> {
    const auto found = run->metrics.find(stage().toStdString() + "/" + name);
    return found == run->metrics.end() ? std::nullopt : std::optional(found->second);
  };
  const auto& beat = run->heartbeat;
  rate_->setText(beat && beat->rate ? tr("%1 images/s").arg(number_text(*beat->rate, 3)) : kMissing);
  memory_->setText(beat && beat->memory ? size_text(*beat->memory * 1024 * 1024) : kMissing);
  const auto wait = metric("data_wait");
  wait_->setText(wait ? percent_text(*wait) + tr(" of a step") : kMissing);
  heard_->setText(run->condition.heard ? age_text(now() - *run->condition.heard) : kMissing);
}

void MonitorPanel::update_plots() {
  const QString stage = this->stage();
  stages_->setCurrentIndex(static_cast<int>(kStages.indexOf(stage)));
  // Fine-tuning records no information.
  if (auto* items = qobject_cast<QStandardItemModel*>(layouts_->model())) items->item(static_cast<int>(PlotLayout::information))->setEnabled(stage == kStages[0]);
  auto layout = static_cast<PlotLayout>(layouts_->currentIndex());
  if (layout == PlotLayout::information && stage != kStages[0]) layout = PlotLayout::essentials;
  const auto record = session_->library().record(session_->run());
  const QList<PlotPlan> plans = plot_plans(layout, stage, record.get());
  plots_->show_plans(stage, plans);
  shown_card_->set_caption(plans.isEmpty() ? QString() : plans.front().title.toLower());
}

void MonitorPanel::update_tools() {
  const double beta = beta_of(smoothing_->value());
  smoothing_value_->setText(fixed_text(beta, 3));
  PlotOptions options = plots_->options();
  options.smoothing = beta;
  options.x = static_cast<XKind>(x_->currentIndex());
  options.y = scale_->index() == 1 ? ScaleKind::logarithmic : scale_->index() == 2 ? ScaleKind::linear : ScaleKind::automatic;
  plots_->set_options(options);
}

void MonitorPanel::send(ControlCommand command, Stop when) {
  const RunEntry* run = entry();
  if (!run) return;
  ControlRequest request;
  request.command = command;
  request.when = when;
  control_.send(run->id, run->folder, request);
}

void MonitorPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  update_run();
}

}  // namespace mimir
