#include "widgets/panels/reconstruction/stored_reconstruction.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QStackedLayout>
#include <QToolButton>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"
#include "widgets/image/picture_view.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/session/run_progress.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

constexpr double kSharedScale = 0.5;  ///< the error that the brightest colour stands for, of the range of a pixel
constexpr int kFramesPerSecond = 4;
constexpr int kThumbnail = 48;
constexpr int kRoomForImages = 900;  ///< px of window height; below, one chooses by the number
constexpr int kSpinButtons = 36;  ///< px beside a spin box's text

/// Peak signal-to-noise ratio in dB of a mean squared error on [0, 1].
QString psnr_text(double squared_error) { return squared_error > 0 ? fixed_text(-10 * std::log10(squared_error), 1) + QStringLiteral(" dB") : kMissing; }

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
  connect(&play_timer_, &QTimer::timeout, this, [this] { choose(position_ + 1 < static_cast<int>(stored_.size()) ? position_ + 1 : 0); });
  update_record();
}

StoredReconstruction::~StoredReconstruction() = default;

QWidget* StoredReconstruction::make_content() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(size::kGap);
  column->addWidget(make_pictures(), 3);
  column->addWidget(make_training(), 2);
  column->addWidget(make_images());
  const auto again = [this] {
    if (batch_) show_batch(*batch_);
  };
  connect(image_, &QSpinBox::valueChanged, this, again);
  connect(paste_, &QCheckBox::toggled, this, again);
  connect(scale_, &SegmentedControl::chosen, this, again);
  return content;
}

QWidget* StoredReconstruction::make_pictures() {
  Theme& theme = session_->theme();
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
  auto* scale_name = new QLabel(tr("Error scale"));
  scale_name->setProperty("role", QStringLiteral("label"));
  pictures->header()->setSpacing(size::kGap);
  pictures->header()->addWidget(paste_);
  pictures->header()->addSpacing(size::kGap);
  pictures->header()->addWidget(scale_name);
  pictures->header()->addWidget(scale_);
  pictures->header()->addSpacing(size::kGap);
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
  return pictures;
}

QWidget* StoredReconstruction::make_training() {
  Theme& theme = session_->theme();
  auto* training = new Card(theme);
  training->setAccessibleName(tr("Through training"));
  training->body()->setSpacing(4);
  curve_ = new MetricPlot(theme);
  curve_->set_flat(true);
  curve_->set_title(tr("Through training"), tr("error of the removed patches of the probe batch"));
  curve_->set_per_epoch(true);
  PlotOptions options;
  options.x_title = true;
  curve_->set_options(options);
  curve_->set_empty_text(tr("The first value comes with the first epoch."));
  training->body()->addWidget(curve_, 1);
  slider_ = new QSlider(Qt::Horizontal);
  slider_->setAccessibleName(tr("Stored step"));
  slider_->installEventFilter(this);
  slider_row_ = new QHBoxLayout;
  slider_row_->addWidget(slider_);
  training->body()->addLayout(slider_row_);
  auto* transport = new QHBoxLayout;
  transport->setSpacing(4);
  const auto button = [&](const char* picture, const QString& name, const QString& tip) {
    auto* made = new QToolButton;
    made->setIcon(icon(theme, QLatin1String(picture)));
    made->setFocusPolicy(Qt::StrongFocus);
    made->setAccessibleName(name);
    made->setToolTip(tip);
    transport->addWidget(made);
    return made;
  };
  auto* before = button("step-prev", tr("Earlier picture"), tr("Earlier picture (,)"));
  play_ = button("play", tr("Play through the epochs"), tr("Play or pause (Space)"));
  play_->setCheckable(true);
  auto* after = button("step-next", tr("Later picture"), tr("Later picture (.)"));
  where_ = new QLabel;
  where_->setProperty("role", QStringLiteral("number"));
  transport->addSpacing(4);
  transport->addWidget(where_);
  transport->addStretch();
  training->body()->addLayout(transport);

  connect(before, &QToolButton::clicked, this, [this] { choose(position_ - 1); });
  connect(after, &QToolButton::clicked, this, [this] { choose(position_ + 1); });
  connect(slider_, &QSlider::actionTriggered, this, &StoredReconstruction::slide);
  connect(play_, &QToolButton::toggled, this, [this](bool on) {
    play_->setIcon(icon(session_->theme(), on ? QLatin1String("pause") : QLatin1String("play")));
    on ? play_timer_.start(1000 / kFramesPerSecond) : play_timer_.stop();
  });
  connect(curve_->canvas(), &PlotCanvas::drawn, this, &StoredReconstruction::align_slider);
  connect(curve_, &MetricPlot::cursor_moved, this, [this](std::optional<double> x) {
    if (x) session_->set_cursor(Session::Cursor{QStringLiteral("pretrain"), std::llround(*x)});
  });
  return training;
}

