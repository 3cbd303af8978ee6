#include "widgets/session/record_tail.h"

#include <algorithm>
#include <tuple>

#include "core/store/clock.h"

namespace mimir {
namespace {

constexpr std::size_t kPointsARead = 100'000;  // about 0.1 s
constexpr double kClockGrain = 2;  // s: a change may carry the same time as one that was seen

auto tied(const MetricInfo& info) { return std::tie(info.name, info.unit, info.direction, info.help); }
auto tied(const MediaRow& row) { return std::tie(row.stage, row.step, row.what, row.path); }
auto tied(const CheckpointRow& row) { return std::tie(row.stage, row.step, row.kind, row.path); }
auto tied(const SegmentRow& row) {
  return std::tie(row.id, row.stage, row.first_step, row.started, row.ended, row.state, row.code, row.reason, row.pid, row.host, row.boot);
}

/// Replaces `old` where `read` has something else.
template <typename Row>
bool renew(std::vector<Row>& old, Expected<std::vector<Row>> read) {
  if (!read || std::equal(old.begin(), old.end(), read->begin(), read->end(), [](const Row& a, const Row& b) { return tied(a) == tied(b); })) return false;
  old = std::move(*read);
  return true;
}

}  // namespace

void RecordTail::forget() {
  points_.clear();
  record_.reset();
  reader_.rest();
}

bool RecordTail::read_rows(RunRecord& next) {
  bool grown = false;
  if (const auto metrics = reader_.metrics()) {
    for (const MetricInfo& info : *metrics) {
      const auto [at, added] = next.metrics.try_emplace(info.name, info);
      if (!added && tied(at->second) == tied(info)) continue;
      at->second = info;
      grown = true;
    }
  }
  grown = renew(next.segments, reader_.segments()) || grown;
  grown = renew(next.media, reader_.media()) || grown;
  grown = renew(next.checkpoints, reader_.checkpoints()) || grown;
  if (const auto events = reader_.events(next.events.empty() ? 0 : next.events.back().id); events && !events->empty()) {
    next.events.insert(next.events.end(), events->begin(), events->end());
    grown = true;
  }
  return grown;
}

bool RecordTail::read_points(RunRecord& next, const std::atomic<bool>& stop) {
  bool grown = false;
  for (const auto& [name, info] : next.metrics) {
    PointLog& log = points_[name];
    bool more = true;
    while (more && !stop) {
      const auto points = reader_.points(name, log.cursor(), kPointsARead);
      more = points && points->size() == kPointsARead;
      if (!points || points->empty()) continue;
      log.append(*points);
      next.points[name] = log.series();
      grown = true;
    }
  }
  return grown;
}

bool RecordTail::advance(const std::atomic<bool>& stop) {
  const FileStamp database = stamp_of(run_.database());
  const FileStamp log = stamp_of(run_.database().string() + "-wal");
  if (record_ && settled_ && database == database_ && log == log_) return false;
  if (database_.inode != 0 && database.inode != database_.inode) forget();
  database_ = database;
  log_ = log;
  settled_ = seconds_since_1970() - static_cast<double>(std::max(database.modified, log.modified)) * 1e-9 > kClockGrain;

  auto next = record_ ? std::make_shared<RunRecord>(*record_) : std::make_shared<RunRecord>();
  next->id = id_;
  bool grown = !record_;
  grown = read_rows(*next) || grown;
  grown = read_points(*next, stop) || grown;
  reader_.rest();
  if (grown) record_ = std::move(next);
  return grown;
}

}  // namespace mimir
