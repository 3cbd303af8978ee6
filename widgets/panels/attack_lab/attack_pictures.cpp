#include "widgets/panels/attack_lab/attack_pictures.h"

#include <QCursor>
#include <QHBoxLayout>
#include <QToolTip>
#include <algorithm>

#include "widgets/format.h"
#include "widgets/image/heat_map.h"
#include "widgets/image/picture_view.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {

AttackPictures::AttackPictures(Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(&theme), original_(new PictureView(theme)), adversarial_(new PictureView(theme)), perturbation_(new PictureView(theme)),
      channels_(new SegmentedControl(theme, tr("Perturbation of"), {tr("Mean"), tr("R"), tr("G"), tr("B")})) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(24);
  for (PictureView* view : {original_, adversarial_, perturbation_}) {
    row->addWidget(view, 1);
    connect(view, &PictureView::pixel_hovered, this, &AttackPictures::read_pixel);
  }
  original_->set_caption(tr("Original"), {});
  adversarial_->set_caption(tr("Adversarial"), {});
  perturbation_->set_caption(tr("Perturbation"), {});
  for (PictureView* view : {original_, adversarial_, perturbation_}) view->set_picture({}, tr("not computed yet"));
  connect(channels_, &SegmentedControl::chosen, this, &AttackPictures::show_perturbation);
  connect(&theme, &Theme::changed, this, &AttackPictures::refresh);
}

void AttackPictures::show_iterate(std::shared_ptr<const AttackResult> result, const AttackPath& path, int step) {
  result_ = std::move(result);
  path_ = path;
  step_ = step;
  for (int channel = 1; channel <= 3; ++channel) channels_->set_enabled(channel, path.channels == 3, tr("The picture has one channel"));
  refresh();
}

void AttackPictures::refresh() {
  if (!path_) return;
  const AttackPath& path = *path_;
  const auto& clean = result_->clean_probabilities;
  const auto answer = static_cast<int>(std::max_element(clean.begin(), clean.end()) - clean.begin());
  const nlohmann::json& facts = result_->image();
  const bool known = facts.contains("label") && facts["label"].is_number_integer();
  const bool right = answer == path.label;
  original_->set_picture(image_of(path.clean, path.channels, path.side));
  original_->set_answer(right ? Tone::ok : Tone::danger, QLatin1String(right ? "ok" : "error"), result_->class_name(answer), fixed_text(clean[static_cast<std::size_t>(answer)], 2));
  original_->set_facts(QLatin1Char('\t') + (!known ? tr("true class unknown") : right ? tr("true class") : tr("wrong, it is %1").arg(result_->class_name(path.label))));

  const auto i = static_cast<std::size_t>(step_);
  adversarial_->set_caption(tr("Adversarial"), tr("step %1").arg(step_));
  adversarial_->set_picture(image_of(path.iterates[i], path.channels, path.side));
  const auto says = path.prediction(step_);
  const bool broken = path.succeeded(step_);
  const QString word = path.target ? (broken ? tr("on target") : tr("target is %1").arg(result_->class_name(*path.target))) : broken ? tr("wrong") : tr("holds");
  const bool exact = i < path.probabilities.size() && !path.probabilities[i].empty();
  adversarial_->set_answer(broken ? Tone::danger : Tone::ok, QLatin1String(broken ? "error" : "ok"),
                           says ? result_->class_name(*says) : tr("not %1").arg(result_->class_name(path.label)),
                           exact && says ? fixed_text(path.probabilities[i][static_cast<std::size_t>(*says)], 2) : QString());
  adversarial_->set_facts(QLatin1Char('\t') + word);
  show_perturbation();
}

void AttackPictures::show_perturbation() {
  if (!path_) return;
  const double bound = perturbation_bound(*path_);
  const int channel = std::min(channels_->index() - 1, static_cast<int>(path_->channels) - 1);
  const QString of = channel < 0 ? tr("mean of channels") : QStringList{tr("red"), tr("green"), tr("blue")}.value(channel);
  perturbation_->set_caption(tr("Perturbation"), tr("%1, × %2").arg(of, number_text(1 / bound, 3)));
  perturbation_->set_picture(perturbation_of(*path_, step_, channel, bound, ColourMap::diverging(theme_->dark())));
  MapScale scale = MapScale::symmetric(bound);
  scale.of_pixels = true;
  perturbation_->set_scale(scale);
}

void AttackPictures::set_stale(bool stale) {
  for (PictureView* view : {original_, adversarial_, perturbation_}) view->set_stale(stale);
}

void AttackPictures::read_pixel(std::optional<QPoint> pixel) {
  for (PictureView* view : {original_, adversarial_, perturbation_}) view->set_pixel(pixel);
  if (!pixel || !path_) {
    QToolTip::hideText();
    return;
  }
  const auto values = [&](std::span<const float> image, bool difference) {
    QStringList words;
    const auto plane = static_cast<std::size_t>(path_->side * path_->side), at = static_cast<std::size_t>(pixel->y() * path_->side + pixel->x());
    for (std::size_t c = 0; c < static_cast<std::size_t>(path_->channels); ++c) {
      const double value = image[c * plane + at];
      words += difference ? fixed_text((value - path_->clean[c * plane + at]) * 255, 1) : fixed_text(value, 3);
    }
    return words.join(QStringLiteral("&nbsp; "));
  };
  const auto row = [](const QString& name, const QString& numbers) { return QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=right>%2</td></tr>").arg(name, numbers); };
  const auto image = path_->iterates[static_cast<std::size_t>(step_)];
  QToolTip::showText(QCursor::pos() + QPoint(14, 14),
                     QStringLiteral("<b>%1</b><table>%2%3%4</table>")
                         .arg(tr("pixel (%1, %2)").arg(pixel->x()).arg(pixel->y()), row(tr("original"), values(path_->clean, false)), row(tr("adversarial"), values(image, false)),
                              row(tr("change × 255"), values(image, true))),
                     this);
}

}  // namespace mimir
