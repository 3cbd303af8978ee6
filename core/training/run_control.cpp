#include "core/training/run_control.h"

#include <chrono>

namespace mimir {

ControlReply RunControl::handle(const ControlRequest& request) {
  switch (request.command) {
    case ControlCommand::stop: stop_.request(request.when == Stop::none ? Stop::after_step : request.when); break;
    case ControlCommand::pause: paused_ = true; break;
    case ControlCommand::unpause: paused_ = false; break;
    case ControlCommand::checkpoint: checkpoint_ = true; break;
    case ControlCommand::status: break;
  }
  ControlReply reply;
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
  reply.state = stop_.level() != Stop::none ? "stopping" : paused_ ? "paused" : "running";
  reply.stage = stage_;
  reply.step = step_;
  reply.total = total_;
  return reply;
}

void RunControl::set_position(const std::string& stage, std::int64_t step, std::int64_t total) {
  const std::lock_guard lock(mutex_);
  stage_ = stage;
  step_ = step;
  total_ = total;
}

void RunControl::wait_while_paused() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(200), [this] { return !paused_ || stop_.level() != Stop::none; });
}

}  // namespace mimir
