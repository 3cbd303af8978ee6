#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/registry.h"
#include "core/base/schema.h"

namespace mimir {

/// An entry without its factory, and what its registry says of it besides (an attack's norms).
struct ListedEntry {
  EntryInfo info;
  nlohmann::json extra = nlohmann::json::object();
};

struct ListedRegistry {
  std::string name;  ///< "attacks"
  std::string help;
  std::vector<ListedEntry> entries = {};  ///< sorted by id
};

/// All registries of the program, in the order of the folders of core.
const std::vector<ListedRegistry>& all_registries();

/// What validate() checks names against.
RegistryNames registry_names();

/// The parameter's own choices, or the ids of the registry that it names.
std::vector<std::string> choices_of(const Parameter& parameter);

/// {id, label, source, help, parameters}, and the entry's extra keys.
nlohmann::json entry_json(const ListedEntry& entry);

}  // namespace mimir
