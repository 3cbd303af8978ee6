#include "core/store/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/store/descriptor.h"

namespace mimir {

Expected<std::vector<std::byte>> read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return fail(ErrorCode::input, "{} cannot be opened: {}", path.string(), std::strerror(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorCode::input, "{} is not a file", path.string());
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail(ErrorCode::input, "{} cannot be read: {}", path.string(), std::strerror(errno));
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Expected<std::string> read_text(const std::filesystem::path& path) {
  auto bytes = read_file(path);
  if (!bytes) return pass_on(bytes);
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Expected<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  const std::filesystem::path temporary = path.string() + ".part" + std::to_string(::getpid());
  int error = 0;
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file.ok()) return fail(ErrorCode::storage, "{} cannot be written: {}", path.string(), storage_reason(errno));
    error = write_all(file.get(), bytes.data(), bytes.size());
    if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  }
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return fail(ErrorCode::storage, "{} cannot be written: {}", path.string(), storage_reason(error));
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.ok()) ::fsync(directory.get());
  return {};
}

Expected<void> write_file(const std::filesystem::path& path, std::string_view text) {
  return write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

std::filesystem::path data_directory() {
  if (const char* given = std::getenv("MIMIR_DATA_DIR"); given && *given) return given;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return program.parent_path().parent_path() / "share" / "mimir-workbench";
}

}  // namespace mimir
