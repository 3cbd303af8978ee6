#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "core/store/run_reader.h"
#include "widgets/session/entry_reader.h"

namespace mimir {

/// Follows the record of one run. Reads only what is new, and nothing where the files have not changed.
class RecordTail {
 public:
  RecordTail(const RunFolder& run, const QString& id) : run_(run), id_(id), reader_(run) {}

  /// Reads on; true the first time and whenever the record has grown. Gives up between two reads once `stop` is set.
  bool advance(const std::atomic<bool>& stop);
  std::shared_ptr<const RunRecord> record() const { return record_; }

 private:
  /// Starts over: run.db is another file than before.
  void forget();
  bool read_rows(RunRecord& next, const std::vector<MetricInfo>& metrics);
  bool read_files(RunRecord& next);
  bool read_points(RunRecord& next, const std::atomic<bool>& stop);

  RunFolder run_;
  QString id_;
  RunReader reader_;
  FileStamp environment_;
  std::map<std::string, FileStamp> reports_;
  FileStamp database_, log_;  // as they were before the last pass
  std::chrono::steady_clock::time_point again_;  // not before: run.db could not be read
  bool settled_ = false;      // the last pass began well after the last change, so it saw all of it
  std::map<std::string, PointLog> points_;
  std::shared_ptr<const RunRecord> record_;
};

}  // namespace mimir
