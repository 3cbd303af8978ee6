#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/store/run_folder.h"

namespace mimir {

/// What people say about a run; it travels with the folder in annotations.json.
struct Annotations {
  std::string name;               ///< empty: the folder's
  std::vector<std::string> tags;
  std::string note;
  bool star = false;
  std::string colour;             ///< index into the palette ("3") or "#rrggbb"; empty: not chosen yet
  bool trash = false;             ///< hidden, and may be deleted
  bool operator==(const Annotations&) const = default;
};

/// A missing file gives the defaults. `storage` error if the file is damaged.
Expected<Annotations> read_annotations(const RunFolder& run);

/// Reads, lets `change` edit, and replaces the file whole, under a lock of its own (waits 5 s at most), so two
/// programs never lose each other's change. Keys that this version does not know are kept. A damaged file is
/// an error and stays as it is. Returns what was written.
Expected<Annotations> change_annotations(const RunFolder& run, const std::function<void(Annotations&)>& change);

}  // namespace mimir
