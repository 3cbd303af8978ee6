#pragma once

#include "app/mimir/command.h"
#include "core/tensor/device.h"

namespace mimir {

/// What --device, --precision and --threads mean on this machine, by choose_compute().
Expected<Compute> compute_of(const Options& options);

}  // namespace mimir
