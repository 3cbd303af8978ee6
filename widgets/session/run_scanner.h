#pragma once

#include <QObject>
#include <QTimer>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>

#include "widgets/session/record_tail.h"

namespace mimir {

/// What has become of the list since the last time.
struct RunsChange {
  std::vector<RunEntry> entries;  ///< new or different
  QStringList gone;
  bool complete = false;          ///< every run has been read once
};

/// The reading side of RunLibrary: lives on the library's thread, where alone its functions are called, and blocks on
/// files. Everything it finds goes out in signals.
class RunScanner : public QObject {
  Q_OBJECT

 public:
  RunScanner(Workspace workspace, const std::atomic<bool>& stop);

  void start();
  void watch(const QStringList& ids);
  void annotate(const QString& id, const std::function<void(Annotations&)>& change);
  /// Everything now, and not in turn.
  void look_again();

 Q_SIGNALS:
  void runs_read(const std::shared_ptr<mimir::RunsChange>& change);
  void record_read(const QString& id, const std::shared_ptr<const mimir::RunRecord>& record);
  void failed(const QString& message);
  void health_read(const mimir::WorkspaceHealth& health);

 private:
  using Clock = std::chrono::steady_clock;
  struct Known {
    RunFolder folder;
    QString id;
    RunStamp stamp;
    bool read = false;      // the entry has been read at least once
    bool again = false;     // something changed while it was read
    bool active = false;
    std::shared_ptr<const RunEntry> entry;
  };

  void tick();
  void list();
  void read_on();
  void tail();
  void refresh(Known& known);
  void publish();
  void check_health();

  const Workspace workspace_;
  const std::atomic<bool>& stop_;
  QTimer ticks_;
  QTimer reading_;  // fires as long as something waits to be read, so that questions come in between
  std::int64_t count_ = 0;
  std::uint64_t revision_ = 0;
  QString list_problem_;
  std::optional<WorkspaceHealth> health_;
  FileStamp listed_;  // the runs folder as it was when it was listed
  std::map<std::string, Known> known_;  // by path
  std::unordered_map<std::string, std::string> paths_;  // by id
  std::deque<std::string> waiting_;  // paths to look at, the newest first
  std::string looked_at_;            // the finished run that was looked at last, in turn
  std::map<QString, RecordTail> tails_;
  QStringList watched_;
  std::shared_ptr<RunsChange> change_ = std::make_shared<RunsChange>();
  Clock::time_point published_;
  bool complete_ = false;
};

}  // namespace mimir
