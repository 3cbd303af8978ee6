#pragma once

#include <QString>

#include "core/base/error.h"
#include "core/figure/figure.h"

class QWidget;

namespace mimir {

class Session;

/// Asks where and writes the figure as SVG, PDF or PNG; `name` is what is proposed. What goes wrong is said by the session.
void save_figure(QWidget* parent, Session& session, const Expected<Figure>& figure, const QString& name);

}  // namespace mimir
