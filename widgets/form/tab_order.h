#pragma once

#include <QList>

class QWidget;

namespace mimir {

/// Tab goes through these parts in this order, and within each through what it holds in the order of its making. What is made later
/// comes last until this is said again.
void set_tab_order(const QList<QWidget*>& parts);

/// Lists and closed combo boxes search by letters; these keys, which are the place's own, they leave to it.
void pass_on_keys(QWidget& place, const QList<int>& keys);

}  // namespace mimir
