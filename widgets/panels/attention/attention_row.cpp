#include "widgets/panels/attention/attention_row.h"

#include <QHBoxLayout>
#include <cmath>

#include "widgets/format.h"
#include "widgets/image/array_picture.h"

namespace mimir {
namespace {

constexpr Side kSides[] = {Side::clean, Side::adversarial, Side::difference};

}  // namespace

AttentionRow::AttentionRow(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kBetween);
  for (const Side side : kSides) {
    auto* view = new PatchView(theme, this);
    views_[static_cast<std::size_t>(side)] = view;
    row->addWidget(view);
    connect(view, &PatchView::patch_picked, this, &AttentionRow::patch_picked);
    connect(view, &PatchView::patch_hovered, this, [this](std::optional<int> patch) {
      set_hovered(patch);
      Q_EMIT patch_hovered(patch);
    });
  }
  connect(&theme, &Theme::changed, this, [this] { show_view(shown_); });
}

void AttentionRow::show_view(RowView view) {
  shown_ = std::move(view);
  for (const Side side : kSides) show_side(side);
  update_facts();
}

void AttentionRow::show_side(Side side) {
  PatchView& view = *views_[static_cast<std::size_t>(side)];
  auto& values = values_[static_cast<std::size_t>(side)];
  values.clear();
  const QString names[] = {tr("Clean"), tr("Adversarial"), tr("Difference")};
  const QString hows[] = {shown_.what, shown_.attack, tr("adversarial − clean")};
  view.set_caption(names[static_cast<std::size_t>(side)], hows[static_cast<std::size_t>(side)]);
  const AttentionMaps* maps = shown_.maps.get();
  const bool there = maps && (side == Side::clean || maps->attacked());
  view.set_stale(shown_.stale || (shown_.adversarial_stale && side != Side::clean));
  view.set_patches(there ? maps->grid() : 0);
  if (!there) {
    const QString none = maps && !maps->classifies() ? tr("A masked autoencoder answers no class that could be attacked.")
                         : shown_.attack.isEmpty() ? tr("Choose an attack to see what it does to attention.") : tr("The attacked image is being computed.");
    view.set_picture({}, maps ? none : side == Side::clean ? shown_.missing : QString());
    view.set_overlay({});
    view.set_hatched({}, 0);
    view.set_marked_patch(std::nullopt, 1);
    view.set_scale(std::nullopt);
    view.set_answer(Tone::neutral, {}, {}, {});
    view.set_patch_words({});
    return;
  }
  values = maps->map(shown_.query, side);
  const bool is_difference = side == Side::difference;
  const bool is_signed = is_difference || shown_.query.kind == AttentionKind::similarity;
  const double largest = largest_magnitude(values);
  const auto& shared = is_difference ? shown_.shared_difference : shown_.shared;
  const MapScale scale = shared.value_or(is_signed ? MapScale::symmetric(largest) : MapScale::magnitude(largest));
  const bool shows_map = is_difference || shown_.overlay != OverlayMode::off;
  const bool over_image = !is_difference && shown_.overlay == OverlayMode::on_image;
  const Array* picture = is_difference || shown_.overlay == OverlayMode::map ? nullptr : maps->picture(side);
  view.set_picture(picture ? picture_of(*picture) : QImage());
  view.set_overlay(shows_map && !values.empty() ? heat_map(values, maps->grid(), scale, *theme_) : QImage(), over_image ? shown_.opacity : 1);
  // Over the image a patch without a value shows the image; alone it is hatched.
  std::vector<bool> hatched;
  if (shows_map && !over_image) {
    for (const float value : values) hatched.push_back(!std::isfinite(value));
  }
  view.set_hatched(std::move(hatched), maps->grid());
  view.set_marked_patch(shown_.query.from >= 0 && shown_.query.kind != AttentionKind::gradient_rollout && shown_.query.kind != AttentionKind::relevance
                            ? std::optional(shown_.query.from) : std::nullopt, maps->grid());
  view.set_scale(shows_map ? std::optional(scale) : std::nullopt);
  QStringList words;
  for (const float value : values) words += std::isfinite(value) ? number_text(value, 3) : tr("left out");
  view.set_patch_words(words);
  const Answered answer = is_difference ? Answered() : maps->answered(side);
  const Tone tone = !answer.known ? Tone::neutral : answer.right ? Tone::ok : Tone::danger;
  view.set_answer(tone, !answer.known ? QLatin1String() : answer.right ? QLatin1String("ok") : QLatin1String("error"), answer.name,
                  answer.name.isEmpty() ? QString() : fixed_text(answer.probability, 2));
}

void AttentionRow::set_hovered(std::optional<int> patch) {
  if (hovered_ == patch) return;
  hovered_ = patch;
  update_facts();
}

void AttentionRow::update_facts() {
  if (!shown_.maps) {
    for (PatchView* view : views_) view->set_facts({});
    return;
  }
  for (const Side side : kSides) {
    const auto& values = values_[static_cast<std::size_t>(side)];
    PatchView& view = *views_[static_cast<std::size_t>(side)];
    QString text;
    if (hovered_ && static_cast<std::size_t>(*hovered_) < values.size()) {
      const double value = values[static_cast<std::size_t>(*hovered_)];
      const QString where = tr("row %1, column %2").arg(*hovered_ / shown_.maps->grid()).arg(*hovered_ % shown_.maps->grid());
      text = where + QLatin1Char('\t') + (std::isfinite(value) ? number_text(value, 3) : tr("left out"));
    } else if (const auto share = shown_.maps->to_class_token(shown_.query, side); share && !values.empty()) {
      text = tr("to the class token") + QLatin1Char('\t') + number_text(*share, 3);
    }
    view.set_facts(text);
  }
}

}  // namespace mimir
