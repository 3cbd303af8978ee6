#include "widgets/panels/reconstruction/reconstruction_panel.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QStackedLayout>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"
#include "widgets/image/picture_view.h"
#include "widgets/session/run_progress.h"
#include "widgets/session/run_words.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

const bool registered =
    add_panel({"reconstruction", QT_TRANSLATE_NOOP("Panel", "Reconstruction"), "recon", 3, [](Session& session) -> QWidget* { return new ReconstructionPanel(session); }});

constexpr double kSharedScale = 0.5;  ///< the error that the brightest colour stands for, of the range of a pixel
constexpr int kFramesPerSecond = 4;
constexpr int kSpinButtons = 36;  ///< px beside a spin box's text

/// Peak signal-to-noise ratio in dB of a mean squared error on [0, 1].
QString psnr_text(double squared_error) { return squared_error > 0 ? fixed_text(-10 * std::log10(squared_error), 1) + QStringLiteral(" dB") : kMissing; }

}  // namespace

ReconstructionPanel::ReconstructionPanel(Session& session) : session_(&session), probes_(this) {
  pages_ = new QStackedLayout(this);
  empty_ = new EmptyState(session.theme(), QLatin1String("recon"), tr("No pictures yet"), QString());
  connect(empty_->add_button(tr("Open History"), EmptyState::Kind::plain), &QPushButton::clicked, this, [this] { session_->open_place(QStringLiteral("history")); });
  pages_->addWidget(empty_);
  pages_->addWidget(make_content());
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Reconstruction"));

  connect(&session, &Session::run_selected, this, &ReconstructionPanel::update_record);
  connect(&session.library(), &RunLibrary::record_changed, this, [this](const QString& id) {
    if (id == session_->run()) update_record();
  });
  connect(&session, &Session::cursor_changed, this, &ReconstructionPanel::follow_cursor);
  connect(&probes_, &ProbeStore::ready, this, [this] { show_position(slider_->value()); });
  connect(&probes_, &ProbeStore::failed, &session, &Session::say);
  connect(&play_timer_, &QTimer::timeout, this, [this] { slider_->setValue(slider_->value() >= slider_->maximum() ? 0 : slider_->value() + 1); });
  update_record();
}

ReconstructionPanel::~ReconstructionPanel() = default;

QWidget* ReconstructionPanel::make_content() {
  Theme& theme = session_->theme();
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(size::kGap);

  auto* pictures = new Card(theme, tr("Probe batch"));
  pictures->set_caption(tr("same images, masks and attack at every epoch"));
  pictures->set_padding(14);
  paste_ = new QCheckBox(tr("Paste visible patches"));
  paste_->setChecked(true);
  paste_->setToolTip(tr("The decoder is trained on removed patches only: what it says of visible ones means nothing"));
  scale_ = new SegmentedControl(theme, tr("Scale of the error"), {tr("Shared"), tr("Own")});
  image_ = new QSpinBox;
  image_->setAccessibleName(tr("Image of the batch"));
  image_->setPrefix(tr("image "));
  pictures->header()->addWidget(paste_);
  pictures->header()->addWidget(scale_);
  pictures->header()->addWidget(image_);
  auto* row = new QHBoxLayout;
  row->setSpacing(16);
  clean_ = new PictureView(theme);
  input_ = new PictureView(theme);
  output_ = new PictureView(theme);
  error_ = new PictureView(theme);
  const QList<PictureView*> views{clean_, input_, output_, error_};
  for (PictureView* view : views) {
    row->addWidget(view);
    connect(view, &PictureView::pixel_hovered, this, [views](std::optional<QPoint> pixel) {
      for (PictureView* each : views) each->set_pixel(pixel);
    });
  }
  pictures->body()->addLayout(row, 1);
  column->addWidget(pictures, 3);

  auto* training = new QWidget;
  auto* through = new QVBoxLayout(training);
  through->setContentsMargins(0, 0, 0, 0);
  through->setSpacing(4);
  curve_ = new MetricPlot(theme);
  curve_->set_title(tr("Through training"), tr("error of the removed patches of the probe batch"));
  curve_->set_per_epoch(true);
  PlotOptions options;
  options.x_title = true;
  curve_->set_options(options);
  curve_->set_empty_text(tr("The first value comes with the first epoch."));
  through->addWidget(curve_, 1);
  slider_ = new QSlider(Qt::Horizontal);
  slider_->setAccessibleName(tr("Stored step"));
  slider_row_ = new QHBoxLayout;
  slider_row_->addWidget(slider_);
  through->addLayout(slider_row_);
  auto* transport = new QHBoxLayout;
  position_ = new QLabel;
  position_->setFont(theme.font(font::kNumber));
  play_ = new QToolButton;
  play_->setIcon(icon(theme, QLatin1String("play")));
  play_->setCheckable(true);
  play_->setAccessibleName(tr("Play through the epochs"));
  play_->setToolTip(tr("Play or pause (Space)"));
  transport->addWidget(play_);
  transport->addWidget(position_);
  transport->addStretch();
  through->addLayout(transport);
  column->addWidget(training, 2);

  connect(slider_, &QSlider::valueChanged, this, [this](int position) {
    follow_end_ = position == slider_->maximum();
    show_position(position);
    if (position < static_cast<int>(stored_.size())) session_->set_cursor(Session::Cursor{QStringLiteral("pretrain"), stored_[static_cast<std::size_t>(position)].step});
  });
  connect(play_, &QToolButton::toggled, this, [this](bool on) {
    play_->setIcon(icon(session_->theme(), on ? QLatin1String("pause") : QLatin1String("play")));
    on ? play_timer_.start(1000 / kFramesPerSecond) : play_timer_.stop();
  });
  const auto again = [this] {
    if (batch_) show_batch(*batch_);
  };
  connect(image_, &QSpinBox::valueChanged, this, again);
  connect(paste_, &QCheckBox::toggled, this, again);
  connect(scale_, &SegmentedControl::chosen, this, again);
  connect(curve_, &MetricPlot::data_changed, this, &ReconstructionPanel::align_slider);
  connect(curve_, &MetricPlot::cursor_moved, this, [this](std::optional<double> x) {
    if (x) session_->set_cursor(Session::Cursor{QStringLiteral("pretrain"), std::llround(*x)});
  });
  return content;
}

