#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/store/run_job.h"
#include "core/store/run_schema.h"

namespace mimir::store {

/// run.db as its writer sees it: one connection, used by one thread. Nothing here throws.
class RunDatabase {
 public:
  /// Creates or opens, migrates, adds a row for each of `stages` and closes segments that a crash left open.
  static Expected<std::unique_ptr<RunDatabase>> open(const std::filesystem::path& path, const std::vector<std::string>& stages,
                                                     std::chrono::milliseconds lock_timeout);

  /// Ids of the metrics that are already there, and the next free segment.
  Expected<std::map<std::string, std::int32_t>> metrics();
  Expected<std::int32_t> next_segment();

  /// All of it in one transaction, or nothing. `durable` also waits for the disk, so that it outlives a power cut.
  Expected<void> write(Batch& batch, const Heartbeat* heartbeat, bool durable);

  /// Puts everything into the one file and leaves WAL. Readers may hold the database for an instant: tries until
  /// `patience` is over; staying in WAL is no error, for everything is committed.
  Expected<void> seal(std::chrono::milliseconds patience);

 private:
  RunDatabase(const std::filesystem::path& path, std::chrono::milliseconds lock_timeout);
  void prepare(const std::vector<std::string>& stages);
  void write_points(std::vector<PointJob>& points);
  void write_heartbeat(const Heartbeat& heartbeat);
  void apply(const NewMetric& job);
  void apply(const BeginSegment& job);
  void apply(const SegmentChange& job);
  void apply(const EndSegment& job);
  void apply(const EventJob& job);
  void apply(const MediaJob& job);
  void apply(const CheckpointJob& job);

  /// Runs `work` and turns what SQLite throws into an Error.
  template <typename Work>
  auto guarded(Work work) -> Expected<decltype(work())>;
  /// A prepared statement, reset and ready to bind; kept for the next time.
  SQLite::Statement& statement(const char* sql);

  std::filesystem::path path_;
  SQLite::Database database_;
  std::map<const char*, std::unique_ptr<SQLite::Statement>> statements_;  ///< by the address of the literal
  bool durable_ = false;  ///< what PRAGMA synchronous is set to
};

}  // namespace mimir::store
