#include "widgets/panels/monitor/monitor_panel.h"

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QStackedLayout>
#include <QStandardItemModel>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"
#include "widgets/panels/monitor/condition_strip.h"
#include "widgets/panels/monitor/event_list.h"
#include "widgets/panels/monitor/log_view.h"
#include "widgets/panels/monitor/plot_grid.h"
#include "widgets/panels/monitor/progress_strip.h"
#include "widgets/panels/monitor/run_actions.h"
#include "widgets/panels/monitor/shown_runs.h"
#include "widgets/panels/monitor/system_card.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"
#include "widgets/theme/status_pill.h"

namespace mimir {
namespace {

const bool registered = add_panel({"monitor", QT_TRANSLATE_NOOP("Panel", "Monitor"), "monitor", 2, [](Session& session) -> QWidget* { return new MonitorPanel(session); },
                                   QT_TRANSLATE_NOOP("Panel", "No point is ever left out: the wheel zooms a plot at the pointer down to single steps, R shows everything again.")});

constexpr int kNarrowSide = 264;
constexpr double kDefaultSmoothing = 0.9;
constexpr int kSliderSteps = 300;  ///< beta = 1 - 10^(-3 position / steps): even steps of the averaged length
const QStringList kStages{QStringLiteral("pretrain"), QStringLiteral("finetune")};

double beta_of(int position) { return 1 - std::pow(10.0, -3.0 * position / kSliderSteps); }
int position_of(double beta) { return static_cast<int>(std::lround(-std::log10(1 - beta) * kSliderSteps / 3)); }

double now() { return static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000; }

}  // namespace

MonitorPanel::MonitorPanel(Session& session) : session_(&session), actions_(new RunActions(session, this)) {
  // These stand in the strip, beside the sentence that says why; so the window's menu finds them, too.
  addActions(actions_->after_end());
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
    if (isVisible()) update_run();
  });
  connect(&session.library(), &RunLibrary::record_changed, this, [this](const QString& id) {
    if (id == session_->run() && isVisible()) update_run();
  });
  connect(&clock_, &QTimer::timeout, this, &MonitorPanel::update_clock);
  clock_.start(1000);
  choose_a_run();
  update_run();
}

MonitorPanel::~MonitorPanel() = default;

QList<QAction*> MonitorPanel::actions() const { return actions_->all(); }

bool MonitorPanel::settled() const { return plots_->settled(); }