void ReconstructionPanel::update_record() {
  const QString id = session_->run();
  const RunEntry* run = session_->library().find(id);
  const auto record = session_->library().record(id);
  if (id != shown_run_) {
    shown_run_ = id;
    stored_.clear();
    batch_.reset();
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
    const bool blocked = slider_->blockSignals(true);
    slider_->setRange(0, static_cast<int>(stored_.size()) - 1);
    if (follow_end_) slider_->setValue(slider_->maximum());
    slider_->blockSignals(blocked);
    show_position(slider_->value());
  }
}

void ReconstructionPanel::update_curve(const RunEntry& run, const RunRecord& record) {
  PlotRun shown;
  shown.id = run.id;
  shown.name = run_name(run);
  shown.colour = session_->colour_index(run.id);
  shown.emphasised = true;
  curve_->set_runs({shown});
  const StagePace pace = pace_of(run, QStringLiteral("pretrain"));
  for (const auto& [metric, measured] : {std::pair("pretrain/probe/reconstruction_clean", Measured::clean), std::pair("pretrain/probe/reconstruction_adversarial", Measured::adversarial)}) {
    const auto found = record.points.find(metric);
    if (found == record.points.end()) continue;
    const std::span<const Point> points = found->second;
    const RunSeries* series = curve_->series(run.id, measured);
    if (series && series->recorded() == points.size()) continue;
    RunSeries fresh(points, record.segments);
    fresh.set_pace(pace.steps_per_epoch, pace.images_per_step);
    curve_->set_series(run.id, std::move(fresh), measured);
  }
}

void ReconstructionPanel::show_position(int position) {
  if (position < 0 || position >= static_cast<int>(stored_.size())) return;
  const Stored& stored = stored_[static_cast<std::size_t>(position)];
  const RunEntry* run = session_->library().find(shown_run_);
  const double per_epoch = run ? pace_of(*run, QStringLiteral("pretrain")).steps_per_epoch : 1;
  position_->setText(tr("epoch %1, step %2").arg(number_text(static_cast<double>(stored.step) / per_epoch, 3), fixed_text(static_cast<double>(stored.step), 0)));
  curve_->set_cursor(static_cast<double>(stored.step));
  if (const auto batch = probes_.get(stored.file, stored.step)) {
    batch_ = batch;
    show_batch(*batch);
  }
  if (position + 1 < static_cast<int>(stored_.size())) probes_.get(stored_[static_cast<std::size_t>(position) + 1].file, stored_[static_cast<std::size_t>(position) + 1].step);
}

