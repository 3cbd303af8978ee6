#include "widgets/panels/monitor/plot_grid.h"

#include <QGridLayout>
#include <QResizeEvent>
#include <algorithm>
#include <cmath>

#include "widgets/session/in_sight.h"
#include "widgets/session/run_progress.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

constexpr int kColumnWidth = 400;  ///< narrower plots stand in one column
constexpr int kPlotHeight = 170;  ///< three rows fit in a window 800 px high

}  // namespace

PlotGrid::PlotGrid(Session& session, QWidget* parent) : QWidget(parent), session_(&session), grid_(new QGridLayout(this)) {
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setSpacing(size::kGap);
  connect(&session, &Session::shown_runs_changed, this, &PlotGrid::update_runs);
  connect(&session, &Session::run_selected, this, &PlotGrid::update_runs);
  auto* runs = new InSight(*this, [this] { update_runs(); }, this);
  connect(&session.library(), &RunLibrary::runs_changed, runs, &InSight::changed);
  connect(&session.library(), &RunLibrary::record_changed, runs, [this, runs](const QString& id) {
    if (isVisible()) update_record(id);
    else runs->changed();
  });
  connect(&session, &Session::cursor_changed, this, &PlotGrid::follow_session_cursor);
  connect(&making_, &QTimer::timeout, this, &PlotGrid::make_next);
  connect(&group_, &PlotGroup::cursor_moved, this, [this](std::optional<double> x) {
    if (options_.x == XKind::step) session_->set_cursor(x ? std::optional(Session::Cursor{stage_, std::llround(*x)}) : std::nullopt);
    Q_EMIT values_changed();
  });
}

void PlotGrid::show_plans(const QString& stage, const QList<PlotPlan>& plans) {
  if (stage == stage_ && plans == plans_) return;
  stage_ = stage;
  plans_ = plans;
  while (plots_.size() > static_cast<std::size_t>(plans.size())) {
    delete plots_.back();
    plots_.pop_back();
  }
  for (std::size_t i = 0; i < plots_.size(); ++i) begin(i);
  columns_ = 0;
  arrange();
  update_runs();
  if (!settled()) making_.start(0);
}

void PlotGrid::begin(std::size_t plot) {
  const PlotPlan& plan = plans_[static_cast<qsizetype>(plot)];
  plots_[plot]->set_runs({});  // gives up the series of what it showed before
  plots_[plot]->set_title(plan.title, plan.caption);
  plots_[plot]->set_per_epoch(plan.per_epoch || plan.exact);
  set_own_options(plot, options_);
}

void PlotGrid::make_next() {
  if (settled()) return making_.stop();
  auto* plot = new MetricPlot(session_->theme(), this);
  connect_plot(plot);
  plots_.push_back(plot);
  begin(plots_.size() - 1);
  place(plots_.size() - 1);
  update_runs();
}

void PlotGrid::connect_plot(MetricPlot* plot) {
  if (linked_) group_.add(plot);
  connect(plot, &MetricPlot::options_changed, this, [this, plot] {
    // A plot's own choice of the y axis stays its own; what concerns x and smoothing is shared.
    PlotOptions shared = plot->options();
    shared.y = options_.y;
    shared.ignore_outliers = options_.ignore_outliers;
    shared.x_title = options_.x_title;
    if (shared == options_) return;
    options_ = shared;
    for (std::size_t i = 0; i < plots_.size(); ++i) {
      PlotOptions own = shared;
      own.y = plots_[i]->options().y;
      own.ignore_outliers = plots_[i]->options().ignore_outliers;
      set_own_options(i, own);
    }
    Q_EMIT options_changed(options_);
  });
  connect(plot, &MetricPlot::checkpoint_clicked, this, &PlotGrid::checkpoint_clicked);
}

void PlotGrid::set_options(const PlotOptions& options) {
  options_ = options;
  for (std::size_t i = 0; i < plots_.size(); ++i) set_own_options(i, options);
  Q_EMIT options_changed(options_);
}

void PlotGrid::set_linked(bool linked) {
  linked_ = linked;
  for (MetricPlot* plot : plots_) {
    if (linked) group_.add(plot);
    else group_.remove(plot);
  }
}

void PlotGrid::set_hidden(const QSet<QString>& runs) {
  hidden_ = runs;
  update_runs();
}

void PlotGrid::update_runs() {
  QList<PlotRun> runs;
  for (const QString& id : session_->shown_runs()) {
    const RunEntry* entry = session_->library().find(id);
    if (!entry) continue;
    PlotRun run;
    run.id = id;
    run.name = run_name(*entry);
    run.colour = session_->colour_index(id);
    run.visible = !hidden_.contains(id);
    run.emphasised = id == session_->run();
    runs.append(run);
  }
  const RunEntry* looked_at = session_->library().find(session_->run());
  const bool over = looked_at && !at_work(*looked_at);
  for (std::size_t i = 0; i < plots_.size(); ++i) {
    const bool per_epoch = plans_[static_cast<qsizetype>(i)].per_epoch;
    plots_[i]->set_empty_text(over ? tr("This run has not recorded it.") : per_epoch ? tr("The first value comes with the first epoch.") : tr("The first value comes with the first step."));
    plots_[i]->set_runs(runs);
  }
  for (const PlotRun& run : runs) update_record(run.id);
}

