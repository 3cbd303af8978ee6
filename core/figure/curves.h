#pragma once

#include "core/base/error.h"
#include "core/figure/figure.h"
#include "core/store/run_reader.h"

namespace mimir {

/// The run's essential curves as small plots, two a row: losses, information, reconstruction under attack, accuracies,
/// learning rate and speed, each only if it was recorded. A `storage` error comes from the reader.
Expected<Figure> curves_figure(RunReader& reader);

/// curves_figure as <run>/curves.svg.
Expected<void> write_curves(const RunFolder& run);

}  // namespace mimir
