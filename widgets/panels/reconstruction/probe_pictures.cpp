#include "widgets/panels/reconstruction/probe_pictures.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <algorithm>
#include <cmath>

#include "widgets/format.h"
#include "widgets/image/picture_view.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

constexpr double kSharedScale = 0.5;  ///< the error that the brightest colour stands for, of the range of a pixel
constexpr int kSpinButtons = 36;      ///< px beside a spin box's text

/// Peak signal-to-noise ratio in dB of a mean squared error on [0, 1].
QString psnr_text(double squared_error) { return squared_error > 0 ? fixed_text(-10 * std::log10(squared_error), 1) + QStringLiteral(" dB") : kMissing; }

}  // namespace

ProbePictures::ProbePictures(Theme& theme, QWidget* parent)
    : Card(theme, tr("Probe batch"), parent), clean_(new PictureView(theme)), input_(new PictureView(theme)), output_(new PictureView(theme)), error_(new PictureView(theme)) {
  set_caption(tr("same images, masks and attack at every epoch"));
  set_padding(14);
  make_header(theme);
  auto* row = new QHBoxLayout;
  row->setSpacing(16);
  const QList<PictureView*> views{clean_, input_, output_, error_};
  for (PictureView* view : views) {
    row->addWidget(view);
    connect(view, &PictureView::pixel_hovered, this, [views](std::optional<QPoint> pixel) {
      for (PictureView* each : views) each->set_pixel(pixel);
    });
  }
  body()->addLayout(row, 1);
  connect(image_, &QSpinBox::valueChanged, this, &ProbePictures::refresh);
  connect(image_, &QSpinBox::valueChanged, this, &ProbePictures::image_changed);
  connect(paste_, &QCheckBox::toggled, this, &ProbePictures::refresh);
  connect(scale_, &SegmentedControl::chosen, this, &ProbePictures::refresh);
}

void ProbePictures::make_header(Theme& theme) {
  paste_ = new QCheckBox(tr("Paste visible patches"));
  paste_->setChecked(true);
  paste_->setToolTip(tr("The decoder is trained on removed patches only: what it says of visible ones means nothing"));
  scale_ = new SegmentedControl(theme, tr("Scale of the error"), {tr("Shared"), tr("Own")});
  image_ = new QSpinBox;
  image_->setAccessibleName(tr("Image of the batch"));
  image_->setPrefix(tr("image "));
  auto* scale_name = new QLabel(tr("Error scale"));
  scale_name->setProperty("role", QStringLiteral("label"));
  header()->setSpacing(size::kGap);
  header()->addWidget(paste_);
  header()->addSpacing(size::kGap);
  header()->addWidget(scale_name);
  header()->addWidget(scale_);
  header()->addSpacing(size::kGap);
  header()->addWidget(image_);
}

int ProbePictures::image() const { return image_->value(); }

void ProbePictures::set_image(int image) { image_->setValue(image); }

void ProbePictures::show_batch(std::shared_ptr<const ProbeBatch> batch) {
  batch_ = std::move(batch);
  image_->setRange(0, batch_->count() - 1);
  image_->setSuffix(tr(" of %1").arg(batch_->count()));
  // The style's own hint is too narrow for a suffix.
  image_->setMinimumWidth(image_->fontMetrics().horizontalAdvance(image_->prefix() + QString::number(image_->maximum()) + image_->suffix()) + kSpinButtons);
  refresh();
}

void ProbePictures::refresh() {
  if (!batch_) return;
  const ProbeBatch& batch = *batch_;
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
  std::vector<bool> visible = removed;
  visible.flip();
  error_->set_caption(tr("Error"), tr("0 to %1, %2 scale").arg(number_text(scale, 2), scale_->index() == 1 ? tr("own") : tr("shared")));
  error_->set_picture(batch.error_map(i, scale));
  error_->set_hatched(std::move(visible), batch.grid);
  error_->set_facts(tr("loss: removed %1, visible %2").arg(number_text(batch.error_masked[index], 3), number_text(batch.error_visible[index], 3)));
}

}  // namespace mimir