QWidget* MonitorPanel::make_tools() {
  Theme& theme = session_->theme();
  auto* tools = new QWidget;
  auto* row = new QHBoxLayout(tools);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(12);

  const auto label = [&](const QString& text, QWidget* buddy) {
    auto* it = new QLabel(text);
    it->setProperty("role", QStringLiteral("label"));
    it->setBuddy(buddy);
    row->addWidget(it);
    row->addSpacing(-4);
    row->addWidget(buddy);
  };
  const auto tool = [&](const char* picture, const QString& name, const QString& tip) {
    auto* button = new QToolButton;
    button->setIcon(icon(theme, QLatin1String(picture)));
    button->setCheckable(true);
    button->setChecked(true);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setToolTip(tip);
    button->setAccessibleName(name);
    return button;
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
  smoothing_value_->setProperty("role", QStringLiteral("number"));
  smoothing_value_->setFixedWidth(40);
  row->addWidget(smoothing_value_);
  scale_ = new SegmentedControl(theme, tr("Scale of y"), {tr("Auto"), tr("Log"), tr("Linear")});
  scale_->setMinimumWidth(scale_->sizeHint().width());
  label(tr("y"), scale_);
  link_ = tool("link", tr("Link the plots"), tr("Crosshair and zoom of one plot are those of all"));
  checkpoints_ = tool("checkpoint", tr("Show checkpoints"), tr("Marks on the x axis where there is a checkpoint; a click chooses it"));
  row->addWidget(link_);
  row->addSpacing(-4);
  row->addWidget(checkpoints_);
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
  connect(checkpoints_, &QToolButton::toggled, this, &MonitorPanel::update_tools);
  connect(plots_, &PlotGrid::options_changed, this, [this](const PlotOptions& options) { checkpoints_->setChecked(options.checkpoints); });
  connect(stages_, &QComboBox::activated, this, [this](int index) {
    chosen_stage_ = kStages.value(index);
    update_plots();
  });
  connect(layouts_, &QComboBox::currentIndexChanged, this, &MonitorPanel::update_plots);
  return tools;
}

Card* MonitorPanel::make_shown_runs() {
  auto* card = new Card(session_->theme(), tr("Shown runs"));
  shown_ = new ShownRunModel(*session_, [this](const QString& run) { return plots_->value_of(run); }, this);
  auto* runs = new QListView;
  runs->setModel(shown_);
  runs->setItemDelegate(new ShownRunDelegate(*session_, runs));
  runs->setAccessibleName(tr("Shown runs"));
  runs->setMouseTracking(true);
  runs->setFrameShape(QFrame::NoFrame);
  runs->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  // As high as its runs, up to eight.
  const auto fit = [this, runs] { runs->setFixedHeight(std::clamp(shown_->rowCount(), 1, 8) * size::kListRow); };
  connect(shown_, &QAbstractItemModel::modelReset, runs, fit);
  fit();
  connect(runs, &QListView::activated, this, [this](const QModelIndex& index) { session_->select_run(index.data(ShownRunModel::kId).toString()); });
  connect(shown_, &ShownRunModel::hidden_changed, this, [this] { plots_->set_hidden(shown_->hidden()); });
  connect(plots_, &PlotGrid::values_changed, shown_, &ShownRunModel::refresh_values);
  card->body()->addWidget(runs);
  return card;
}

Card* MonitorPanel::make_events() {
  Theme& theme = session_->theme();
  auto* card = new Card(theme, tr("Events"));
  alerts_ = new StatusPill(theme);
  event_tabs_ = new SegmentedControl(theme, tr("Events or log"), {tr("Events"), tr("Log")});
  card->header()->addWidget(alerts_);
  card->header()->addWidget(event_tabs_);
  event_tabs_->setFixedHeight(size::kCardHeader);
  event_tabs_->hide();
  connect(event_tabs_, &SegmentedControl::chosen, this, &MonitorPanel::fold);
  events_ = new EventModel(this);
  events_view_ = new QListView;
  events_view_->setModel(events_);
  events_view_->setItemDelegate(new EventDelegate(theme, events_view_));
  events_view_->setAccessibleName(tr("Events"));
  events_view_->setFrameShape(QFrame::NoFrame);
  events_view_->setMouseTracking(true);
  connect(events_view_, &QListView::activated, this, [this](const QModelIndex& index) {
    const EventRow& event = events_->event_at(index.row());
    if (!event.stage.empty()) session_->set_cursor(Session::Cursor{QString::fromStdString(event.stage), event.step});
  });
  quiet_ = new QLabel(tr("Nothing out of the ordinary has happened."));
  quiet_->setProperty("role", QStringLiteral("caption"));
  quiet_->setAlignment(Qt::AlignCenter);
  quiet_->setWordWrap(true);
  card->body()->addWidget(quiet_, 1);
  card->body()->addWidget(events_view_, 1);
  return card;
}

QWidget* MonitorPanel::make_side() {
  Theme& theme = session_->theme();
  side_ = new QWidget;
  auto* column = new QVBoxLayout(side_);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(size::kGap);
  shown_card_ = make_shown_runs();
  column->addWidget(shown_card_);
  system_ = new SystemCard(theme, session_->library().workspace().path());
  column->addWidget(system_);
  events_card_ = make_events();
  column->addWidget(events_card_, 1);
  log_card_ = new Card(theme, tr("Log"));
  log_ = new LogView(theme);
  log_card_->body()->addWidget(log_);
  column->addWidget(log_card_, 1);
  return side_;
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
  condition_ = new ConditionStrip(session_->theme(), actions_->after_end());
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
  // Not before all are known: the window may have another one to begin with.
  if (!session_->run().isEmpty() || !session_->library().complete() || session_->library().runs().empty()) return;
  const auto& runs = session_->library().runs();
  const auto running = std::find_if(runs.begin(), runs.end(), [](const RunEntry& run) { return run.condition.status == RunStatus::running; });
  session_->select_run(running != runs.end() ? running->id : runs.front().id);
}

void MonitorPanel::update_run() {
  const RunEntry* run = entry();
  pages_->setCurrentIndex(run ? 1 : 0);
  actions_->show_run(run);
  if (!run) return;

  const auto record = session_->library().record(run->id);
  events_->show_events(record ? events_and_checkpoints(*record) : std::vector<EventRow>());
  fold();
  const int alerts = events_->alerts();
  alerts_->setVisible(alerts > 0);
  alerts_->show_look({Tone::danger, QLatin1String("error"), alerts == 1 ? tr("1 alert") : tr("%1 alerts").arg(alerts)});
  log_->follow(run->folder.log());
  update_plots();
  update_clock();
}

void MonitorPanel::fold() {
  const bool narrow = window()->width() < size::kNarrowWindow;
  side_->setFixedWidth(narrow ? kNarrowSide : size::kSideColumn);
  QVBoxLayout* home = narrow ? events_card_->body() : log_card_->body();
  if (home->indexOf(log_) < 0) home->addWidget(log_, 1);
  event_tabs_->setVisible(narrow);
  events_card_->set_title(narrow ? QString() : tr("Events"));
  events_card_->setAccessibleName(tr("Events"));
  log_card_->setVisible(!narrow);
  const bool log = narrow && event_tabs_->index() == 1;
  log_->setVisible(!narrow || log);
  quiet_->setVisible(!log && events_->rowCount() == 0);
  events_view_->setVisible(!log && events_->rowCount() > 0);
}

void MonitorPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fold();
}

void MonitorPanel::update_clock() {
  const RunEntry* run = entry();
  if (!run || !isVisible()) return;
  progress_->show_progress(progress_of(*run, now()), now());
  condition_->show_condition(run, now());
  log_->read_on();
  system_->show_run(run, stage(), now());
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
  options.checkpoints = checkpoints_->isChecked();
  options.x = static_cast<XKind>(x_->currentIndex());
  options.y = scale_->index() == 1 ? ScaleKind::logarithmic : scale_->index() == 2 ? ScaleKind::linear : ScaleKind::automatic;
  plots_->set_options(options);
}

void MonitorPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  update_run();
}

}  // namespace mimir
