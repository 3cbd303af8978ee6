#pragma once

#include <string>

#include "app/mimir/command.h"

namespace mimir {

/// What --device means on this machine: "cpu", "cuda" or "cuda:N". auto takes CUDA where there is one. Also
/// sets libtorch's threads by --threads. `usage` error for another word, `input` error for a device that is not there.
Expected<std::string> choose_device(const Options& options);

}  // namespace mimir
