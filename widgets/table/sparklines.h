#pragma once

#include <QHash>
#include <QObject>
#include <QPointF>
#include <QString>
#include <memory>
#include <string>
#include <vector>

#include "core/store/run_folder.h"

namespace mimir {

/// A curve small enough for a cell: x and y from 0 to 1, broken where a value was not finite.
struct Sparkline {
  std::vector<std::vector<QPointF>> lines;
  std::vector<double> problems;  ///< x of what was not finite
  double first = 0, last = 0;    ///< values; NaN or infinite where they were
  bool empty() const { return lines.empty() && problems.empty(); }
};

/// Of values in the order of their steps, drawn over the steps.
Sparkline make_sparkline(const std::vector<std::pair<double, double>>& points);

/// Curves of runs, read when a cell asks for them, a few lookups each, on another thread. Lives on the UI thread.
class Sparklines : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// The newest that has been read; nullptr: none yet. Reads it, if it has not been read since the run had another
  /// `revision`; changed() follows.
  std::shared_ptr<const Sparkline> get(const QString& id, const RunFolder& run, std::uint64_t revision, const std::string& metric);

 Q_SIGNALS:
  void changed(const QString& id);

 private:
  struct Wanted {
    QString id;
    RunFolder run;
    std::uint64_t revision;
    std::string metric;
  };
  struct Known {
    std::uint64_t asked = 0;  ///< revision
    std::shared_ptr<const Sparkline> line;
  };
  void read_next();

  QHash<QString, Known> known_;  ///< by id and metric
  std::vector<Wanted> waiting_;
  bool reading_ = false;
};

}  // namespace mimir
