#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/base/error.h"
#include "core/base/stop_token.h"
#include "core/store/descriptor.h"
#include "core/store/run_folder.h"

namespace mimir {

enum class ControlCommand { stop, pause, unpause, checkpoint, status };
const char* control_command_name(ControlCommand command);

/// {"id":1,"command":"stop","when":"step|epoch|now"}
struct ControlRequest {
  std::int64_t id = 0;
  ControlCommand command = ControlCommand::status;
  Stop when = Stop::after_step;  ///< of stop
};

/// {"id":1,"ok":true,"state":"stopping","step":57} or {"id":1,"ok":false,"message":"…"}
struct ControlReply {
  bool ok = true;
  std::string message;  ///< why not, or more about it; left out if empty
  std::string state;    ///< of the segment: running, stopping, …; left out if empty
  std::string stage;    ///< left out if empty
  std::optional<std::int64_t> epoch = std::nullopt;
  std::optional<std::int64_t> step = std::nullopt;
  std::optional<std::int64_t> total = std::nullopt;

  static ControlReply refusal(std::string message) {
    ControlReply reply;
    reply.ok = false;
    reply.message = std::move(message);
    return reply;
  }
};

/// Called on the server's thread, one request at a time; must answer soon, so it sets flags and does no work.
using ControlHandler = std::function<ControlReply(const ControlRequest&)>;

/// The trainer's end of control.sock. Listens from start() until destroyed, on a thread of its own; removes the
/// socket then. The caller holds the run's TrainerLock, so a socket file found there is a dead one and replaced.
/// Nonsense is answered with ok:false; nothing a client sends or leaves unsaid stops the server.
class ControlServer {
 public:
  /// `storage` error if the socket cannot be made.
  static Expected<std::unique_ptr<ControlServer>> start(const RunFolder& run, ControlHandler handler);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  ControlServer() = default;
  void serve();

  ControlHandler handler_;
  Descriptor folder_;    // a socket's path ends at 107 bytes; through /proc/self/fd/N it is always short
  Descriptor listener_;
  Descriptor wake_;      // eventfd: written once, by the destructor
  std::thread thread_;
};

/// Asks the trainer of `run` and waits for its answer. `input` error if no trainer listens there; `storage` error
/// if it does not answer within `timeout`. A refusal (ok false) is an answer, not an error.
Expected<ControlReply> send_control(const RunFolder& run, const ControlRequest& request,
                                    std::chrono::milliseconds timeout = std::chrono::seconds(5));

}  // namespace mimir
