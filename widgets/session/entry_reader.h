#pragma once

#include <array>
#include <cstdint>

#include "widgets/session/run_library.h"

namespace mimir {

/// What tells that a file is another one than before.
struct FileStamp {
  std::uint64_t inode = 0;  ///< 0: there is no such file
  std::int64_t size = 0;
  std::int64_t modified = 0;  ///< nanoseconds since 1970
  bool operator==(const FileStamp&) const = default;
};
FileStamp stamp_of(const std::filesystem::path& path);

/// Of everything that an entry is read from; equal stamps mean that it need not be read again.
struct RunStamp {
  std::array<FileStamp, 6> files;
  bool operator==(const RunStamp&) const = default;
};
RunStamp stamp_of(const RunFolder& run);

/// All that a table shows of a run. Never fails: what cannot be read is said in `problem`. Blocks on files.
RunEntry read_entry(const RunFolder& run, const QString& id);

/// Whether a trainer may change it by the passing of time alone.
bool unfinished(const RunEntry& entry);

/// Equal in all that is shown; NaN equals NaN.
bool same_entry(const RunEntry& a, const RunEntry& b);

}  // namespace mimir
