#include "core/store/run_database.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <thread>
#include <tuple>

#include "core/store/clock.h"
#include "core/store/sqlite_error.h"
#include "core/store/trainer_lock.h"

namespace mimir::store {
namespace {

void bind_optional(SQLite::Statement& statement, int index, const std::optional<std::string>& value) {
  if (value) statement.bind(index, *value);
  else statement.bind(index);
}

/// NaN cannot be stored as a number: SQLite turns it into NULL, and an infinity does not survive every export.
void bind_finite(SQLite::Statement& statement, int index, double value) {
  if (std::isfinite(value)) statement.bind(index, value);
  else statement.bind(index);
}

int nonfinite_mark(double value) {  // on disk, do not renumber
  if (std::isnan(value)) return 1;
  if (std::isinf(value)) return value > 0 ? 2 : 3;
  return 0;
}

constexpr std::size_t kRowsAtOnce = 32;

std::string insert_points_sql(std::size_t rows) {
  std::string sql = "INSERT OR REPLACE INTO point(metric, segment, step, time, value, nonfinite) VALUES";
  for (std::size_t row = 0; row < rows; ++row) sql += row == 0 ? "(?,?,?,?,?,?)" : ",(?,?,?,?,?,?)";
  return sql;
}

}  // namespace

RunDatabase::RunDatabase(const std::filesystem::path& path, std::chrono::milliseconds lock_timeout)
    : path_(path),
      database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, static_cast<int>(lock_timeout.count())) {}

template <typename Work>
auto RunDatabase::guarded(Work work) -> Expected<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const SQLite::Exception& exception) {
    return tl::unexpected<Error>(sqlite_error(exception, &database_, path_));
  } catch (const std::exception& exception) {  // out of memory, or a contract of SQLiteCpp
    return fail(ErrorCode::storage, "{} cannot be written: {}", path_.string(), exception.what());
  }
}

Expected<std::unique_ptr<RunDatabase>> RunDatabase::open(const std::filesystem::path& path, const std::vector<std::string>& stages,
                                                         std::chrono::milliseconds lock_timeout) {
  std::unique_ptr<RunDatabase> opened;
  try {
    opened.reset(new RunDatabase(path, lock_timeout));
  } catch (const SQLite::Exception& exception) {
    return tl::unexpected<Error>(sqlite_error(exception, nullptr, path));
  }
  auto version = opened->guarded([&] { return check_run_schema(opened->database_, path); });
  if (!version) return pass_on(version);
  if (!*version) return pass_on(*version);
  auto prepared = opened->guarded([&] {
    opened->database_.exec("PRAGMA journal_mode = WAL");
    opened->database_.exec("PRAGMA synchronous = NORMAL");
    opened->database_.exec("PRAGMA wal_autocheckpoint = 4000");  // pages: 16 MB, for each checkpoint waits for the disk
    migrate_run_schema(opened->database_, **version);
    opened->prepare(stages);
  });
  if (!prepared) return pass_on(prepared);
  return opened;
}

void RunDatabase::prepare(const std::vector<std::string>& stages) {
  SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
  // A recipe changed at a resume may have lost a stage that never ran.
  database_.exec("UPDATE stage SET position = -1 WHERE state = 'waiting'");
  for (std::size_t i = 0; i < stages.size(); ++i) {
    auto& insert = statement("INSERT INTO stage(name, position, state) VALUES(?, ?, 'waiting') ON CONFLICT(name) DO UPDATE SET position = excluded.position");
    insert.bind(1, stages[i]);
    insert.bind(2, static_cast<int>(i));
    insert.exec();
  }
  database_.exec("DELETE FROM stage WHERE position = -1");
  // Whoever wrote these is dead, for we hold the trainer's lock.
  database_.exec(
      "UPDATE segment SET state = 'failed', code = 'lost', reason = 'the trainer ended without a word', "
      "ended = coalesce((SELECT time FROM heartbeat), started) WHERE ended IS NULL");
  transaction.commit();
}

