#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "widgets/image/patch_view.h"
#include "widgets/panels/attention/attention_maps.h"

namespace mimir {

enum class OverlayMode { on_image, map, off };

/// All that a row of pictures shows.
struct RowView {
  std::shared_ptr<const AttentionMaps> maps;  ///< nullptr: nothing yet
  MapQuery query;
  OverlayMode overlay = OverlayMode::on_image;
  double opacity = 0.6;
  std::optional<MapScale> shared;             ///< none: each map has its own scale
  std::optional<MapScale> shared_difference;
  QString what;         ///< "layer 8, head 3", with the name of the model where two are shown
  QString attack;       ///< "PGD, 8/255"; empty: no attack is asked for
  QString missing;      ///< the sentence where nothing is there yet
  bool adversarial_stale = false;
  bool stale = false;
};

/// Clean, adversarial and their difference in lockstep: same map, same query, same patch under the pointer.
class AttentionRow : public QWidget {
  Q_OBJECT

 public:
  static constexpr int kBetween = 16;  ///< px, the views

  explicit AttentionRow(Theme& theme, QWidget* parent = nullptr);
  void show_view(RowView view);
  const PatchView& view(Side side) const { return *views_[static_cast<std::size_t>(side)]; }
  PatchView& view(Side side) { return *views_[static_cast<std::size_t>(side)]; }

 Q_SIGNALS:
  void patch_picked(int patch);
  void patch_hovered(std::optional<int> patch);

 public:
  /// From another row.
  void set_hovered(std::optional<int> patch);

 private:
  void show_side(Side side);
  void update_facts();

  Theme* theme_;
  RowView shown_;
  std::array<PatchView*, 3> views_;
  std::array<std::vector<float>, 3> values_;
  std::optional<int> hovered_;
};

}  // namespace mimir