void PlotGrid::update_record(const QString& run) {
  for (std::size_t i = 0; i < plots_.size(); ++i) feed(plots_[i], plans_[static_cast<qsizetype>(i)], run);
  Q_EMIT values_changed();
}

void PlotGrid::feed(MetricPlot* plot, const PlotPlan& plan, const QString& run) {
  const RunEntry* entry = session_->library().find(run);
  const auto record = session_->library().record(run);
  if (!entry || !record || !session_->shown_runs().contains(run)) return;
  feed_metric(plot, plan.metric, plan.adversarial.isEmpty() ? Measured::plain : Measured::clean, *entry, *record);
  if (!plan.adversarial.isEmpty()) feed_metric(plot, plan.adversarial, Measured::adversarial, *entry, *record);
  std::vector<CheckpointRow> checkpoints;
  std::copy_if(record->checkpoints.begin(), record->checkpoints.end(), std::back_inserter(checkpoints),
               [&](const CheckpointRow& row) { return row.stage == stage_.toStdString(); });
  plot->set_checkpoints(run, std::move(checkpoints));
}

void PlotGrid::feed_metric(MetricPlot* plot, const QString& metric, Measured measured, const RunEntry& entry, const RunRecord& record) {
  const auto found = record.points.find(metric.toStdString());
  if (found == record.points.end() || found->second.empty()) return;
  if (plot->loading(entry.id, measured)) return;  // what is newer comes with the next record
  const std::span<const Point> points = found->second;
  const RunSeries* series = plot->series(entry.id, measured);
  if (series && series->recorded() <= points.size() && series->recorded() > 0) {
    if (series->recorded() < points.size()) plot->append(entry.id, points.subspan(series->recorded()), measured);
    return;
  }
  const StagePace pace = pace_of(entry, stage_);
  plot->load(entry.id, found->second, record.segments, pace.steps_per_epoch, pace.images_per_step, measured);
}

void PlotGrid::follow_session_cursor() {
  const auto& cursor = session_->cursor();
  if (options_.x != XKind::step || (cursor && cursor->stage != stage_)) return;
  const std::optional<double> x = cursor ? std::optional(static_cast<double>(cursor->step)) : std::nullopt;
  if (!plots_.empty() && plots_.front()->cursor() != x) group_.set_cursor(x);
  Q_EMIT values_changed();
}

std::optional<double> PlotGrid::value_of(const QString& run) const {
  if (plots_.empty()) return std::nullopt;
  const MetricPlot* plot = plots_.front();
  const Measured measured = plans_.front().adversarial.isEmpty() ? Measured::plain : Measured::clean;
  const RunSeries* series = plot->series(run, measured);
  if (!series || series->empty()) return std::nullopt;
  if (const auto x = plot->cursor()) {
    const auto nearest = series->nearest(*x, options_.x);
    return nearest ? std::optional(series->value(*nearest)) : std::nullopt;
  }
  return series->value(series->size() - 1);
}

bool PlotGrid::go_to_problem(bool forward) {
  return std::any_of(plots_.begin(), plots_.end(), [&](MetricPlot* plot) { return plot->go_to_problem(forward); });
}

void PlotGrid::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void PlotGrid::arrange() {
  const int columns = width() >= 2 * kColumnWidth ? 2 : 1;
  if (columns == columns_) return;
  columns_ = columns;
  while (QLayoutItem* item = grid_->takeAt(0)) delete item;
  // With room for the plots that are still to be made.
  const int rows = (static_cast<int>(plans_.size()) + columns - 1) / columns;
  for (int row = 0; row < std::max(rows, grid_->rowCount()); ++row) {
    grid_->setRowStretch(row, row < rows ? 1 : 0);
    grid_->setRowMinimumHeight(row, row < rows ? kPlotHeight : 0);
  }
  for (int column = 0; column < 2; ++column) grid_->setColumnStretch(column, column < columns ? 1 : 0);
  for (std::size_t i = 0; i < plots_.size(); ++i) place(i);
}

void PlotGrid::place(std::size_t plot) {
  plots_[plot]->setMinimumHeight(kPlotHeight);
  grid_->addWidget(plots_[plot], static_cast<int>(plot) / columns_, static_cast<int>(plot) % columns_);
  plots_[plot]->show();
  set_own_options(plot, plots_[plot]->options());
}

bool PlotGrid::at_the_bottom(std::size_t plot) const { return plot + static_cast<std::size_t>(std::max(columns_, 1)) >= static_cast<std::size_t>(plans_.size()); }

void PlotGrid::set_own_options(std::size_t plot, PlotOptions options) {
  options.x_title = at_the_bottom(plot);
  plots_[plot]->set_options(options);
}

}  // namespace mimir
