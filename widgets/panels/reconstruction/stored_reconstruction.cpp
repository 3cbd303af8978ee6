#include "widgets/panels/reconstruction/stored_reconstruction.h"

#include <QKeyEvent>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/format.h"
#include "widgets/panels/reconstruction/probe_images.h"
#include "widgets/panels/reconstruction/probe_pictures.h"
#include "widgets/panels/reconstruction/probe_scrubber.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/session/run_progress.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"

namespace mimir {
namespace {

constexpr int kRoomForImages = 900;  ///< px of window height; below, one chooses by the number

}  // namespace

StoredReconstruction::StoredReconstruction(Session& session) : session_(&session), probes_(this) {
  pages_ = new QStackedLayout(this);
  empty_ = new EmptyState(session.theme(), QLatin1String("recon"), tr("No pictures yet"), QString());
  connect(empty_->add_button(tr("Open History"), EmptyState::Kind::plain), &QPushButton::clicked, this, [this] { session_->open_place(QStringLiteral("history")); });
  pages_->addWidget(empty_);
  pages_->addWidget(make_content());
  setAccessibleName(tr("Through training"));

  connect(&session, &Session::run_selected, this, &StoredReconstruction::update_record);
  connect(&session.library(), &RunLibrary::record_changed, this, [this](const QString& id) {
    if (id == session_->run()) update_record();
  });
  connect(&session, &Session::cursor_changed, this, &StoredReconstruction::follow_cursor);
  connect(&probes_, &ProbeStore::ready, this, [this] { show_position(position_); });
  connect(&probes_, &ProbeStore::failed, &session, &Session::say);
  update_record();
}

StoredReconstruction::~StoredReconstruction() = default;

QWidget* StoredReconstruction::make_content() {
  Theme& theme = session_->theme();
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(size::kGap);
  pictures_ = new ProbePictures(theme);
  scrubber_ = new ProbeScrubber(theme);
  images_card_ = new Card(theme, tr("Images of the batch"));
  images_card_->set_caption(tr("error of the removed patches below each"));
  images_ = new ProbeImages(theme);
  images_card_->body()->addWidget(images_);
  column->addWidget(pictures_, 3);
  column->addWidget(scrubber_, 2);
  column->addWidget(images_card_);
  connect(scrubber_, &ProbeScrubber::chosen, this, &StoredReconstruction::choose);
  connect(scrubber_, &ProbeScrubber::step_pointed_at, this, [this](std::int64_t step) { session_->set_cursor(Session::Cursor{QStringLiteral("pretrain"), step}); });
  connect(images_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (row >= 0) pictures_->set_image(row);
  });
  connect(pictures_, &ProbePictures::image_changed, this, [this](int image) { images_->setCurrentRow(image); });
  return content;
}

void StoredReconstruction::update_record() {
  const QString id = session_->run();
  const RunEntry* run = session_->library().find(id);
  const auto record = session_->library().record(id);
  if (id != shown_run_) {
    shown_run_ = id;
    stored_.clear();
    scrubber_->set_steps({});
    pictures_->forget_batch();
    images_->clear();
    follow_end_ = true;
  }
  std::vector<Stored> stored;
  if (run && record) {
    for (const MediaRow& row : record->media) {
      if (row.stage == "pretrain" && row.what == "probe") stored.push_back({row.step, run->folder.path() / row.path});
    }
    std::sort(stored.begin(), stored.end(), [](const Stored& a, const Stored& b) { return a.step < b.step; });
  }
  if (stored.empty()) {
    const bool trains = run && run->recipe.contains("pretrain.epochs");
    empty_->set_text(tr("No pictures yet"), !run     ? tr("Choose a run with a pre-training stage.")
                                            : trains ? tr("The first pictures come when pre-training begins.")
                                                     : tr("This run has no pre-training stage. Only a masked autoencoder reconstructs."));
    pages_->setCurrentIndex(0);
    return;
  }
  pages_->setCurrentIndex(1);
  update_curve(*run, *record);
  if (stored.size() != stored_.size()) {
    stored_ = std::move(stored);
    std::vector<std::int64_t> steps;
    for (const Stored& each : stored_) steps.push_back(each.step);
    scrubber_->set_steps(std::move(steps));
    const int last = static_cast<int>(stored_.size()) - 1;
    show_position(follow_end_ ? last : std::min(position_, last));
  }
  Q_EMIT pictures_changed();
}

