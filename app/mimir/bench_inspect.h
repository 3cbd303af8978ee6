#pragma once

#include "app/mimir/command.h"

namespace mimir {

/// `mimir bench inspect`: how long what the window shows of a model takes, with random weights, through the code that
/// answers the window.
Expected<int> bench_inspect(const Options& options);

}  // namespace mimir
