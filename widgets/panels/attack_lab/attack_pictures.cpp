#include "widgets/panels/attack_lab/attack_pictures.h"

#include <QCursor>
#include <QGridLayout>
#include <QToolTip>
#include <algorithm>

#include "widgets/format.h"
#include "widgets/image/heat_map.h"
#include "widgets/image/picture_view.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

constexpr int kBetween = 24;
constexpr int kBetweenRows = 8;
constexpr QSize kSmallest(160, 220);     ///< of a view
constexpr int kSmallestOfTwo = 140;      ///< high

}  // namespace

AttackPictures::AttackPictures(Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(&theme), channels_(new SegmentedControl(theme, tr("Perturbation of"), {tr("Mean"), tr("R"), tr("G"), tr("B")})) {
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(kBetween);
  grid->setVerticalSpacing(kBetweenRows);
  for (int r = 0; r < 2; ++r) {
    Row& row = rows_[static_cast<std::size_t>(r)];
    row.original = new PictureView(theme);
    row.adversarial = new PictureView(theme);
    row.perturbation = new PictureView(theme);
    int column = 0;
    for (PictureView* view : row.views()) {
      view->setMinimumSize(kSmallest.width(), kSmallestOfTwo);  // minimumSizeHint() says what is wanted
      grid->addWidget(view, r, column);
      grid->setColumnStretch(column++, 1);
      connect(view, &PictureView::pixel_hovered, this, &AttackPictures::read_pixel);
    }
    show_missing(row, tr("not computed yet"));
  }
  set_two(false);
  connect(channels_, &SegmentedControl::chosen, this, &AttackPictures::show_perturbations);
  connect(&theme, &Theme::changed, this, &AttackPictures::refresh);
}

QSize AttackPictures::minimumSizeHint() const {
  return {3 * kSmallest.width() + 2 * kBetween, two_ ? 2 * kSmallestOfTwo + kBetweenRows : kSmallest.height()};
}

int AttackPictures::height_for(const QSize& size) const {
  const int rows = two_ ? 2 : 1, between = (rows - 1) * kBetweenRows;
  return rows * rows_[0].original->height_within({(size.width() - 2 * kBetween) / 3, (size.height() - between) / rows}) + between;
}

void AttackPictures::set_two(bool two) {
  two_ = two;
  for (PictureView* view : rows_[1].views()) view->setVisible(two);
  auto* grid = static_cast<QGridLayout*>(layout());
  grid->setRowStretch(0, 1);
  grid->setRowStretch(1, two ? 1 : 0);
  updateGeometry();
}

void AttackPictures::show_missing(Row& row, const QString& sentence) {
  row.path.reset();
  const QString names[] = {tr("Original"), tr("Adversarial"), tr("Perturbation")};
  for (std::size_t i = 0; i < 3; ++i) {
    PictureView* view = row.views()[i];
    view->set_caption(names[i], i == 0 ? row.model : QString());
    view->set_picture({}, sentence);
    view->set_scale(std::nullopt);
    view->set_answer(Tone::neutral, {}, {}, {});
    view->set_facts({});
    view->set_stale(false);
  }
}

void AttackPictures::show_iterate(std::shared_ptr<const AttackResult> result, const AttackPath& path, int step, const QString& model) {
  Row& row = rows_[0];
  row.result = std::move(result);
  row.path = path;
  row.step = step;
  row.model = model;
  for (int channel = 1; channel <= 3; ++channel) channels_->set_enabled(channel, path.channels == 3, tr("The picture has one channel"));
  refresh();
}

void AttackPictures::show_second(std::shared_ptr<const AttackResult> result, int step, const QString& model) {
  Row& row = rows_[1];
  row.path = result->restarts[static_cast<std::size_t>(result->best)];
  row.step = std::clamp(step, 0, row.path->last());
  row.result = std::move(result);
  row.model = model;
  set_two(true);
  refresh();
}

void AttackPictures::show_no_second(const QString& sentence, const QString& model) {
  rows_[1].model = model;
  show_missing(rows_[1], sentence);
  set_two(true);
  show_perturbations();
}

void AttackPictures::leave_second() {
  if (!two_) return;
  rows_[1].path.reset();
  set_two(false);
  show_perturbations();
}

void AttackPictures::refresh() {
  for (const Row& row : rows_) {
    if (row.path) show_row(row);
  }
  show_perturbations();
}

void AttackPictures::show_row(const Row& row) {
  const AttackPath& path = *row.path;
  const auto& clean = row.result->clean_probabilities;
  const auto answer = static_cast<int>(std::max_element(clean.begin(), clean.end()) - clean.begin());
  const bool known = row.result->label_known();
  const bool right = answer == path.label;
  row.original->set_caption(tr("Original"), row.model);
  row.original->set_picture(image_of(path.clean, path.channels, path.side));
  row.original->set_answer(right ? Tone::ok : Tone::danger, QLatin1String(right ? "ok" : "error"), row.result->class_name(answer), fixed_text(clean[static_cast<std::size_t>(answer)], 2));
  row.original->set_facts(QLatin1Char('\t') + (!known ? tr("true class unknown") : right ? tr("true class") : tr("wrong, it is %1").arg(row.result->class_name(path.label))));

  const auto i = static_cast<std::size_t>(row.step);
  row.adversarial->set_caption(tr("Adversarial"), tr("step %1").arg(row.step));
  row.adversarial->set_picture(image_of(path.iterates[i], path.channels, path.side));
  const auto says = path.prediction(row.step);
  const bool broken = path.succeeded(row.step);
  const QString word = path.target ? (broken ? tr("on target") : tr("target is %1").arg(row.result->class_name(*path.target))) : broken ? tr("wrong") : tr("holds");
  const bool exact = i < path.probabilities.size() && !path.probabilities[i].empty();
  row.adversarial->set_answer(broken ? Tone::danger : Tone::ok, QLatin1String(broken ? "error" : "ok"),
                              says ? row.result->class_name(*says) : tr("not %1").arg(row.result->class_name(path.label)),
                              exact && says ? fixed_text(path.probabilities[i][static_cast<std::size_t>(*says)], 2) : QString());
  row.adversarial->set_facts(QLatin1Char('\t') + word);
}

void AttackPictures::show_perturbations() {
  double bound = 0;  // one scale for both models
  for (const Row& row : rows_) {
    if (row.path) bound = std::max(bound, perturbation_bound(*row.path));
  }
  for (const Row& row : rows_) {
    if (!row.path) continue;
    const int channel = std::min(channels_->index() - 1, static_cast<int>(row.path->channels) - 1);
    const QString of = channel < 0 ? tr("mean of channels") : QStringList{tr("red"), tr("green"), tr("blue")}.value(channel);
    row.perturbation->set_caption(tr("Perturbation"), tr("%1, × %2").arg(of, number_text(1 / bound, 3)));
    row.perturbation->set_picture(perturbation_of(*row.path, row.step, channel, bound, ColourMap::diverging(theme_->dark())));
    MapScale scale = MapScale::symmetric(bound);
    scale.of_pixels = true;
    row.perturbation->set_scale(scale);
  }
}

void AttackPictures::set_stale(bool first, bool second) {
  for (const Row& row : rows_) {
    for (PictureView* view : row.views()) view->set_stale(row.path && (&row == rows_.data() ? first : second));
  }
}

void AttackPictures::read_pixel(std::optional<QPoint> pixel) {
  for (const Row& row : rows_) {
    for (PictureView* view : row.views()) view->set_pixel(pixel);
  }
  if (!pixel || !rows_[0].path) {
    QToolTip::hideText();
    return;
  }
  const auto line = [](const QString& name, const QString& numbers) { return QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=right>%2</td></tr>").arg(name, numbers); };
  QString lines;
  for (const Row& row : rows_) {
    if (!row.path) continue;
    const AttackPath& path = *row.path;
    const auto values = [&](std::span<const float> image, bool difference) {
      QStringList words;
      const auto plane = static_cast<std::size_t>(path.side * path.side), at = static_cast<std::size_t>(pixel->y() * path.side + pixel->x());
      for (std::size_t c = 0; c < static_cast<std::size_t>(path.channels); ++c) {
        const double value = image[c * plane + at];
        words += difference ? fixed_text((value - path.clean[c * plane + at]) * 255, 1) : fixed_text(value, 3);
      }
      return words.join(QStringLiteral("&nbsp; "));
    };
    const auto image = path.iterates[static_cast<std::size_t>(row.step)];
    const bool first = &row == rows_.data();
    if (first) lines += line(tr("original"), values(path.clean, false));
    lines += line(first ? tr("adversarial") : tr("adversarial, second"), values(image, false)) + line(first ? tr("change × 255") : tr("change × 255, second"), values(image, true));
  }
  QToolTip::showText(QCursor::pos() + QPoint(14, 14), QStringLiteral("<b>%1</b><table>%2</table>").arg(tr("pixel (%1, %2)").arg(pixel->x()).arg(pixel->y()), lines), this);
}

}  // namespace mimir