void StoredReconstruction::update_curve(const RunEntry& run, const RunRecord& record) {
  PlotRun shown;
  shown.id = run.id;
  shown.name = run_name(run);
  shown.colour = session_->colour_index(run.id);
  shown.emphasised = true;
  MetricPlot& curve = scrubber_->curve();
  curve.set_runs({shown});
  const StagePace pace = pace_of(run, QStringLiteral("pretrain"));
  for (const auto& [metric, measured] : {std::pair("pretrain/probe/reconstruction_clean", Measured::clean), std::pair("pretrain/probe/reconstruction_adversarial", Measured::adversarial)}) {
    const auto found = record.points.find(metric);
    if (found == record.points.end()) continue;
    const std::span<const Point> points = found->second;
    const RunSeries* series = curve.series(run.id, measured);
    if (series && series->recorded() == points.size()) continue;
    RunSeries fresh(points, record.segments);
    fresh.set_pace(pace.steps_per_epoch, pace.images_per_step);
    curve.set_series(run.id, std::move(fresh), measured);
  }
}

void StoredReconstruction::choose(int position) {
  follow_end_ = position + 1 == static_cast<int>(stored_.size());
  show_position(position);
  session_->set_cursor(Session::Cursor{QStringLiteral("pretrain"), stored_[static_cast<std::size_t>(position)].step});
}

void StoredReconstruction::show_position(int position) {
  if (position < 0 || position >= static_cast<int>(stored_.size())) return;
  position_ = position;
  const Stored& stored = stored_[static_cast<std::size_t>(position)];
  const RunEntry* run = session_->library().find(shown_run_);
  const double per_epoch = run ? pace_of(*run, QStringLiteral("pretrain")).steps_per_epoch : 1;
  scrubber_->show_position(position, tr("epoch %1, step %2").arg(number_text(static_cast<double>(stored.step) / per_epoch, 3), fixed_text(static_cast<double>(stored.step), 0)));
  if (auto batch = probes_.get(stored.file, stored.step)) {
    pictures_->show_batch(batch);
    images_->show_batch(*batch, pictures_->image());
  }
  if (position + 1 < static_cast<int>(stored_.size())) probes_.get(stored_[static_cast<std::size_t>(position) + 1].file, stored_[static_cast<std::size_t>(position) + 1].step);
}

void StoredReconstruction::follow_cursor() {
  const auto& cursor = session_->cursor();
  if (!cursor || cursor->stage != QLatin1String("pretrain") || stored_.empty()) return;
  // The last stored at or before the step.
  const auto after = std::upper_bound(stored_.begin(), stored_.end(), cursor->step, [](std::int64_t step, const Stored& each) { return step < each.step; });
  const int position = std::max(0, static_cast<int>(after - stored_.begin()) - 1);
  if (position == position_) return;
  follow_end_ = position + 1 == static_cast<int>(stored_.size());
  show_position(position);
}

bool StoredReconstruction::take_key(const QKeyEvent& event) {
  switch (event.key()) {
    case Qt::Key_Space: scrubber_->toggle_play(); break;
    case Qt::Key_Comma: scrubber_->step(-1); break;
    case Qt::Key_Period: scrubber_->step(1); break;
    case Qt::Key_Less: scrubber_->step(-10); break;  // with Shift, on an English keyboard
    case Qt::Key_Greater: scrubber_->step(10); break;
    case Qt::Key_Home: scrubber_->step_to_end(false); break;
    case Qt::Key_End: scrubber_->step_to_end(true); break;
    case Qt::Key_BracketLeft: pictures_->set_image(pictures_->image() - 1); break;
    case Qt::Key_BracketRight: pictures_->set_image(pictures_->image() + 1); break;
    default: return false;
  }
  return true;
}

void StoredReconstruction::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  images_card_->setVisible(window()->height() >= kRoomForImages);
}

void StoredReconstruction::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  update_record();
}

}  // namespace mimir
