#include "widgets/panels/reconstruction/mask_edit.h"

#include <QCoreApplication>
#include <algorithm>

#include "core/base/draws.h"

namespace mimir {

std::vector<bool> with_ratio(std::vector<bool> removed, double ratio, int seed) {
  const auto patches = static_cast<std::int64_t>(removed.size());
  // As training counts: L − int(L (1 − ratio)).
  const std::int64_t wanted = patches - static_cast<std::int64_t>(static_cast<double>(patches) * (1 - ratio));
  auto order = PhiloxDraws(static_cast<std::uint64_t>(seed)).order({Purpose::mask}, patches);
  std::int64_t count = std::count(removed.begin(), removed.end(), true);
  for (const std::int64_t patch : order) {
    if (count < wanted && !removed[static_cast<std::size_t>(patch)]) removed[static_cast<std::size_t>(patch)] = true, ++count;
  }
  std::reverse(order.begin(), order.end());
  for (const std::int64_t patch : order) {
    if (count > wanted && removed[static_cast<std::size_t>(patch)]) removed[static_cast<std::size_t>(patch)] = false, --count;
  }
  return removed;
}

MaskEdit::MaskEdit(QWidget* owner, MaskChoice before, MaskChoice after, int gesture, std::function<void(const MaskChoice&)> apply)
    : owner_(owner), before_(std::move(before)), after_(std::move(after)), gesture_(gesture), apply_(std::move(apply)) {
  name();
}

void MaskEdit::name() {
  int changed = 0;
  if (before_.edited && after_.edited && before_.edited->size() == after_.edited->size()) {
    for (std::size_t i = 0; i < before_.edited->size(); ++i) changed += (*before_.edited)[i] != (*after_.edited)[i] ? 1 : 0;
  }
  setText(changed > 0 ? QCoreApplication::translate("mimir::MaskEdit", "mask of %n patches", nullptr, changed) : QCoreApplication::translate("mimir::MaskEdit", "another mask"));
}

bool MaskEdit::mergeWith(const QUndoCommand* other) {
  const auto* edit = static_cast<const MaskEdit*>(other);
  if (edit->owner_ != owner_ || edit->gesture_ != gesture_) return false;
  after_ = edit->after_;
  name();
  return true;
}

}  // namespace mimir
