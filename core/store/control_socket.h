#pragma once

#include <sys/un.h>

#include "core/base/error.h"
#include "core/store/descriptor.h"
#include "core/store/run_folder.h"

namespace mimir::store {

inline constexpr const char* kSocketName = "control.sock";

/// The run folder, opened only as a place. `input` error if it is not there.
Expected<Descriptor> open_folder(const RunFolder& run);

/// Address of control.sock inside an open folder, short whatever the folder's own path is. Valid in this process
/// and as long as `folder` is open.
sockaddr_un socket_address(const Descriptor& folder);

}  // namespace mimir::store
