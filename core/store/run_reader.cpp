#include "core/store/run_reader.h"

#include <algorithm>
#include <cmath>

#include "core/store/clock.h"
#include "core/store/run_connection.h"
#include "core/store/sqlite_error.h"

namespace mimir {
namespace {

std::optional<double> optional_number(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(column.getDouble());
}

std::optional<std::string> optional_text(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(column.getString());
}

/// The inverse of the writer's mark.
double stored_value(const SQLite::Column& value, int nonfinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (nonfinite == 2) return kInfinity;
  if (nonfinite == 3) return -kInfinity;
  return nonfinite != 0 || value.isNull() ? std::numeric_limits<double>::quiet_NaN() : value.getDouble();
}

MetricInfo metric_of(SQLite::Statement& row) {
  return {row.getColumn(1).getString(), row.getColumn(2).getString(), row.getColumn(3).getString(), row.getColumn(4).getString()};
}

/// Leaves no statement standing on a row, whichever way a question ends.
class Settled {
 public:
  explicit Settled(store::RunConnection& connection) : connection_(connection) {}
  ~Settled() { connection_.settle(); }
  Settled(const Settled&) = delete;
  Settled& operator=(const Settled&) = delete;

 private:
  store::RunConnection& connection_;
};

constexpr const char* kSelectMetrics = "SELECT id, name, unit, direction, help FROM metric ORDER BY id";

/// The first step of any later segment of the same stage: from there on a resume has replaced this segment's points.
std::int64_t superseded_from(const SegmentRow& segment, const std::vector<SegmentRow>& segments) {
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  for (const SegmentRow& later : segments) {
    if (later.id > segment.id && later.stage == segment.stage) end = std::min(end, later.first_step);
  }
  return end;
}

/// The newest value of a metric; none if it has no point.
std::optional<double> last_value(store::RunConnection& connection, std::int32_t metric) {
  auto& select = connection.statement("SELECT value, nonfinite FROM point WHERE metric = ? ORDER BY segment DESC, step DESC LIMIT 1");
  select.bind(1, metric);
  if (!select.executeStep()) return std::nullopt;
  return stored_value(select.getColumn(0), select.getColumn(1).getInt());
}

}  // namespace

RunReader::RunReader(const RunFolder& run) : run_(run) {}
RunReader::~RunReader() = default;
RunReader::RunReader(RunReader&&) noexcept = default;

void RunReader::rest() { connection_.reset(); }

template <typename T>
Expected<T> RunReader::ask(const std::function<T(store::RunConnection&)>& work) {
  try {
    if (!connection_) {
      auto opened = store::RunConnection::open(run_.database(), /*empty_is_damage=*/!inspect_trainer(run_).held);
      if (!opened) return pass_on(opened);
      connection_ = std::move(*opened);
    }
    if (!connection_) return T();
    const Settled settled(*connection_);
    return work(*connection_);
  } catch (const SQLite::Exception& exception) {
    Error error = sqlite_error(exception, connection_ ? &connection_->database() : nullptr, run_.database());
    rest();  // a connection that failed may have been to a file that is no longer there
    return tl::unexpected<Error>(std::move(error));
  } catch (const std::exception& exception) {
    return fail(ErrorCode::storage, "{} cannot be read: {}", run_.database().string(), exception.what());
  }
}

Expected<RunCondition> RunReader::condition() { return condition(seconds_since_1970(), host_name()); }

Expected<RunCondition> RunReader::condition(double now, const std::string& host) {
  RunEvidence evidence;
  // The lock first: a trainer that ends meanwhile has written its end before it lets go.
  evidence.trainer = inspect_trainer(run_);
  auto stages = this->stages();
  if (!stages) return pass_on(stages);
  auto segments = this->segments();
  if (!segments) return pass_on(segments);
  auto heartbeat = this->heartbeat();
  if (!heartbeat) return pass_on(heartbeat);
  evidence.database = connection_ != nullptr;
  evidence.stages = std::move(*stages);
  evidence.segments = std::move(*segments);
  evidence.heartbeat = std::move(*heartbeat);
  return judge_run(evidence, now, host);
}

Expected<std::vector<StageRow>> RunReader::stages() {
  return ask<std::vector<StageRow>>([](store::RunConnection& connection) {
    std::vector<StageRow> rows;
    auto& select = connection.statement("SELECT name, total, state, started, ended FROM stage ORDER BY position");
    while (select.executeStep()) {
      rows.push_back({select.getColumn(0).getString(), select.getColumn(1).getInt64(),
                      parse_stage_state(select.getColumn(2).getString()).value_or(StageState::waiting),
                      optional_number(select.getColumn(3)), optional_number(select.getColumn(4))});
    }
    return rows;
  });
}

Expected<std::vector<SegmentRow>> RunReader::segments() {
  return ask<std::vector<SegmentRow>>([](store::RunConnection& connection) {
    std::vector<SegmentRow> rows;
    auto& select = connection.statement("SELECT id, stage, first_step, started, ended, state, code, reason, pid, host, boot FROM segment ORDER BY id");
    while (select.executeStep()) {
      rows.push_back({select.getColumn(0).getInt(), select.getColumn(1).getString(), select.getColumn(2).getInt64(),
                      select.getColumn(3).getDouble(), optional_number(select.getColumn(4)),
                      parse_segment_state(select.getColumn(5).getString()).value_or(SegmentState::starting),
                      optional_text(select.getColumn(6)), optional_text(select.getColumn(7)), select.getColumn(8).getInt64(),
                      select.getColumn(9).getString(), select.getColumn(10).getString()});
    }
    return rows;
  });
}

Expected<std::optional<HeartbeatRow>> RunReader::heartbeat() {
  return ask<std::optional<HeartbeatRow>>([](store::RunConnection& connection) -> std::optional<HeartbeatRow> {
    auto& select = connection.statement("SELECT time, stage, epoch, step, total, rate, eta, memory FROM heartbeat");
    if (!select.executeStep()) return std::nullopt;
    return HeartbeatRow{select.getColumn(0).getDouble(), select.getColumn(1).getString(), select.getColumn(2).getInt64(),
                        select.getColumn(3).getInt64(), select.getColumn(4).getInt64(), optional_number(select.getColumn(5)),
                        optional_number(select.getColumn(6)), optional_number(select.getColumn(7))};
  });
}

Expected<std::vector<EventRow>> RunReader::events(std::int64_t after_id) {
  return ask<std::vector<EventRow>>([=](store::RunConnection& connection) {
    std::vector<EventRow> rows;
    auto& select = connection.statement("SELECT id, time, stage, step, kind, level, message FROM event WHERE id > ? ORDER BY id");
    select.bind(1, after_id);
    while (select.executeStep()) {
      rows.push_back({select.getColumn(0).getInt64(), select.getColumn(1).getDouble(), select.getColumn(2).getString(),
                      select.getColumn(3).getInt64(), select.getColumn(4).getString(), select.getColumn(5).getString(),
                      select.getColumn(6).getString()});
    }
    return rows;
  });
}

Expected<std::vector<MediaRow>> RunReader::media() {
  return ask<std::vector<MediaRow>>([](store::RunConnection& connection) {
    std::vector<MediaRow> rows;
    auto& select = connection.statement("SELECT stage, step, what, path FROM media ORDER BY rowid");
    while (select.executeStep()) {
      rows.push_back({select.getColumn(0).getString(), select.getColumn(1).getInt64(), select.getColumn(2).getString(), select.getColumn(3).getString()});
    }
    return rows;
  });
}

Expected<std::vector<CheckpointRow>> RunReader::checkpoints() {
  return ask<std::vector<CheckpointRow>>([](store::RunConnection& connection) {
    std::vector<CheckpointRow> rows;
    auto& select = connection.statement("SELECT stage, step, kind, path FROM checkpoint ORDER BY rowid");
    while (select.executeStep()) {
      rows.push_back({select.getColumn(0).getString(), select.getColumn(1).getInt64(), select.getColumn(2).getString(), select.getColumn(3).getString()});
    }
    return rows;
  });
}

Expected<std::vector<MetricInfo>> RunReader::metrics() {
  return ask<std::vector<MetricInfo>>([](store::RunConnection& connection) {
    std::vector<MetricInfo> metrics;
    auto& select = connection.statement(kSelectMetrics);
    while (select.executeStep()) metrics.push_back(metric_of(select));
    return metrics;
  });
}

Expected<std::vector<MetricSummary>> RunReader::summaries() {
  auto segments = this->segments();
  if (!segments) return pass_on(segments);
  return ask<std::vector<MetricSummary>>([&segments](store::RunConnection& connection) {
    std::vector<MetricSummary> summaries;
    auto& metrics = connection.statement(kSelectMetrics);
    while (metrics.executeStep()) {
      const std::int32_t id = metrics.getColumn(0).getInt();
      const auto last = last_value(connection, id);
      if (!last) continue;
      MetricSummary summary{metric_of(metrics), *last, std::nullopt, 0};
      for (const SegmentRow& segment : *segments) {
        auto& range = connection.statement("SELECT count(*), min(value), max(value) FROM point WHERE metric = ? AND segment = ? AND step < ?");
        range.bind(1, id);
        range.bind(2, segment.id);
        range.bind(3, superseded_from(segment, *segments));
        range.executeStep();
        summary.points += range.getColumn(0).getInt64();
        const auto lowest = optional_number(range.getColumn(1)), highest = optional_number(range.getColumn(2));
        if (summary.info.direction == "down" && lowest) summary.best = std::min(summary.best.value_or(*lowest), *lowest);
        if (summary.info.direction == "up" && highest) summary.best = std::max(summary.best.value_or(*highest), *highest);
      }
      summaries.push_back(std::move(summary));
    }
    return summaries;
  });
}

Expected<std::map<std::string, double>> RunReader::last_values() {
  return ask<std::map<std::string, double>>([](store::RunConnection& connection) {
    std::map<std::string, double> values;
    auto& metrics = connection.statement(kSelectMetrics);
    while (metrics.executeStep()) {
      if (const auto last = last_value(connection, metrics.getColumn(0).getInt())) values[metrics.getColumn(1).getString()] = *last;
    }
    return values;
  });
}

Expected<std::vector<Point>> RunReader::points(std::string_view metric, PointCursor after, std::size_t limit) {
  return ask<std::vector<Point>>([&](store::RunConnection& connection) {
    std::vector<Point> points;
    auto& find = connection.statement("SELECT id FROM metric WHERE name = ?");
    find.bind(1, std::string(metric));
    if (!find.executeStep()) return points;
    auto& select = connection.statement(
        "SELECT segment, step, time, value, nonfinite FROM point WHERE metric = ? AND (segment, step) > (?, ?) ORDER BY segment, step LIMIT ?");
    select.bind(1, find.getColumn(0).getInt());
    select.bind(2, after.segment);
    select.bind(3, after.step);
    select.bind(4, static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max())));
    while (select.executeStep()) {
      points.push_back({select.getColumn(0).getInt(), select.getColumn(1).getInt64(), select.getColumn(2).getDouble(),
                        stored_value(select.getColumn(3), select.getColumn(4).getInt())});
    }
    return points;
  });
}

