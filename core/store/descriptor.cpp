#include "core/store/descriptor.h"

#include <cerrno>
#include <cstring>

namespace mimir {

std::string storage_reason(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return "the disk is full";
    case EFBIG: return "the file would become larger than the system allows";
    case EROFS: return "the file system is read-only";
    case EACCES:
    case EPERM: return "there is no permission to write there";
    case ENOENT: return "the folder does not exist";
    case ENOTDIR: return "a part of the path is not a folder";
    default: return std::strerror(error);
  }
}

int write_all(int fd, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(fd, bytes, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return 0;
}

}  // namespace mimir