SQLite::Statement& RunDatabase::statement(const char* sql) {
  auto& kept = statements_[sql];
  if (!kept) kept = std::make_unique<SQLite::Statement>(database_, sql);
  kept->tryReset();
  return *kept;
}

Expected<std::map<std::string, std::int32_t>> RunDatabase::metrics() {
  return guarded([&] {
    std::map<std::string, std::int32_t> ids;
    auto& select = statement("SELECT name, id FROM metric");
    while (select.executeStep()) ids[select.getColumn(0).getString()] = select.getColumn(1).getInt();
    return ids;
  });
}

Expected<std::int32_t> RunDatabase::next_segment() {
  return guarded([&] { return database_.execAndGet("SELECT coalesce(max(id), 0) + 1 FROM segment").getInt(); });
}

Expected<void> RunDatabase::write(Batch& batch, const Heartbeat* heartbeat, bool durable) {
  return guarded([&] {
    if (durable != durable_) {
      database_.exec(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
      durable_ = durable;
    }
    SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
    for (const Job& job : batch.jobs) std::visit([&](const auto& value) { apply(value); }, job);
    write_points(batch.points);
    if (heartbeat) write_heartbeat(*heartbeat);
    transaction.commit();
  });
}

void RunDatabase::write_points(std::vector<PointJob>& points) {
  // In the order of the key, so that neighbours meet the same page; stable, for of two equal keys the later wins.
  std::stable_sort(points.begin(), points.end(), [](const PointJob& a, const PointJob& b) {
    return std::tie(a.metric, a.segment, a.step) < std::tie(b.metric, b.segment, b.step);
  });
  // Many rows a statement cost 40 % less than one.
  static const std::string one = insert_points_sql(1), many = insert_points_sql(kRowsAtOnce);
  std::span<const PointJob> left(points);
  while (!left.empty()) {
    const std::size_t rows = left.size() >= kRowsAtOnce ? kRowsAtOnce : 1;
    auto& insert = statement(rows == 1 ? one.c_str() : many.c_str());
    int column = 0;
    for (const PointJob& point : left.first(rows)) {
      insert.bind(++column, point.metric);
      insert.bind(++column, point.segment);
      insert.bind(++column, point.step);
      insert.bind(++column, point.time);
      bind_finite(insert, ++column, point.value);
      insert.bind(++column, nonfinite_mark(point.value));
    }
    insert.exec();
    left = left.subspan(rows);
  }
}

void RunDatabase::write_heartbeat(const Heartbeat& heartbeat) {
  auto& replace = statement("INSERT OR REPLACE INTO heartbeat(id, time, stage, epoch, step, total, rate, eta, memory) VALUES(1, ?, ?, ?, ?, ?, ?, ?, ?)");
  replace.clearBindings();
  replace.bind(1, heartbeat.time);
  if (const auto& progress = heartbeat.progress) {
    replace.bind(2, progress->stage);
    replace.bind(3, progress->epoch);
    replace.bind(4, progress->step);
    replace.bind(5, progress->total);
    bind_finite(replace, 6, progress->images_per_second);
    if (progress->eta_seconds) bind_finite(replace, 7, *progress->eta_seconds);
  }
  replace.bind(8, heartbeat.memory);
  replace.exec();
}

void RunDatabase::apply(const NewMetric& job) {
  auto& insert = statement("INSERT OR IGNORE INTO metric(id, name, unit, direction, help) VALUES(?, ?, ?, ?, ?)");
  insert.bind(1, job.id);
  insert.bind(2, job.info.name);
  insert.bind(3, job.info.unit);
  insert.bind(4, job.info.direction);
  insert.bind(5, job.info.help);
  insert.exec();
}

void RunDatabase::apply(const BeginSegment& job) {
  auto& insert = statement("INSERT INTO segment(id, stage, first_step, started, state, pid, host, boot) VALUES(?, ?, ?, ?, 'starting', ?, ?, ?)");
  insert.bind(1, job.id);
  insert.bind(2, job.stage);
  insert.bind(3, job.first_step);
  insert.bind(4, job.time);
  insert.bind(5, static_cast<std::int64_t>(::getpid()));
  insert.bind(6, host_name());
  insert.bind(7, boot_id());
  insert.exec();
  auto& stage = statement("UPDATE stage SET state = 'running', total = ?, started = coalesce(started, ?), ended = NULL WHERE name = ?");
  stage.bind(1, job.total);
  stage.bind(2, job.time);
  stage.bind(3, job.stage);
  stage.exec();
}

void RunDatabase::apply(const SegmentChange& job) {
  auto& update = statement("UPDATE segment SET state = ? WHERE id = ?");
  update.bind(1, job.state);
  update.bind(2, job.id);
  update.exec();
}

void RunDatabase::apply(const EndSegment& job) {
  auto& segment = statement("UPDATE segment SET state = ?, ended = ?, code = ?, reason = ? WHERE id = ?");
  segment.bind(1, job.state);
  segment.bind(2, job.time);
  bind_optional(segment, 3, job.code);
  bind_optional(segment, 4, job.reason);
  segment.bind(5, job.id);
  segment.exec();
  auto& stage = statement("UPDATE stage SET state = ?, ended = ? WHERE name = ?");
  stage.bind(1, job.state);
  stage.bind(2, job.time);
  stage.bind(3, job.stage);
  stage.exec();
}

void RunDatabase::apply(const EventJob& job) {
  auto& insert = statement("INSERT INTO event(time, stage, step, kind, level, message) VALUES(?, ?, ?, ?, ?, ?)");
  insert.bind(1, job.time);
  bind_optional(insert, 2, job.stage.empty() ? std::nullopt : std::optional(job.stage));
  insert.bind(3, job.step);
  insert.bind(4, job.kind);
  insert.bind(5, level_name(job.level));
  insert.bind(6, job.message);
  insert.exec();
}

void RunDatabase::apply(const MediaJob& job) {
  auto& remove = statement("DELETE FROM media WHERE path = ?");  // drawn anew by a resumed stage
  remove.bind(1, job.path);
  remove.exec();
  auto& insert = statement("INSERT INTO media(stage, step, what, path) VALUES(?, ?, ?, ?)");
  insert.bind(1, job.stage);
  insert.bind(2, job.step);
  insert.bind(3, job.what);
  insert.bind(4, job.path);
  insert.exec();
}

void RunDatabase::apply(const CheckpointJob& job) {
  // One row a file: "pretrain-last" moves on, and an old step's file may have been removed.
  auto& remove = statement("DELETE FROM checkpoint WHERE path = ?");
  remove.bind(1, job.path);
  remove.exec();
  auto& insert = statement("INSERT INTO checkpoint(stage, step, kind, path) VALUES(?, ?, ?, ?)");
  insert.bind(1, job.stage);
  insert.bind(2, job.step);
  insert.bind(3, job.kind);
  insert.bind(4, job.path);
  insert.exec();
}

Expected<void> RunDatabase::seal(std::chrono::milliseconds patience) {
  return guarded([&] {
    statements_.clear();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    database_.exec("PRAGMA synchronous = FULL");
    for (;;) {
      database_.tryExec("PRAGMA wal_checkpoint(TRUNCATE)");
      const int result = database_.tryExec("PRAGMA journal_mode = DELETE");
      if (result == SQLITE_OK) {
        if (database_.execAndGet("PRAGMA journal_mode").getString() == "delete") return;
      } else if (result != SQLITE_BUSY && result != SQLITE_LOCKED) {
        throw SQLite::Exception(database_.getHandle(), result);
      }
      if (std::chrono::steady_clock::now() >= deadline) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
}

}  // namespace mimir::store