QWidget* StoredReconstruction::make_images() {
  auto* card = new Card(session_->theme(), tr("Images of the batch"));
  card->set_caption(tr("error of the removed patches below each"));
  images_ = new QListWidget;
  images_->setAccessibleName(tr("Images of the batch"));
  images_->setViewMode(QListView::IconMode);
  images_->setFlow(QListView::LeftToRight);
  images_->setWrapping(false);
  images_->setMovement(QListView::Static);
  images_->setResizeMode(QListView::Adjust);
  images_->setUniformItemSizes(true);
  images_->setIconSize(QSize(kThumbnail, kThumbnail));
  images_->setGridSize(QSize(kThumbnail + 18, kThumbnail + 24));
  images_->setFont(session_->theme().font(font::kCaptionNumber));
  images_->setFrameShape(QFrame::NoFrame);
  images_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  images_->setFixedHeight(kThumbnail + 34);
  card->body()->addWidget(images_);
  connect(images_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (row >= 0) image_->setValue(row);
  });
  connect(image_, &QSpinBox::valueChanged, images_, [this](int image) { images_->setCurrentRow(image); });
  images_card_ = card;
  return card;
}

void StoredReconstruction::update_record() {
  const QString id = session_->run();
  const RunEntry* run = session_->library().find(id);
  const auto record = session_->library().record(id);
  if (id != shown_run_) {
    shown_run_ = id;
    stored_.clear();
    batch_.reset();
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
    const int last = static_cast<int>(stored_.size()) - 1;
    show_position(follow_end_ ? last : std::min(position_, last));
    align_slider();
  }
  Q_EMIT pictures_changed();
}

