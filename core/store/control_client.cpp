#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "core/store/control_message.h"
#include "core/store/control_socket.h"

namespace mimir {

namespace store {

Expected<Descriptor> open_folder(const RunFolder& run) {
  Descriptor folder(::open(run.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok()) return fail(ErrorCode::input, "{} cannot be opened: {}", run.path().string(), std::strerror(errno));
  return folder;
}

sockaddr_un socket_address(const Descriptor& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", folder.get(), kSocketName);
  static_assert(sizeof address.sun_path > 64);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

}  // namespace store

namespace {

using Clock = std::chrono::steady_clock;

/// False when `deadline` has passed first.
bool wait_for(const Descriptor& socket, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left < 0) return false;
    pollfd waiting{socket.get(), events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0) return false;
  }
}

}  // namespace

Expected<ControlReply> send_control(const RunFolder& run, const ControlRequest& request, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  auto folder = store::open_folder(run);
  if (!folder) return pass_on(folder);
  const auto silent = [&] {
    return fail(ErrorCode::storage, "the trainer of {} does not answer; is its machine busy? Try again", run.path().string());
  };
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.ok()) return fail(ErrorCode::storage, "a socket cannot be made: {}", std::strerror(errno));
  const sockaddr_un address = store::socket_address(*folder);
  while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN) {  // EAGAIN: its queue of callers is full
      return fail(ErrorCode::input, "{} is not being trained: no trainer listens there ({})", run.path().string(), std::strerror(errno));
    }
    if (Clock::now() >= deadline) return silent();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const std::string line = store::write_request(request) + "\n";
  if (::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) return silent();
  std::string received;
  while (received.find('\n') == std::string::npos) {
    if (!wait_for(socket, POLLIN, deadline)) return silent();
    char buffer[4096];
    const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0 || received.size() > 1 << 20) {
      return fail(ErrorCode::input, "the trainer of {} ended before it answered", run.path().string());
    }
    received.append(buffer, static_cast<std::size_t>(got));
  }
  return store::parse_reply(std::string_view(received).substr(0, received.find('\n')));
}

}  // namespace mimir
