#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/metrics.h"
#include "core/base/observer.h"

namespace mimir::store {

// What travels from the threads that report to the thread that writes run.db. All are values; times are seconds
// since 1970, taken where the thing happened.

struct PointJob {
  std::int32_t metric = 0;
  std::int32_t segment = 0;
  std::int64_t step = 0;
  double time = 0;
  double value = 0;
};

struct NewMetric {
  std::int32_t id = 0;
  MetricInfo info;
};
struct BeginSegment {
  std::int32_t id = 0;
  std::string stage;
  std::int64_t first_step = 0;
  std::int64_t total = 0;
  double time = 0;
};
struct SegmentChange {
  std::int32_t id = 0;
  std::string state;
};
struct EndSegment {
  std::int32_t id = 0;
  std::string stage;
  std::string state;  ///< of the segment and of the stage
  std::optional<std::string> code;
  std::optional<std::string> reason;
  double time = 0;
};
struct EventJob {
  double time = 0;
  std::string stage;
  std::int64_t step = 0;
  std::string kind;
  Level level = Level::info;
  std::string message;
};
struct MediaJob {
  std::string stage;
  std::int64_t step = 0;
  std::string what;
  std::string path;
};
struct CheckpointJob {
  std::string stage;
  std::int64_t step = 0;
  std::string kind;
  std::string path;
};

using Job = std::variant<NewMetric, BeginSegment, SegmentChange, EndSegment, EventJob, MediaJob, CheckpointJob>;

struct LogLine {
  double time = 0;
  Level level = Level::info;
  std::string text;
};

/// One transaction. Jobs come before points: a point's metric and segment are among them or already stored.
struct Batch {
  std::vector<Job> jobs;
  std::vector<PointJob> points;
  bool empty() const { return jobs.empty() && points.empty(); }
};

struct Heartbeat {
  double time = 0;
  std::optional<Progress> progress;  ///< none before the first
  double memory = 0;                 ///< MiB resident
};

inline const char* level_name(Level level) {
  return level == Level::info ? "info" : level == Level::warning ? "warning" : "error";
}

}  // namespace mimir::store
