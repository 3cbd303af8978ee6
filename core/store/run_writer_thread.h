#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/store/descriptor.h"
#include "core/store/run_writer.h"

namespace mimir {

namespace store {
class RunDatabase;
}

/// The writing side of a RunWriter; lives on its thread only. No exception leaves run().
class RunWriter::Thread {
 public:
  explicit Thread(RunWriter& writer);
  ~Thread();
  /// Answers `opened` once, then writes until the RunWriter is closed.
  void run(const std::vector<std::string>& stages, std::promise<Expected<void>>& opened);

 private:
  using Clock = std::chrono::steady_clock;
  Expected<void> open(const std::vector<std::string>& stages);
  /// One turn: takes what is queued, writes it. False when the queue is closed and all was tried.
  bool turn();
  void write_log(std::vector<store::LogLine>& lines);
  void take(store::Batch& incoming);
  void report(Error error);

  RunWriter& writer_;
  std::unique_ptr<store::RunDatabase> database_;
  Descriptor log_file_;
  store::Batch pending_;              ///< taken from the queue, not committed yet
  std::optional<Progress> progress_;
  Clock::time_point next_commit_;
  Clock::time_point next_heartbeat_;
};

}  // namespace mimir
