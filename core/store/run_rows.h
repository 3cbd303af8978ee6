#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/metrics.h"
#include "core/store/run_state.h"

namespace mimir {

// The rows of run.db as values. Times are seconds since 1970; paths are relative to the run folder.

struct StageRow {
  std::string name;
  std::int64_t total = 0;  ///< steps; 0 until it has begun
  StageState state = StageState::waiting;
  std::optional<double> started;
  std::optional<double> ended;
};

struct SegmentRow {
  std::int32_t id = 0;
  std::string stage;
  std::int64_t first_step = 0;
  double started = 0;
  std::optional<double> ended;  ///< none: it is running, or its trainer died
  SegmentState state = SegmentState::starting;
  std::optional<std::string> code;    ///< an ErrorCode's name, or "lost"
  std::optional<std::string> reason;
  std::int64_t pid = 0;
  std::string host;
  std::string boot;
};

struct HeartbeatRow {
  double time = 0;
  std::string stage;
  std::int64_t epoch = 0;
  std::int64_t step = 0;
  std::int64_t total = 0;
  std::optional<double> rate;    ///< images/s
  std::optional<double> eta;     ///< s, of the stage
  std::optional<double> memory;  ///< MiB
};

struct EventRow {
  std::int64_t id = 0;
  double time = 0;
  std::string stage;  ///< empty: none
  std::int64_t step = 0;
  std::string kind;
  std::string level;  ///< info, warning, error
  std::string message;
};

struct MediaRow {
  std::string stage;
  std::int64_t step = 0;
  std::string what;
  std::string path;
};

struct CheckpointRow {
  std::string stage;
  std::int64_t step = 0;
  std::string kind;  ///< last, best, step
  std::string path;
  bool operator==(const CheckpointRow&) const = default;
};

/// `value` is NaN or infinite where the run recorded that.
struct Point {
  std::int32_t segment = 0;
  std::int64_t step = 0;
  double time = 0;
  double value = 0;
};

/// The last point that was seen; the default one is before all.
struct PointCursor {
  std::int32_t segment = 0;
  std::int64_t step = -1;
};

struct MetricSummary {
  MetricInfo info;
  double last = 0;             ///< of the newest segment's highest step; may be NaN or infinite
  std::optional<double> best;  ///< finite; none where no direction is better, or nothing was finite
  std::int64_t points = 0;     ///< neither `best` nor this counts what a resume has replaced
};

/// Leaves out what a resume from an earlier step has replaced: points of a segment at or behind the first step of
/// a later segment of the same stage. `points` are of one metric, in the order of segment and step, and stay so.
std::vector<Point> without_superseded(const std::vector<Point>& points, const std::vector<SegmentRow>& segments);

}  // namespace mimir
