#pragma once

#include <cstdint>
#include <functional>

#include "core/base/error.h"
#include "core/base/stop_token.h"

namespace mimir {

/// Calls work(i) once for each i in 0 … count-1 on all cores and waits. What work(i) writes must be its own. Ends early
/// at the first failure and returns the one of the smallest i that failed, so that the same damage is always told in the
/// same words; `stopped` if the token cancels. An exception of work is thrown again here.
Expected<void> for_each_parallel(std::int64_t count, const std::function<Expected<void>(std::int64_t)>& work, StopToken stop = {});

}  // namespace mimir
