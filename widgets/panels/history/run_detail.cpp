#include "widgets/panels/history/run_detail.h"

#include <QGridLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

#include "core/store/clock.h"
#include "widgets/form/elided_label.h"
#include "widgets/panels/history/run_facts.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/session/run_progress.h"
#include "widgets/table/run_columns.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/status_pill.h"

namespace mimir {
namespace {

constexpr int kNoteHeight = 76;
constexpr int kCurveHeight = 172;
constexpr int kCurveWidth = 220;  // at least
constexpr int kSaveAfterMs = 800;  // without a key
constexpr double kSmoothing = 0.9;

QLabel* make_label(const char* role, QWidget* parent) {
  auto* label = new QLabel(parent);
  label->setProperty("role", QLatin1String(role));
  return label;
}

/// One line that takes what room there is.
ElidedLabel* make_line(const char* role, Qt::TextElideMode mode, QWidget* parent) {
  auto* label = new ElidedLabel({}, parent, mode);
  label->setProperty("role", QLatin1String(role));
  label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  return label;
}

QToolButton* make_tool(Theme& theme, const char* picture, const QString& name, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setIcon(icon(theme, QLatin1String(picture)));
  button->setToolTip(name);
  button->setAccessibleName(name);
  return button;
}

}  // namespace

RunDetail::RunDetail(Theme& theme, QWidget* parent)
    : Card(theme, {}, parent), theme_(&theme), pages_(new QStackedWidget(this)), scroll_(new QScrollArea(this)), content_(new QWidget) {
  set_padding(14);
  setAccessibleName(tr("Run"));
  body()->addWidget(pages_, 1);
  pages_->addWidget(new EmptyState(theme, QLatin1String("history"), tr("No run chosen"), tr("Choose a run to see all of it here."), this));
  auto* page = new QWidget(this);
  auto* all = new QVBoxLayout(page);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(12);
  pages_->addWidget(page);

  content_->setProperty("ground", QStringLiteral("none"));
  scroll_->setWidget(content_);
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  all->addWidget(scroll_, 1);
  auto* layout = new QVBoxLayout(content_);
  layout->setContentsMargins(0, 0, 4, 0);
  layout->setSpacing(12);
  add_identity(layout);
  curve_ = new MetricPlot(theme, content_);
  curve_->set_flat(true);
  curve_->setFixedHeight(kCurveHeight);
  curve_->setMinimumWidth(kCurveWidth);
  layout->addWidget(curve_);
  recipe_ = add_section(tr("Recipe"));
  whole_recipe_ = new QPushButton(tr("All"), recipe_.all);
  whole_recipe_->setCheckable(true);
  whole_recipe_->setProperty("kind", QStringLiteral("flat"));
  whole_recipe_->setProperty("compact", true);
  whole_recipe_->setToolTip(tr("Also the fields that are the same"));
  whole_recipe_->setAccessibleName(tr("All fields of the recipe"));
  recipe_.head->insertWidget(2, whole_recipe_);
  connect(whole_recipe_, &QPushButton::toggled, this, &RunDetail::show_recipe);
  add_note(layout);
  checkpoints_ = add_section(tr("Checkpoints"));
  evaluations_ = add_section(tr("Evaluations"));
  events_ = add_section(tr("Events"));
  environment_ = add_section(tr("Environment"));

  auto* command_row = new QHBoxLayout;
  auto* command_title = make_label("heading", content_);
  command_title->setText(tr("Command"));
  auto* copy = make_tool(theme, "copy", tr("Copy the command"), content_);
  command_row->addWidget(command_title, 1);
  command_row->addWidget(copy);
  layout->addLayout(command_row);
  command_ = make_label("number", content_);
  command_->setWordWrap(true);
  command_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
  layout->addWidget(command_);
  layout->addStretch(1);
  connect(copy, &QToolButton::clicked, this, [this] { Q_EMIT copy_wanted(command_->text()); });

  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(8);
  auto* folder = new QPushButton(icon(theme, QLatin1String("folder")), tr("Open folder"), page);
  auto* monitor = new QPushButton(icon(theme, QLatin1String("monitor")), tr("Open in Monitor"), page);
  buttons->addWidget(folder, 1);
  buttons->addWidget(monitor, 1);
  all->addLayout(buttons);
  connect(folder, &QPushButton::clicked, this, [this] { Q_EMIT folder_wanted(id_); });
  connect(monitor, &QPushButton::clicked, this, [this] { Q_EMIT monitor_wanted(id_); });

  note_timer_.setSingleShot(true);
  note_timer_.setInterval(kSaveAfterMs);
  connect(&note_timer_, &QTimer::timeout, this, &RunDetail::save_note);
}

void RunDetail::add_identity(QVBoxLayout* layout) {
  auto* title = new QHBoxLayout;
  title->setSpacing(8);
  name_ = make_line("name", Qt::ElideMiddle, content_);
  star_ = make_tool(*theme_, "star", tr("Star (S)"), content_);
  title->addWidget(name_, 1);
  title->addWidget(star_);
  connect(star_, &QToolButton::clicked, this, [this] { Q_EMIT star_wanted(id_, !starred_); });
  folder_ = make_label("caption-number", content_);
  folder_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  auto* state = new QHBoxLayout;
  state->setSpacing(8);
  pill_ = new StatusPill(*theme_, content_);
  tags_ = make_line("caption", Qt::ElideRight, content_);
  state->addWidget(pill_);
  state->addWidget(tags_, 1);
  reason_ = make_label("secondary", content_);
  reason_->setWordWrap(true);
  reason_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
  figures_ = new QGridLayout;
  figures_->setHorizontalSpacing(8);
  figures_->setVerticalSpacing(2);

  auto* identity = new QVBoxLayout;
  identity->setSpacing(6);
  identity->addLayout(title);
  identity->addWidget(folder_);
  identity->addLayout(state);
  identity->addWidget(reason_);
  layout->addLayout(identity);
  layout->addLayout(figures_);
}

void RunDetail::add_note(QVBoxLayout* layout) {
  auto* title = make_label("heading", content_);
  title->setText(tr("Note"));
  layout->addWidget(title);
  note_ = new QPlainTextEdit(content_);
  note_->setAccessibleName(tr("Note"));
  note_->setPlaceholderText(tr("What is worth remembering of this run"));
  note_->setFixedHeight(kNoteHeight);
  note_->setTabChangesFocus(true);
  layout->addWidget(note_);
  connect(note_, &QPlainTextEdit::textChanged, this, [this] {
    note_typed_ = true;
    note_timer_.start();
  });
}

RunDetail::Section RunDetail::add_section(const QString& title) {
  Section section{new QWidget(content_), new QHBoxLayout, nullptr, nullptr};
  auto* layout = new QVBoxLayout(section.all);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  QHBoxLayout* head = section.head;
  head->setSpacing(8);
  auto* heading = make_label("heading", section.all);
  heading->setText(title);
  section.caption = make_line("caption", Qt::ElideRight, section.all);
  auto* copy = make_tool(*theme_, "copy", tr("Copy %1 as text").arg(title), section.all);
  head->addWidget(heading);
  head->addWidget(section.caption, 1);
  head->addWidget(copy);
  layout->addLayout(head);
  section.facts = new FactList(*theme_, title, section.all);
  layout->addWidget(section.facts);
  connect(copy, &QToolButton::clicked, this, [this, facts = section.facts] { Q_EMIT copy_wanted(facts->as_text()); });
  static_cast<QVBoxLayout*>(content_->layout())->addWidget(section.all);
  return section;
}

void RunDetail::save_note() {
  note_timer_.stop();
  if (std::exchange(note_typed_, false) && !id_.isEmpty()) Q_EMIT note_changed(id_, note_->toPlainText());
}

void RunDetail::show_run(const RunEntry* run, const RunRecord* record, const RunEntry* other, int colour) {
  const QString id = run ? run->id : QString();
  if (id != id_) {
    save_note();
    scroll_->verticalScrollBar()->setValue(0);
  }
  const bool same = id == id_;
  id_ = id;
  pages_->setCurrentIndex(run ? 1 : 0);
  if (!run) return;
  show_identity(*run);
  show_figures(*run);
  show_curve(*run, record, colour);
  compared_ = other != nullptr;
  recipe_lines_ = recipe_facts(*run, other);
  const bool differs = !recipe_lines_.empty() && recipe_lines_.front().marked;
  const QString than = other ? run_name(*other) : tr("the defaults");
  recipe_.caption->set_full_text(recipe_lines_.empty() ? tr("cannot be read") : differs ? tr("differs from %1").arg(than) : tr("as %1").arg(than));
  show_recipe();
  // What is being typed is newer than what is in the file.
  const QString note = QString::fromStdString(run->annotations.note);
  if (note_->toPlainText() != note && !(same && (note_typed_ || note_->hasFocus()))) {
    const QSignalBlocker quiet(note_);
    note_->setPlainText(note);
  }
  show_section(checkpoints_, record ? checkpoint_facts(*record) : std::vector<FactList::Fact>());
  show_section(evaluations_, record ? evaluation_facts(*record) : std::vector<FactList::Fact>());
  show_section(events_, record ? event_facts(*record) : std::vector<FactList::Fact>());
  show_section(environment_, record ? environment_facts(*record) : std::vector<FactList::Fact>());
  command_->setText(run_command(*run, record));
}

void RunDetail::show_identity(const RunEntry& run) {
  name_->set_full_text(run_name(run));
  const QString folder = QString::fromStdString(run.folder.path().filename().string());
  folder_->setText(folder);
  folder_->setToolTip(QString::fromStdString(run.folder.path().string()));
  starred_ = run.annotations.star;
  star_->setIcon(icon(*theme_, starred_ ? QLatin1String("star-fill") : QLatin1String("star"), starred_ ? &Tokens::warning : nullptr));
  star_->setAccessibleName(starred_ ? tr("Remove the star") : tr("Star"));
  pill_->show_look(run.problem.empty() ? status_look(run.condition) : StatusLook{Tone::danger, QLatin1String("error"), tr("Damaged")});
  QStringList tags;
  for (const std::string& tag : run.annotations.tags) tags.push_back(QString::fromStdString(tag));
  tags_->set_full_text(tags.join(QStringLiteral(" · ")));
  const QString reason = status_reason(run, seconds_since_1970());
  reason_->setText(reason);
  reason_->setVisible(!reason.isEmpty());
}

void RunDetail::show_recipe() {
  auto lines = recipe_lines_;
  if (!whole_recipe_->isChecked()) {
    std::erase_if(lines, [](const FactList::Fact& line) { return !line.marked; });
    // Most runs leave the defaults in many fields; where nothing else is shown, marks would only be loud.
    for (FactList::Fact& line : lines) line.marked = compared_;
  }
  recipe_.facts->set_facts(std::move(lines));
}

void RunDetail::show_figures(const RunEntry& run) {
  const auto figures = main_figures(run);
  const auto put = [&](int row, std::size_t column, const char* role, const QString& text) {
    const int at = static_cast<int>(column);
    QLayoutItem* item = figures_->itemAtPosition(row, at);
    QLabel* label = item ? qobject_cast<QLabel*>(item->widget()) : make_label(role, content_);
    if (!item) figures_->addWidget(label, row, at);
    label->setText(text);
    label->setVisible(!text.isEmpty());
    figures_->setColumnStretch(at, 1);
  };
  for (std::size_t i = 0; i < 3; ++i) {
    const Figure figure = i < figures.size() ? figures[i] : Figure{};
    put(0, i, "label", figure.title);
    put(1, i, "figure", figure.value);
    put(2, i, "caption-number", figure.interval);
  }
}

void RunDetail::show_curve(const RunEntry& run, const RunRecord* record, int colour) {
  const CurvePlan plan = record ? curve_plan(*record) : CurvePlan{};
  curve_->setVisible(!plan.metric.empty());
  if (plan.metric.empty()) return;
  const std::string stage = plan.metric.substr(0, plan.metric.find('/'));
  const QString what = run.id + QLatin1Char(' ') + QString::fromStdString(plan.metric);
  if (what != curve_of_) curve_->set_runs({});  // gives up what it drew before
  curve_of_ = what;
  PlotRun shown;
  shown.id = run.id;
  shown.name = run_name(run);
  shown.colour = colour;
  curve_->set_title(plan.title, plan.unit);
  curve_->set_per_epoch(plan.per_epoch);
  curve_->set_runs({shown});
  PlotOptions options = curve_->options();
  options.x = plan.per_epoch ? XKind::epoch : XKind::step;
  options.x_title = true;
  options.smoothing = plan.per_epoch ? 0 : kSmoothing;
  curve_->set_options(options);
  const StagePace pace = pace_of(run, QString::fromStdString(stage));
  const auto draw = [&](const std::string& metric, Measured measured) {
    const auto points = record->points.find(metric);
    if (points == record->points.end()) return;
    const RunSeries* old = curve_->series(run.id, measured);
    if (old && old->recorded() == points->second.size()) return;
    RunSeries series(points->second, record->segments);
    series.set_pace(pace.steps_per_epoch, pace.images_per_step);
    curve_->set_series(run.id, std::move(series), measured);
  };
  draw(plan.metric, plan.adversarial.empty() ? Measured::plain : Measured::clean);
  if (!plan.adversarial.empty()) draw(plan.adversarial, Measured::adversarial);
}

void RunDetail::show_section(const Section& section, std::vector<FactList::Fact> facts) {
  section.all->setVisible(!facts.empty());
  section.facts->set_facts(std::move(facts));
}

}  // namespace mimir
