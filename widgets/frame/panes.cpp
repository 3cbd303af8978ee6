#include "widgets/frame/panes.h"

#include <vector>

namespace mimir {

QWidget* next_pane(QWidget* window, QWidget* from, bool forward, const std::function<QWidget*(QWidget*)>& pane_of) {
  struct Pane {
    QWidget* pane;
    QWidget* first;
  };
  std::vector<Pane> panes;
  for (QWidget* at = window->nextInFocusChain(); at != window; at = at->nextInFocusChain()) {
    if (!(at->focusPolicy() & Qt::TabFocus) || !at->isVisibleTo(window) || !at->isEnabled() || at->window() != window) continue;
    QWidget* pane = pane_of(at);
    const auto same = [pane](const Pane& each) { return each.pane == pane; };
    if (pane && std::none_of(panes.begin(), panes.end(), same)) panes.push_back({pane, at});
  }
  if (panes.empty()) return nullptr;
  QWidget* here = from ? pane_of(from) : nullptr;
  const auto count = static_cast<std::ptrdiff_t>(panes.size());
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    if (panes[static_cast<std::size_t>(i)].pane != here) continue;
    return count == 1 ? nullptr : panes[static_cast<std::size_t>((i + (forward ? 1 : count - 1)) % count)].first;
  }
  return forward ? panes.front().first : panes.back().first;
}

}  // namespace mimir
