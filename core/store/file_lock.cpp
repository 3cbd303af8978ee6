#include "core/store/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <thread>

namespace mimir {

int lock_exclusively(int fd, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
    if (errno != EINTR && errno != EWOULDBLOCK) return errno;
    if (std::chrono::steady_clock::now() >= deadline) return EWOULDBLOCK;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Expected<FileLock> FileLock::acquire(const std::filesystem::path& path, std::chrono::milliseconds patience) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!file.ok()) return fail(ErrorCode::storage, "{} cannot be written: {}", path.string(), storage_reason(errno));
  const int error = lock_exclusively(file.get(), patience);
  if (error == EWOULDBLOCK) return fail(ErrorCode::storage, "{} is locked by another program: try again", path.string());
  if (error != 0) return fail(ErrorCode::storage, "{} cannot be locked: {}", path.string(), storage_reason(error));
  return FileLock(std::move(file));
}

}  // namespace mimir
