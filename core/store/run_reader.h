#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/store/run_condition.h"
#include "core/store/run_folder.h"
#include "core/store/run_rows.h"

namespace mimir {

namespace store {
class RunConnection;
}

/// Reads one run, also while a trainer writes it and on read-only media; never writes. One thread at a time.
/// A run without run.db (queued, or its trainer has just begun) reads as empty. Every function returns a `storage`
/// error with one sentence if run.db is damaged, an `input` error if a newer version of the program wrote it.
class RunReader {
 public:
  explicit RunReader(const RunFolder& run);
  ~RunReader();
  RunReader(RunReader&&) noexcept;

  const RunFolder& run() const { return run_; }

  Expected<RunCondition> condition();           ///< by this machine's clock and name
  Expected<RunCondition> condition(double now, const std::string& host);

  Expected<std::vector<StageRow>> stages();
  Expected<std::vector<SegmentRow>> segments();  ///< the oldest first
  Expected<std::optional<HeartbeatRow>> heartbeat();
  Expected<std::vector<EventRow>> events(std::int64_t after_id = 0);
  Expected<std::vector<MediaRow>> media();
  Expected<std::vector<CheckpointRow>> checkpoints();

  /// In the order in which they were first recorded.
  Expected<std::vector<MetricInfo>> metrics();
  /// Counts all points: 0.1 s for a million.
  Expected<std::vector<MetricSummary>> summaries();
  /// Only the last value of each metric: a lookup each, whatever the length.
  Expected<std::map<std::string, double>> last_values();
  /// Points of one metric behind `after`, in the order of segment and step, `limit` at most; for tailing, pass the
  /// last one seen. Empty if there is no such metric.
  Expected<std::vector<Point>> points(std::string_view metric, PointCursor after = {},
                                      std::size_t limit = std::numeric_limits<std::size_t>::max());

  /// About `count` points of one metric, spread evenly over its steps, the first and the last among them, without what a
  /// resume has replaced: a few lookups each, whatever the length. For pictures too small for all points.
  Expected<std::vector<Point>> samples(std::string_view metric, std::size_t count);

  /// Closes the database until the next question. Whoever tails a run rests between two passes, so that a trainer
  /// that ends can make one plain file of it.
  void rest();

 private:
  /// Opens if need be, runs `work` on the connection, and turns what SQLite throws into an Error. `T()` without a run.db.
  template <typename T>
  Expected<T> ask(const std::function<T(store::RunConnection&)>& work);

  RunFolder run_;
  std::unique_ptr<store::RunConnection> connection_;
};

}  // namespace mimir
