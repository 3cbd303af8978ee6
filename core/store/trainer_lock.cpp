#include "core/store/trainer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/base/text.h"
#include "core/store/clock.h"
#include "core/store/file_lock.h"

namespace mimir {
namespace {

/// A reader's look holds the lock for microseconds.
constexpr std::chrono::milliseconds kPatience{300};

/// /proc and trainer.pid: small, and not always of a size that fstat knows.
std::string read_small(int fd) {
  char buffer[512];
  const ssize_t got = ::pread(fd, buffer, sizeof buffer, 0);
  return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
}

std::optional<TrainerInfo> parse_info(const std::string& text) {
  const auto lines = split(text, '\n');
  if (lines.size() < 3) return std::nullopt;
  const auto pid = parse_integer(lines[0]);
  const auto started = parse_number(lines[2]);
  if (!pid || !started) return std::nullopt;
  return TrainerInfo{*pid, lines[1], *started};
}

bool same_file(int fd, const std::filesystem::path& path) {
  struct stat mine {}, named {};
  return ::fstat(fd, &mine) == 0 && ::stat(path.c_str(), &named) == 0 && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

}  // namespace

Expected<TrainerLock> TrainerLock::acquire(const RunFolder& run) {
  const auto path = run.trainer_pid();
  for (;;) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!file.ok()) return fail(ErrorCode::storage, "{} cannot be written: {}", path.string(), storage_reason(errno));
    const int error = lock_exclusively(file.get(), kPatience);
    if (error == EWOULDBLOCK) {
      const auto other = parse_info(read_small(file.get()));
      const std::string who = other ? fmt::format(" (process {} on {})", other->pid, other->host) : "";
      return fail(ErrorCode::storage, "{} already has a trainer{}: stop it first with `mimir stop {}`", run.path().string(), who, run.id());
    }
    if (error != 0) return fail(ErrorCode::storage, "{} cannot be locked: {}", path.string(), storage_reason(error));
    // The one before may have removed the file between our open and our lock.
    if (!same_file(file.get(), path)) continue;

    const std::string text = fmt::format("{}\n{}\n{:.3f}\n", ::getpid(), host_name(), seconds_since_1970());
    int written = ::ftruncate(file.get(), 0) == 0 ? 0 : errno;
    if (written == 0) written = write_all(file.get(), text.data(), text.size());
    if (written != 0) return fail(ErrorCode::storage, "{} cannot be written: {}", path.string(), storage_reason(written));
    return TrainerLock(std::move(file), path);
  }
}

TrainerLock::~TrainerLock() {
  if (file_.ok()) ::unlink(path_.c_str());  // while it is still locked, so it is ours
}

TrainerState inspect_trainer(const RunFolder& run) {
  TrainerState state;
  const Descriptor file(::open(run.trainer_pid().c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return state;
  state.file = true;
  state.info = parse_info(read_small(file.get()));
  if (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) state.held = errno == EWOULDBLOCK;
  return state;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] ? name : "localhost";
}

std::string boot_id() {
  const Descriptor file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  return file.ok() ? std::string(trim(read_small(file.get()))) : std::string();
}

}  // namespace mimir
