#pragma once

#include <string>

#include "app/mimir/command.h"

namespace mimir {

/// Prints all entries of a registry, or the one of that id with its parameters.
Expected<int> list_registry(const Options& options, const std::string& registry, const std::string& id = {});

}  // namespace mimir
