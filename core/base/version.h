#pragma once

namespace mimir {

/// "0.1.0"
const char* version();
/// Revision of the source the program was built from, or "unknown".
const char* git_revision();

}  // namespace mimir
