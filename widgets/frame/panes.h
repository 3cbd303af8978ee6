#pragma once

#include <QWidget>
#include <functional>

namespace mimir {

/// The stop of the keyboard at which the next pane begins, or the previous one's beginning; nullptr: there is only one
/// pane. `from` may be nullptr. `pane_of` says to which part of the window a widget belongs, nullptr for none; the panes
/// come in the order of Tab.
QWidget* next_pane(QWidget* window, QWidget* from, bool forward, const std::function<QWidget*(QWidget*)>& pane_of);

}  // namespace mimir
