#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/base/parameter.h"

namespace mimir {

/// What every registry entry says of itself. `id` is stored in runs and never changes.
struct EntryInfo {
  std::string id;
  std::string label;
  std::string source;                 ///< paper and section
  std::string help;                   ///< one or two sentences: what it does, range and cost where that matters
  std::vector<Parameter> parameters = {};
};

/// Named things of one kind, sorted by id. Filled before main() by the files that implement the entries,
/// read-only afterwards, so reading needs no lock.
///
///     const bool registered = attacks().add({{"pgd", "PGD", "Madry et al. 2018", "…", parameters()}, make_pgd});
template <typename Entry>
class Registry {
 public:
  bool add(Entry entry) {
    std::string id = entry.info.id;
    if (!entries_.emplace(id, std::move(entry)).second) throw std::logic_error("two registry entries named " + id);
    return true;
  }

  /// nullptr if there is none.
  const Entry* find(const std::string& id) const {
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : &found->second;
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> names;
    for (const auto& [id, entry] : entries_) names.push_back(id);
    return names;
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::map<std::string, Entry> entries_;
};

}  // namespace mimir
