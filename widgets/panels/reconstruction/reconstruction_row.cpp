#include "widgets/panels/reconstruction/reconstruction_row.h"

#include <QHBoxLayout>
#include <QResizeEvent>
#include <algorithm>

#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kBetween = 8;  ///< px between the views; their focus rings take as much again

QString rgb_text(QRgb pixel) {
  return QStringLiteral("%1 %2 %3").arg(fixed_text(qRed(pixel) / 255.0, 2), fixed_text(qGreen(pixel) / 255.0, 2), fixed_text(qBlue(pixel) / 255.0, 2));
}

QString or_missing(std::optional<double> value, int decimals, const QString& unit = {}) { return value ? fixed_text(*value, decimals) + unit : kMissing; }

}  // namespace

ReconstructionRow::ReconstructionRow(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kBetween);
  for (PatchView*& view : views_) {
    view = new PatchView(theme, this);
    view->set_tool(PatchTool::brush);
    row->addWidget(view);
    connect(view, &PatchView::patches_painted, this, &ReconstructionRow::patches_painted);
    connect(view, &PictureView::pixel_hovered, this, [this](std::optional<QPoint> pixel) {
      set_pixel(pixel);
      Q_EMIT pixel_hovered(pixel);
    });
  }
  connect(&theme, &Theme::changed, this, [this] { show_view(shown_); });
}

QSize ReconstructionRow::sizeHint() const {
  const int between = kBetween * static_cast<int>(views_.size() - 1);
  return {QWidget::sizeHint().width(), views_.front()->height_for((width() - between) / static_cast<int>(views_.size()))};
}

void ReconstructionRow::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (event->size().width() != event->oldSize().width()) updateGeometry();
}

void ReconstructionRow::set_tool(PatchTool tool) {
  for (PatchView* view : views_) view->set_tool(tool);
}

void ReconstructionRow::show_view(ReconstructionView view) {
  shown_ = std::move(view);
  if (!shown_.answer) return show_missing();
  const ReconstructionAnswer& answer = *shown_.answer;
  const int grid = answer.grid();
  const auto masked = std::count(shown_.removed.begin(), shown_.removed.end(), true);
  const auto patches = static_cast<qsizetype>(shown_.removed.size());
  std::vector<bool> visible = shown_.removed;
  visible.flip();
  views_[0]->set_caption(tr("Clean"), shown_.name.isEmpty() ? tr("the target") : shown_.name);
  views_[0]->set_picture(answer.clean());
  views_[0]->set_hatched({}, grid);
  views_[1]->set_caption(tr("Encoder input"), tr("%1, %2 % masked").arg(shown_.attack.isEmpty() ? tr("clean") : shown_.attack).arg(patches ? 100 * masked / patches : 0));
  views_[1]->set_picture(answer.input());
  views_[1]->set_hatched(shown_.removed, grid);
  views_[1]->set_patch_lines(shown_.patch_lines);
  views_[2]->set_caption(tr("Reconstruction"), shown_.paste ? tr("visible patches pasted") : tr("raw output"));
  views_[2]->set_picture(answer.output(shown_.paste, shown_.removed));
  views_[2]->set_hatched({}, grid);
  const double largest = largest_magnitude(answer.error());
  const MapScale scale = MapScale::magnitude(shown_.shared_scale ? kSharedScale : largest, MapScale::Colours::magma);
  views_[3]->set_caption(tr("Error"), shown_.shared_scale ? tr("mean |x̂ − x| of channels, shared scale") : tr("mean |x̂ − x| of channels, own scale"));
  views_[3]->set_picture(heat_map(answer.error(), answer.side(), scale, *theme_));
  // A pasted patch has no error; zero would be a colour.
  views_[3]->set_hatched(shown_.paste ? visible : std::vector<bool>(), grid);
  views_[3]->set_scale(scale);
  QStringList words;
  for (const bool removed : shown_.removed) words += removed ? tr("masked") : tr("visible");
  for (std::size_t i = 0; i < views_.size(); ++i) {
    views_[i]->set_patches(grid);
    views_[i]->set_patch_words(words);
    views_[i]->set_stale(shown_.stale && i >= 2);
    // What a gesture makes of a patch depends on the mask, whichever picture it is drawn on.
    views_[i]->set_removed(shown_.removed);
  }
  update_facts();
  updateGeometry();  // the picture may have another size
}

void ReconstructionRow::show_missing() {
  const QString names[] = {tr("Clean"), tr("Encoder input"), tr("Reconstruction"), tr("Error")};
  for (std::size_t i = 0; i < views_.size(); ++i) {
    views_[i]->set_caption(names[i], i == 0 ? shown_.name : QString());
    views_[i]->set_picture({}, i == 0 ? shown_.missing : QString());
    views_[i]->set_hatched({}, 0);
    views_[i]->set_patches(0);
    views_[i]->set_scale(std::nullopt);
    views_[i]->set_facts({});
    views_[i]->set_stale(false);
  }
}

void ReconstructionRow::set_pixel(std::optional<QPoint> pixel) {
  pixel_ = pixel;
  for (PatchView* view : views_) view->set_pixel(pixel);
  update_facts();
}

void ReconstructionRow::update_facts() {
  if (!shown_.answer) return;
  const ReconstructionAnswer& answer = *shown_.answer;
  if (pixel_ && views_[0]->picture().rect().contains(*pixel_)) {
    const QString where = tr("pixel (%1, %2)").arg(pixel_->x()).arg(pixel_->y());
    for (std::size_t i = 0; i < 3; ++i) views_[i]->set_facts(where + QLatin1Char('\t') + rgb_text(views_[i]->picture().pixel(*pixel_)));
    views_[3]->set_facts(where + QLatin1Char('\t') + number_text(answer.error()[static_cast<std::size_t>(pixel_->y() * answer.side() + pixel_->x())], 3));
    return;
  }
  const auto masked = std::count(shown_.removed.begin(), shown_.removed.end(), true);
  views_[0]->set_facts(answer.image_words() + QLatin1Char('\t') + tr("%1 × %1, patch %2").arg(answer.side()).arg(answer.side() / answer.grid()));
  views_[1]->set_facts(tr("%1 of %2 patches masked").arg(masked).arg(shown_.removed.size()) + QLatin1Char('\n') + tr("Click or drag to mask and unmask"));
  views_[2]->set_facts(tr("PSNR of masked patches\t%1").arg(or_missing(answer.number("psnr_masked"), 1, QStringLiteral(" dB"))) + QLatin1Char('\n') +
                       tr("SSIM of masked patches\t%1").arg(or_missing(answer.number("ssim_masked"), 3)));
  views_[3]->set_facts(tr("masked, squared\t%1").arg(answer.number("error_masked") ? number_text(*answer.number("error_masked"), 3) : kMissing));
}

}  // namespace mimir