Expected<std::vector<Point>> RunReader::samples(std::string_view metric, std::size_t count) {
  auto all = segments();
  if (!all) return pass_on(all);
  const std::string stage(metric.substr(0, metric.find('/')));
  std::erase_if(*all, [&](const SegmentRow& segment) { return segment.stage != stage; });
  return ask<std::vector<Point>>([&](store::RunConnection& connection) {
    std::vector<Point> points;
    auto& find = connection.statement("SELECT id FROM metric WHERE name = ?");
    find.bind(1, std::string(metric));
    if (!find.executeStep()) return points;
    const int id = find.getColumn(0).getInt();
    auto& next = connection.statement("SELECT segment, step, time, value, nonfinite FROM point WHERE metric = ? AND segment = ? AND step >= ? ORDER BY step LIMIT 1");
    const auto at_or_after = [&](std::int32_t segment, std::int64_t step) -> std::optional<Point> {
      next.reset();
      next.bind(1, id);
      next.bind(2, segment);
      next.bind(3, step);
      if (!next.executeStep()) return std::nullopt;
      return Point{next.getColumn(0).getInt(), next.getColumn(1).getInt64(), next.getColumn(2).getDouble(), stored_value(next.getColumn(3), next.getColumn(4).getInt())};
    };
    auto& newest = connection.statement("SELECT segment, step, time, value, nonfinite FROM point WHERE metric = ? ORDER BY segment DESC, step DESC LIMIT 1");
    newest.bind(1, id);
    if (!newest.executeStep()) return points;
    const Point last{newest.getColumn(0).getInt(), newest.getColumn(1).getInt64(), newest.getColumn(2).getDouble(), stored_value(newest.getColumn(3), newest.getColumn(4).getInt())};
    std::int64_t low = last.step;
    for (const SegmentRow& segment : *all) low = std::min(low, segment.first_step);
    // The segment that holds a step is the newest that began at or before it.
    std::int64_t from = low;
    for (std::size_t i = 0; i + 1 < count && from < last.step; ++i) {
      const std::int64_t wanted = std::max(from, low + (last.step - low) * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(count - 1));
      std::optional<Point> found;
      for (auto segment = all->rbegin(); segment != all->rend() && !found; ++segment) {
        if (segment->first_step > wanted) continue;
        found = at_or_after(segment->id, wanted);
        if (found && found->step >= superseded_from(*segment, *all)) found.reset();
        break;
      }
      if (!found || found->step >= last.step) continue;
      points.push_back(*found);
      from = found->step + 1;
    }
    points.push_back(last);
    return points;
  });
}

std::vector<Point> without_superseded(const std::vector<Point>& points, const std::vector<SegmentRow>& segments) {
  std::map<std::int32_t, std::int64_t> ends;
  for (const SegmentRow& segment : segments) ends[segment.id] = superseded_from(segment, segments);
  std::vector<Point> kept;
  std::copy_if(points.begin(), points.end(), std::back_inserter(kept), [&](const Point& point) {
    const auto end = ends.find(point.segment);
    return end == ends.end() || point.step < end->second;
  });
  return kept;
}

}  // namespace mimir
