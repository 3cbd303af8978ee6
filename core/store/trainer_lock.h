#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/store/descriptor.h"
#include "core/store/run_folder.h"

namespace mimir {

/// The three lines of trainer.pid.
struct TrainerInfo {
  std::int64_t pid = 0;
  std::string host;
  double started = 0;  ///< seconds since 1970
};

/// The right to write a run folder, held for the life of the object: trainer.pid, locked with flock. A clean end
/// removes the file; after a crash it stays, and the kernel has let go of the lock.
class TrainerLock {
 public:
  /// `storage` error if another trainer holds it (says who), or the folder cannot be written.
  static Expected<TrainerLock> acquire(const RunFolder& run);
  ~TrainerLock();
  TrainerLock(TrainerLock&&) noexcept = default;
  TrainerLock& operator=(TrainerLock&&) = delete;

 private:
  TrainerLock(Descriptor file, std::filesystem::path path) : file_(std::move(file)), path_(std::move(path)) {}
  Descriptor file_;
  std::filesystem::path path_;
};

/// What a reader can say about a run's trainer. Takes a shared lock for an instant, needs no right to write.
struct TrainerState {
  std::optional<TrainerInfo> info;  ///< none: there is no trainer.pid, or it has no three lines (yet)
  bool file = false;                ///< trainer.pid is there
  bool held = false;                ///< a process holds the lock; only this host's word is certain
};
TrainerState inspect_trainer(const RunFolder& run);

/// This machine's name, as trainer.pid and run.db store it.
std::string host_name();
/// The kernel's id of this start of the machine, or empty; a process id means nothing after another start.
std::string boot_id();

}  // namespace mimir
