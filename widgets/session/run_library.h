#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/store/annotations.h"
#include "core/store/run_condition.h"
#include "core/store/run_rows.h"
#include "core/store/workspace.h"
#include "widgets/session/point_series.h"

namespace mimir {

/// One run as the tables show it; read from its files by the library's thread.
struct RunEntry {
  QString id;
  RunFolder folder;
  RunCondition condition;
  Annotations annotations;
  double created = 0;                           ///< seconds since 1970
  std::map<std::string, std::string> recipe;    ///< "pretrain.attack.epsilon" -> "8/255", all fields of its tables
  std::map<std::string, double> metrics;        ///< last values
  std::vector<StageRow> stages;
  std::optional<HeartbeatRow> heartbeat;
  std::string problem;                          ///< why something of it cannot be read; empty otherwise
  std::uint64_t revision = 0;                   ///< another one whenever anything else is another
  std::vector<SegmentRow> segments = {};        ///< the oldest first
};

/// What an evaluation of a checkpoint of the run said; numbers are absent where its report has none.
struct EvaluationReport {
  std::string id;  ///< its folder's name
  std::string checkpoint;
  std::optional<double> epsilon, natural_accuracy, robust_accuracy;
  std::int64_t images = 0;
};

/// All that has been recorded of a run that is looked at, as it stood at one moment.
struct RunRecord {
  QString id;
  std::map<std::string, MetricInfo> metrics;
  std::map<std::string, PointSeries> points;    ///< by metric, in the order of segment and step
  std::vector<SegmentRow> segments;
  std::vector<EventRow> events;
  std::vector<MediaRow> media;
  std::vector<CheckpointRow> checkpoints;
  std::vector<EvaluationReport> evaluations;         ///< the oldest first
  std::map<std::string, std::string> environment;    ///< environment.json, values as text, lists as words of a shell
};

/// What a workspace lets one do. As its library's thread found it last, at most a second ago.
struct WorkspaceHealth {
  static constexpr std::uint64_t kLowBytes = 500'000'000;  ///< less room than this is said
  bool writable = true;               ///< a run could be made in it, or it could itself be made
  std::optional<std::uint64_t> free;  ///< bytes; only where there are fewer than kLowBytes, in steps of 10 MB
  QString problem;                    ///< why its runs cannot be listed; empty: they can
  bool operator==(const WorkspaceHealth&) const = default;
};

/// The runs of a workspace, read on a thread of its own: no function here waits for a file or for SQLite. Lives on the
/// UI thread.
class RunLibrary : public QObject {
  Q_OBJECT

 public:
  explicit RunLibrary(Workspace workspace, QObject* parent = nullptr);
  ~RunLibrary() override;

  const Workspace& workspace() const;
  /// The newest first. Changes only between runs_changed signals.
  const std::vector<RunEntry>& runs() const;
  const RunEntry* find(const QString& id) const;
  /// False until the list has been read once to its end.
  bool complete() const;
  const WorkspaceHealth& health() const;
  /// Looks at every run again, also where it would not be due.
  void refresh();

  /// The runs whose records are wanted; the others' are given up.
  void watch(const QStringList& ids);
  /// One more whose record is wanted, until the next call; empty: none.
  void watch_also(const QString& id);
  /// nullptr until the first record has been read.
  std::shared_ptr<const RunRecord> record(const QString& id) const;

  /// On the library's thread; a failure comes back as `failed`.
  void annotate(const QString& id, std::function<void(Annotations&)> change);

 Q_SIGNALS:
  /// Some entry differs from before, or the first list is complete.
  void runs_changed();
  void health_changed();
  /// A record has grown, or is there for the first time.
  void record_changed(const QString& id);
  void failed(const QString& message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mimir
