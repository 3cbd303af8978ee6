#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "core/base/error.h"
#include "core/store/descriptor.h"

namespace mimir {

/// flock(2) on a file of its own, held until destroyed. The file stays: removing it would let two processes
/// hold locks on two files of one name.
class FileLock {
 public:
  /// Makes the file if need be and waits for the lock at most `patience`.
  /// `storage` error if the file cannot be made, or is still held by another process.
  static Expected<FileLock> acquire(const std::filesystem::path& path, std::chrono::milliseconds patience);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

/// Tries for an exclusive lock on an open file until `patience` is over; 0 or the errno (EWOULDBLOCK: held).
int lock_exclusively(int fd, std::chrono::milliseconds patience);

}  // namespace mimir
