#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "core/store/control_message.h"
#include "core/store/control_socket.h"

namespace mimir {
namespace {

constexpr std::size_t kMostClients = 32;
constexpr std::size_t kLongestLine = 64 * 1024;

struct Client {
  Descriptor socket;
  std::string received;  ///< less than a line
};

std::string answer(const ControlHandler& handler, std::string_view line) {
  const std::string id = store::request_id(line);
  const auto request = store::parse_request(line);
  if (!request) return store::write_reply(ControlReply::refusal(request.error().message), id);
  try {
    return store::write_reply(handler(*request), id);
  } catch (const std::exception& exception) {
    return store::write_reply(ControlReply::refusal(exception.what()), id);
  }
}

/// Replies are far shorter than a socket's buffer; a client that does not read them is let go.
bool reply(const Client& client, std::string line) {
  line += '\n';
  return ::send(client.socket.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(line.size());
}

/// Reads what is there and answers every whole line. False: let the client go.
bool serve_client(Client& client, const ControlHandler& handler) {
  char buffer[4096];
  const ssize_t got = ::recv(client.socket.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) {  // a last line may lack its end
    if (!client.received.empty()) reply(client, answer(handler, client.received));
    return false;
  }
  client.received.append(buffer, static_cast<std::size_t>(got));
  std::size_t end;
  while ((end = client.received.find('\n')) != std::string::npos) {
    const std::string line = client.received.substr(0, end);
    client.received.erase(0, end + 1);
    if (!reply(client, answer(handler, line))) return false;
  }
  if (client.received.size() <= kLongestLine) return true;
  reply(client, store::write_reply(ControlReply::refusal("the request is too long"), "null"));
  return false;
}

}  // namespace

Expected<std::unique_ptr<ControlServer>> ControlServer::start(const RunFolder& run, ControlHandler handler) {
  const auto refuse = [&] {
    return fail(ErrorCode::storage, "{} cannot be made: {}", run.control_socket().string(), storage_reason(errno));
  };
  std::unique_ptr<ControlServer> server(new ControlServer);
  auto folder = store::open_folder(run);
  if (!folder) return fail(ErrorCode::storage, "{}", folder.error().message);
  server->handler_ = std::move(handler);
  server->folder_ = std::move(*folder);
  server->wake_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
  server->listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!server->wake_.ok() || !server->listener_.ok()) return refuse();
  ::unlinkat(server->folder_.get(), store::kSocketName, 0);  // a dead trainer's
  const sockaddr_un address = store::socket_address(server->folder_);
  if (::bind(server->listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return refuse();
  // Whoever may write the run may control it, and nobody else.
  if (::chmod(address.sun_path, 0600) != 0 || ::listen(server->listener_.get(), 8) != 0) return refuse();
  server->thread_ = std::thread([raw = server.get()] { raw->serve(); });
  return server;
}

ControlServer::~ControlServer() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    static_cast<void>(write_all(wake_.get(), &one, sizeof one));
    thread_.join();
    ::unlinkat(folder_.get(), store::kSocketName, 0);
  }
}

void ControlServer::serve() {
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the main thread's
  std::vector<Client> clients;
  for (;;) {
    std::vector<pollfd> waiting = {{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Client& client : clients) waiting.push_back({client.socket.get(), POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;  // EINTR
    if (waiting[0].revents) return;
    for (std::size_t i = clients.size(); i-- > 0;) {
      if (waiting[i + 2].revents && !serve_client(clients[i], handler_)) clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (waiting[1].revents) {
      Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (socket.ok()) {
        if (clients.size() == kMostClients) clients.erase(clients.begin());  // the oldest has had its time
        clients.push_back({std::move(socket), {}});
      }
    }
  }
}

}  // namespace mimir
