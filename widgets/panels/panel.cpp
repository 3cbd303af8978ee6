#include "widgets/panels/panel.h"

#include <algorithm>

namespace mimir {
namespace {

std::vector<PanelEntry>& entries() {
  static std::vector<PanelEntry> all;
  return all;
}

}  // namespace

const std::vector<PanelEntry>& panels() { return entries(); }

bool add_panel(PanelEntry entry) {
  auto& all = entries();
  all.insert(std::upper_bound(all.begin(), all.end(), entry, [](const PanelEntry& a, const PanelEntry& b) { return a.position < b.position; }), entry);
  return true;
}

}  // namespace mimir
