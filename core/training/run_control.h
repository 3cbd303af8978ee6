#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "core/base/stop_token.h"
#include "core/store/control.h"

namespace mimir {

/// What a running trainer can be asked, and what it says of itself. Shared by the run loop, the control socket's
/// thread and the signal handler (which only uses stop()).
class RunControl {
 public:
  StopSource& stop() { return stop_; }
  StopToken stop_token() const { return StopToken(stop_); }

  /// Answers a request of control.sock. Any thread.
  ControlReply handle(const ControlRequest& request);

  // The run loop's side.
  void set_position(const std::string& stage, std::int64_t step, std::int64_t total);
  bool paused() const { return paused_.load(); }
  /// Returns when no longer paused, or when asked to stop, or after 200 ms.
  void wait_while_paused();
  /// Whether a checkpoint was asked for since the last call.
  bool take_checkpoint_request() { return checkpoint_.exchange(false); }

 private:
  StopSource stop_;
  std::atomic<bool> paused_{false};
  std::atomic<bool> checkpoint_{false};
  std::mutex mutex_;  // guards the position
  std::condition_variable changed_;
  std::string stage_;
  std::int64_t step_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace mimir
