#include "core/base/error.h"

namespace mimir {

const char* error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::defect: return "defect";
    case ErrorCode::usage: return "usage";
    case ErrorCode::input: return "input";
    case ErrorCode::mismatch: return "mismatch";
    case ErrorCode::storage: return "storage";
    case ErrorCode::diverged: return "diverged";
    case ErrorCode::out_of_memory: return "out_of_memory";
    case ErrorCode::stopped: return "stopped";
  }
  return "defect";
}

}  // namespace mimir
