#include <QComboBox>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/image/map_grid.h"
#include "widgets/panels/attention/attention_controls.h"
#include "widgets/panels/attention/attention_panel.h"
#include "widgets/panels/attention/attention_row.h"
#include "widgets/panels/attention/layer_strip.h"
#include "widgets/plot/line_plot.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/card.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

constexpr int kGridShare = 28;         ///< % of the width, of a grid that needs no more
constexpr int kLargestGridShare = 40;
constexpr int kCardPadding = 12;
constexpr int kPicturesPadding = 14;
constexpr int kAroundGrid = 70;        ///< px of the height: gaps, the card's header and padding

}  // namespace

MapQuery AttentionPanel::query() const { return {controls_->kind(), std::max(layer_, 0), head_, controls_->from(), controls_->mass()}; }

const AttentionPanel::Tables& AttentionPanel::tables(const Maps& maps, Tables& kept) const {
  MapQuery key = query();
  key.layer = key.head = 0;
  if (key.kind != AttentionKind::similarity) key.kind = AttentionKind::attention;
  if (kept.maps == maps && kept.query == key) return kept;
  kept = {maps, key, {}, 0, 0};
  for (const Side side : {Side::clean, Side::adversarial, Side::difference}) {
    auto table = maps->table(key, side);
    if (!table) continue;
    double& largest = side == Side::difference ? kept.largest_difference : kept.largest;
    largest = std::max(largest, largest_magnitude(table->values));
    kept.of[static_cast<std::size_t>(side)] = std::move(table);
  }
  return kept;
}

void AttentionPanel::share_width() {
  const int room = width() - size::kGap, least = room * kGridShare / 100, most = room * kLargestGridShare / 100;
  const int grid = std::clamp(grid_->width_for(height() - controls_->height() - kAroundGrid) + 2 * kCardPadding, least, most);
  columns_->setStretch(0, grid);
  columns_->setStretch(1, room - grid);
  // What the pictures, which grow by whole pixels, cannot use, the layers below them can.
  int wanted = QWIDGETSIZE_MAX;
  if (controls_->beside().isEmpty()) {
    wanted = pictures_card_->minimumSizeHint().height();
    const int view = (room - grid - 2 * kPicturesPadding - 2 * AttentionRow::kBetween) / 3;
    for (const Side side : {Side::clean, Side::adversarial, Side::difference}) wanted = std::max(wanted, first_->view(side).height_for(view) + 2 * kPicturesPadding);
  }
  pictures_card_->setMaximumHeight(wanted);
}

void AttentionPanel::repaint_views() {
  if (!maps_) return;
  const MapQuery now = query();
  const bool similarity = now.kind == AttentionKind::similarity, shared = controls_->shared_scale();
  const bool of_a_layer = similarity || now.kind == AttentionKind::attention;
  const bool wants_attack = !controls_->attack().empty() && maps_->classifies();
  for (int side = 1; side < 3; ++side) side_->set_enabled(side, maps_->attacked(), tr("There is no attacked image yet"));
  if (!maps_->attacked() && side_->index() > 0) side_->set_index(0);

  double largest = 0, largest_difference = 0;
  for (const auto& [maps, kept] : {std::pair(maps_, &tables_), std::pair(beside_, &beside_tables_)}) {
    if (!maps) continue;
    const Tables& all = tables(maps, *kept);
    if (of_a_layer) {
      largest = std::max(largest, all.largest);
      largest_difference = std::max(largest_difference, all.largest_difference);
      continue;
    }
    for (const Side side : {Side::clean, Side::adversarial}) largest = std::max(largest, largest_magnitude(maps->map(now, side)));
    largest_difference = std::max(largest_difference, largest_magnitude(maps->map(now, Side::difference)));
  }
  const auto magnitude = [similarity](double value) { return similarity ? MapScale::symmetric(1) : MapScale::magnitude(value); };
  RowView view;
  view.maps = maps_;
  view.query = now;
  view.overlay = controls_->overlay();
  view.opacity = controls_->opacity();
  if (shared) {
    view.shared = magnitude(largest);
    view.shared_difference = MapScale::symmetric(largest_difference);
  }
  const QString where = similarity ? tr("layer %1").arg(now.layer) : now.kind == AttentionKind::attention ? tr("layer %1, head %2").arg(now.layer).arg(now.head) : tr("all layers");
  const bool two = !controls_->beside().isEmpty();
  const auto what = [&](const QString& of) { return shared && two ? of : shared ? tr("%1, shared scale").arg(of) : tr("%1, own scale").arg(of); };
  view.what = what(two ? model_words(maps_->answer().result, session_->library()) : where);
  view.attack = wants_attack ? controls_->attack_words() : QString();
  view.stale = !problem_.isEmpty() || question() != shown_question_;
  view.adversarial_stale = attack_pending_ || (maps_->attacked() && !wants_attack);
  first_->show_view(view);
  if (second_->isHidden() == two) {
    second_->setVisible(two);
    share_width();
  }
  // Two rows of pictures need the room.
  distances_->setVisible(!two);
  measure_->setVisible(!two && below_->index() == 0);
  right_->setStretch(0, two ? 24 : 10);
  right_->setStretch(1, two ? 9 : 11);
  if (two) {
    view.maps = beside_;
    if (beside_) {
      view.query.layer = std::min(now.layer, beside_->layers() - 1);
      view.query.head = std::min(now.head, beside_->heads() - 1);
      view.what = what(model_words(beside_->answer().result, session_->library()));
      if (!beside_->classifies()) view.attack.clear();
    }
    view.stale = false;
    view.adversarial_stale = false;
    view.missing = beside_problem_.isEmpty() ? tr("The other model is being asked.") : beside_problem_;
    second_->show_view(view);
  }

  const Tables& all = tables(maps_, tables_);
  const auto side = static_cast<Side>(std::max(side_->index(), 0));
  const bool is_signed = similarity || side == Side::difference;
  std::optional<MapScale> of_grid;
  if (shared) of_grid = side == Side::difference ? MapScale::symmetric(all.largest_difference) : magnitude(all.largest);
  const MapTable* before = grid_->maps();
  const std::pair cells{before ? before->rows : 0, before ? before->columns : 0};
  grid_->set_maps(all.of[static_cast<std::size_t>(side)], of_grid, is_signed);
  if (cells != std::pair{grid_->cell_rows(), grid_->cell_columns()}) share_width();
  grid_->set_current(now.layer, similarity ? 0 : now.head);
  grid_card_->set_title(similarity ? tr("Layers") : tr("Layers × heads"));
  grid_card_->set_caption(of_a_layer ? QString() : tr("attention"));
  LayerView layers;
  layers.maps = maps_;
  layers.query = now;
  if (shared) {
    layers.shared = magnitude(all.largest);
    layers.shared_difference = MapScale::symmetric(all.largest_difference);
  }
  layers_->show_layers(std::move(layers));
  layers_card_->set_caption(below_->index() == 1 ? tr("probability as patches go or come") : similarity ? tr("how alike the tokens are") : tr("head %1, clean and adversarial").arg(now.head));
  repaint_distances();
  if (below_->index() == 1) repaint_faithfulness();
}

}  // namespace mimir
