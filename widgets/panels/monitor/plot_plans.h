#pragma once

#include <QList>
#include <QString>

#include "core/base/metrics.h"
#include "widgets/session/run_library.h"

namespace mimir {

/// One plot of a layout: a metric, or the same on clean and on adversarial images.
struct PlotPlan {
  QString title;
  QString caption;      ///< unit or what it is
  QString metric;       ///< "pretrain/probe/renyi_clean", without a pair the one metric
  QString adversarial;  ///< empty: no pair
  bool per_epoch = false;
  bool exact = false;   ///< follows a schedule: nothing to smooth
  bool operator==(const PlotPlan&) const = default;
};

enum class PlotLayout { essentials, information, robustness, speed, all };

/// The plots of a layout for one stage. Metrics that a stage never records are not in its plans; those that the run has
/// not recorded yet are, except in `all`, which lists what `record` has (nullptr: nothing).
QList<PlotPlan> plot_plans(PlotLayout layout, const QString& stage, const RunRecord* record);

}  // namespace mimir
