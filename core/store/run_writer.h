#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/base/observer.h"
#include "core/store/run_folder.h"
#include "core/store/run_job.h"
#include "core/store/run_state.h"

namespace mimir {

struct RunWriterOptions {
  std::chrono::milliseconds commit_every{125};    ///< half of what may be lost, for a commit takes time as well
  std::chrono::milliseconds heartbeat_every{1000};
  std::chrono::milliseconds lock_timeout{10000};  ///< another program's lock on run.db that is waited for
  std::size_t queue_limit = 1 << 20;              ///< points in memory before scalar() waits for the disk
};

/// Records a run: run.db and log.txt of one run folder, whose TrainerLock the caller holds.
/// Every call only queues a value (a microsecond, any thread, no exception); one thread owns the database and
/// commits a batch at a time. A process killed at any moment leaves an openable database that lacks 250 ms at most.
///
/// Where the store fails (full, locked, damaged) the work goes on and failure() says so; what was not written yet
/// is kept, up to queue_limit points, and tried again once a second. Whoever trains asks failure() and ends.
class RunWriter final : public Observer {
 public:
  /// Creates or continues run.db with a row for each of `stages` (see stage_names()). `storage` error if that
  /// cannot be, `input` error if run.db is of a newer version.
  static Expected<std::unique_ptr<RunWriter>> open(const RunFolder& run, const std::vector<std::string>& stages,
                                                   RunWriterOptions options = {});
  ~RunWriter() override;  ///< as close()

  // What work reports. Points outside a segment and metrics that nobody declared are a defect: dropped, and
  // failure() says it.
  void progress(const Progress& progress) override;
  void scalar(std::string_view name, std::int64_t step, double value) override;
  void picture(std::string_view stage, std::int64_t step, std::string_view what, std::string_view path) override;
  void message(Level level, std::string_view kind, std::string_view text) override;

  // What the run loop reports.
  /// Opens a segment (state starting) and marks the stage running. `total`: steps of the stage. A segment that is
  /// still open is ended as finished. After a resume, `first_step` is the checkpoint's step: points of earlier
  /// segments from there on stay, and readers know that they are superseded.
  std::int32_t begin_segment(std::string_view stage, std::int64_t first_step, std::int64_t total);
  /// running, paused or stopping.
  void set_state(SegmentState state);
  /// finished, stopped or failed, for segment and stage; `why` for the last two.
  void end_segment(SegmentState state, const std::optional<Error>& why = std::nullopt);
  /// `kind`: last, best, step; `path` relative to the run folder.
  void checkpoint(std::string_view stage, std::int64_t step, std::string_view kind, std::string_view path);
  /// A line of log.txt that is no event.
  void log(Level level, std::string_view text);

  /// Blocks until all that was queued before is committed and on the disk, or could not be. At an epoch's end,
  /// before a checkpoint, on a signal (from a thread, not from the handler).
  Expected<void> flush();
  /// Writes what is queued, makes run.db one plain file and ends the thread. Later calls record nothing.
  Expected<void> close();
  /// The first thing that went wrong; a run cannot be trusted to be recorded after it.
  std::optional<Error> failure() const;

 private:
  class Thread;  // the writing side, in run_writer_thread.cpp
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  RunWriter(const RunFolder& run, RunWriterOptions options) : run_(run), options_(options) {}
  std::int32_t find_or_add_metric(std::string_view name);
  void end_open_segment(SegmentState state, const std::optional<Error>& why);
  void keep_failure(Error error);

  const RunFolder run_;
  const RunWriterOptions options_;
  std::thread thread_;

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable wake_;     // the writing thread waits here
  std::condition_variable written_;  // flush() and a full queue wait here
  store::Batch incoming_;
  std::vector<store::LogLine> log_;
  std::optional<Progress> progress_;
  std::unordered_map<std::string, std::int32_t, NameHash, std::equal_to<>> metric_ids_;  // 0: not declared
  std::int32_t next_metric_ = 1;
  std::int32_t next_segment_ = 1;
  std::int32_t segment_ = 0;  // 0: none open
  std::string stage_;
  std::optional<Error> failure_;
  std::uint64_t flush_wanted_ = 0;     // tickets of flush()
  std::uint64_t flush_tried_ = 0;
  std::uint64_t flush_committed_ = 0;
  bool stop_ = false;
};

}  // namespace mimir
