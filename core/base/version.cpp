#include "core/base/version.h"

#include "mimir_version.h"

namespace mimir {

const char* version() { return MIMIR_VERSION; }
const char* git_revision() { return MIMIR_GIT_REVISION; }

}  // namespace mimir
