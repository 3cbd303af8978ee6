#pragma once

#include <chrono>

namespace mimir {

/// Wall clock as run.db stores it: seconds since 1970.
inline double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace mimir
