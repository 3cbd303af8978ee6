#pragma once

#include <QDateTime>
#include <QObject>
#include <QPointer>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "core/base/recipe.h"
#include "widgets/form/recipe_draft.h"
#include "widgets/session/program.h"
#include "widgets/session/run_library.h"

namespace mimir {

/// What a recipe was measured to take on this machine.
struct Measurement {
  struct Stage {
    double seconds = 0;                 ///< of the whole stage
    std::optional<std::int64_t> steps;  ///< of a stage that trains
  };
  std::map<std::string, Stage> stages;
  double memory = 0;     ///< bytes, most that the trainer had resident
  Recipe recipe;         ///< what was measured
  QString base;          ///< of its draft
  QDateTime time;        ///< of the answer
  bool beside = false;   ///< a run of the workspace was at work meanwhile

  /// nullptr: it has no such stage.
  const Stage* stage(const QString& name) const;
  /// Whether a recipe would take the same: it differs in title and seed at most.
  bool holds_for(const Recipe& other) const;
};

/// The answer of `mimir bench recipe --json`; the fields that only the asker knows are left as they are. A `mismatch` error
/// where it has not what is needed.
Expected<Measurement> parse_measurement(const nlohmann::json& answer);

/// Measures a recipe on request: `mimir bench recipe`, some seconds of each stage in a process of its own, which leaves no run
/// and touches none. Lives on the UI thread.
class Measurer : public QObject {
  Q_OBJECT

 public:
  Measurer(Program& program, RunLibrary& library, QObject* parent = nullptr);

  /// One at a time. A draft that is no recipe is a problem().
  void measure(const RecipeDraft& draft, const FormSchema& schema);
  void cancel();
  bool busy() const { return call_; }
  /// What the program said last of what it does; empty before its first word.
  const QString& doing() const { return doing_; }
  /// Why the last attempt gave nothing, in a sentence; empty: it did, or was cancelled.
  const QString& problem() const { return problem_; }
  void forget_problem() { problem_.clear(); }
  /// The last that succeeded.
  const std::optional<Measurement>& measurement() const { return measurement_; }

 Q_SIGNALS:
  void changed();

 private:
  void answered(const Expected<nlohmann::json>& answer, Measurement asked);

  Program* program_;
  RunLibrary* library_;
  QPointer<QObject> call_;
  bool cancelled_ = false;
  QString doing_, problem_;
  std::optional<Measurement> measurement_;
};

}  // namespace mimir
