#pragma once

#include <filesystem>

#include "core/base/error.h"
#include "core/tensor/device.h"

namespace mimir {

/// Answers frames from the descriptor `in` on `out` until `in` ends; docs/WORKER.md. Two threads: the caller's reads and
/// takes cancellations, one of its own computes. Blocks. Returns the exit code: 0, or an `input` error after a frame that
/// cannot be cut out of the stream (it has been answered too), or `storage` where the answers cannot be written.
Expected<void> serve(int in, int out, const Compute& compute, const std::filesystem::path& workspace);

}  // namespace mimir