void ReconstructionPanel::show_batch(const ProbeBatch& batch) {
  image_->setRange(0, batch.count() - 1);
  image_->setSuffix(tr(" of %1").arg(batch.count()));
  // The style's own hint is too narrow for a suffix.
  image_->setMinimumWidth(image_->fontMetrics().horizontalAdvance(image_->prefix() + QString::number(image_->maximum()) + image_->suffix()) + kSpinButtons);
  const int i = image_->value();
  const auto index = static_cast<std::size_t>(i);
  const auto& removed = batch.removed[index];
  const auto masked = std::count(removed.begin(), removed.end(), true);
  const auto patches = static_cast<qsizetype>(removed.size());
  clean_->set_caption(tr("Clean"), tr("target"));
  clean_->set_picture(batch.clean[index]);
  clean_->set_facts(tr("image %1 of the probe batch").arg(i));
  input_->set_caption(tr("Encoder input"), tr("adversarial, %1 % masked").arg(100 * masked / patches));
  input_->set_picture(batch.input[index]);
  input_->set_hatched(removed, batch.grid);
  input_->set_facts(tr("%1 of %2 patches removed").arg(masked).arg(patches));
  output_->set_caption(tr("Reconstruction"), paste_->isChecked() ? tr("visible patches pasted") : tr("raw output"));
  output_->set_picture(paste_->isChecked() ? batch.pasted(i) : batch.reconstruction[index]);
  output_->set_facts(tr("PSNR %1 over the removed patches").arg(psnr_text(batch.removed_squared_error(i))));
  const double scale = scale_->index() == 1 ? std::max(batch.largest_error(i), 1e-3) : kSharedScale;
  std::vector<bool> visible(removed.size());
  std::transform(removed.begin(), removed.end(), visible.begin(), [](bool each) { return !each; });
  error_->set_caption(tr("Error"), tr("0 to %1, %2 scale").arg(number_text(scale, 2), scale_->index() == 1 ? tr("own") : tr("shared")));
  error_->set_picture(batch.error_map(i, scale));
  error_->set_hatched(std::move(visible), batch.grid);
  error_->set_facts(tr("loss: removed %1, visible %2").arg(number_text(batch.error_masked[index], 3), number_text(batch.error_visible[index], 3)));
}

void ReconstructionPanel::follow_cursor() {
  const auto& cursor = session_->cursor();
  if (!cursor || cursor->stage != QLatin1String("pretrain") || stored_.empty()) return;
  // The last stored at or before the step.
  const auto after = std::upper_bound(stored_.begin(), stored_.end(), cursor->step, [](std::int64_t step, const Stored& each) { return step < each.step; });
  const int position = std::max(0, static_cast<int>(after - stored_.begin()) - 1);
  if (position == slider_->value()) return;
  const bool blocked = slider_->blockSignals(true);
  slider_->setValue(position);
  slider_->blockSignals(blocked);
  follow_end_ = position == slider_->maximum();
  show_position(position);
}

void ReconstructionPanel::align_slider() {
  // The handle's centre stands under the crosshair.
  constexpr int kHalfHandle = 8;
  const QRect axes = curve_->axes();
  if (axes.width() <= 0) return;
  slider_row_->setContentsMargins(axes.left() - kHalfHandle, 0, std::max(0, curve_->width() - axes.right() - 1 - kHalfHandle), 0);
}

void ReconstructionPanel::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Space: play_->toggle(); break;
    case Qt::Key_Comma: slider_->setValue(slider_->value() - 1); break;
    case Qt::Key_Period: slider_->setValue(slider_->value() + 1); break;
    case Qt::Key_Home: slider_->setValue(0); break;
    case Qt::Key_End: slider_->setValue(slider_->maximum()); break;
    case Qt::Key_BracketLeft: image_->setValue(image_->value() - 1); break;
    case Qt::Key_BracketRight: image_->setValue(image_->value() + 1); break;
    default: QWidget::keyPressEvent(event);
  }
}

void ReconstructionPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  QTimer::singleShot(0, this, &ReconstructionPanel::align_slider);
}

void ReconstructionPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  update_record();
  QTimer::singleShot(0, this, &ReconstructionPanel::align_slider);
}

}  // namespace mimir