void StoredReconstruction::update_curve(const RunEntry& run, const RunRecord& record) {
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

void StoredReconstruction::choose(int position) {
  if (stored_.empty()) return;
  const int last = static_cast<int>(stored_.size()) - 1;
  position = std::clamp(position, 0, last);
  follow_end_ = position == last;
  show_position(position);
  session_->set_cursor(Session::Cursor{QStringLiteral("pretrain"), stored_[static_cast<std::size_t>(position)].step});
}

int StoredReconstruction::nearest(std::int64_t step) const {
  const auto later = std::lower_bound(stored_.begin(), stored_.end(), step, [](const Stored& each, std::int64_t wanted) { return each.step < wanted; });
  if (later == stored_.begin()) return 0;
  if (later == stored_.end() || step - std::prev(later)->step <= later->step - step) return static_cast<int>(later - stored_.begin()) - 1;
  return static_cast<int>(later - stored_.begin());
}

/// The slider counts steps of the optimiser and stands only where there is a picture.
void StoredReconstruction::slide(int action) {
  switch (action) {
    case QAbstractSlider::SliderSingleStepAdd: choose(position_ + 1); break;
    case QAbstractSlider::SliderSingleStepSub: choose(position_ - 1); break;
    case QAbstractSlider::SliderPageStepAdd: choose(position_ + 10); break;
    case QAbstractSlider::SliderPageStepSub: choose(position_ - 10); break;
    case QAbstractSlider::SliderToMinimum: choose(0); break;
    case QAbstractSlider::SliderToMaximum: choose(static_cast<int>(stored_.size()) - 1); break;
    default: choose(nearest(slider_->sliderPosition()));
  }
  if (!stored_.empty()) slider_->setSliderPosition(static_cast<int>(stored_[static_cast<std::size_t>(position_)].step));
}

bool StoredReconstruction::eventFilter(QObject* watched, QEvent* event) {
  if (watched != slider_ || event->type() != QEvent::Wheel) return QWidget::eventFilter(watched, event);
  choose(position_ + (static_cast<QWheelEvent*>(event)->angleDelta().y() > 0 ? 1 : -1));
  return true;
}

void StoredReconstruction::show_position(int position) {
  if (position < 0 || position >= static_cast<int>(stored_.size())) return;
  position_ = position;
  slider_->setValue(static_cast<int>(stored_[static_cast<std::size_t>(position)].step));
  const Stored& stored = stored_[static_cast<std::size_t>(position)];
  const RunEntry* run = session_->library().find(shown_run_);
  const double per_epoch = run ? pace_of(*run, QStringLiteral("pretrain")).steps_per_epoch : 1;
  where_->setText(tr("epoch %1, step %2").arg(number_text(static_cast<double>(stored.step) / per_epoch, 3), fixed_text(static_cast<double>(stored.step), 0)));
  curve_->set_cursor(static_cast<double>(stored.step));
  if (const auto batch = probes_.get(stored.file, stored.step)) {
    batch_ = batch;
    show_batch(*batch);
  }
  if (position + 1 < static_cast<int>(stored_.size())) probes_.get(stored_[static_cast<std::size_t>(position) + 1].file, stored_[static_cast<std::size_t>(position) + 1].step);
}

void StoredReconstruction::show_batch(const ProbeBatch& batch) {
  image_->setRange(0, batch.count() - 1);
  image_->setSuffix(tr(" of %1").arg(batch.count()));
  show_images(batch);
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

void StoredReconstruction::show_images(const ProbeBatch& batch) {
  const QSignalBlocker quiet(images_);
  const bool same = images_->count() == batch.count();  // the pictures of a run do not change, their errors do
  if (!same) images_->clear();
  for (int i = 0; i < batch.count(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (!same) {
      const int side = qRound(kThumbnail * devicePixelRatioF());
      QPixmap picture = QPixmap::fromImage(batch.clean[index].scaled(side, side, Qt::IgnoreAspectRatio, Qt::FastTransformation));
      picture.setDevicePixelRatio(devicePixelRatioF());
      QIcon shown(picture);
      shown.addPixmap(picture, QIcon::Selected);  // a chosen picture keeps its colours
      auto* item = new QListWidgetItem(shown, QString(), images_);
      item->setTextAlignment(Qt::AlignHCenter);
    }
    const QString error = number_text(batch.error_masked[index], 3);
    images_->item(i)->setText(error);
    images_->item(i)->setData(Qt::AccessibleTextRole, tr("image %1, error %2").arg(i).arg(error));
  }
  images_->setCurrentRow(image_->value());
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

void StoredReconstruction::align_slider() {
  // The handle's centre stands under the crosshair.
  constexpr int kHalfHandle = 8;
  const QRect axes = curve_->axes();
  if (axes.width() <= 0) return;
  slider_row_->setContentsMargins(axes.left() - kHalfHandle, 0, std::max(0, curve_->width() - axes.right() - 1 - kHalfHandle), 0);
  const PlotRange range = curve_->range().value_or(curve_->extent());
  slider_->setRange(static_cast<int>(std::floor(range.low)), static_cast<int>(std::ceil(range.high)));
  if (!stored_.empty()) slider_->setValue(static_cast<int>(stored_[static_cast<std::size_t>(position_)].step));
}

bool StoredReconstruction::take_key(const QKeyEvent& event) {
  switch (event.key()) {
    case Qt::Key_Space: play_->toggle(); break;
    case Qt::Key_Comma: choose(position_ - 1); break;
    case Qt::Key_Period: choose(position_ + 1); break;
    case Qt::Key_Less: choose(position_ - 10); break;  // with Shift, on an English keyboard
    case Qt::Key_Greater: choose(position_ + 10); break;
    case Qt::Key_Home: choose(0); break;
    case Qt::Key_End: choose(static_cast<int>(stored_.size()) - 1); break;
    case Qt::Key_BracketLeft: image_->setValue(image_->value() - 1); break;
    case Qt::Key_BracketRight: image_->setValue(image_->value() + 1); break;
    default: return false;
  }
  return true;
}

void StoredReconstruction::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  images_card_->setVisible(window()->height() >= kRoomForImages);
  QTimer::singleShot(0, this, &StoredReconstruction::align_slider);
}

void StoredReconstruction::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  update_record();
  QTimer::singleShot(0, this, &StoredReconstruction::align_slider);
}

}  // namespace mimir
