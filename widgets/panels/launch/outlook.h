#pragma once

#include <QHash>
#include <QObject>
#include <QSet>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "widgets/form/form_model.h"
#include "widgets/session/run_library.h"

namespace mimir {

struct Measurement;

/// A stage of the run to come.
struct PlannedStage {
  QString name;                       ///< pretrain finetune evaluate
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> steps;
  std::optional<double> seconds;      ///< estimated
  std::optional<std::int64_t> images;  ///< of evaluate; 0: all
};

/// What a run will take, as far as a measurement or earlier runs tell. Sizes in bytes.
struct Outlook {
  std::vector<PlannedStage> stages;
  std::optional<double> memory, disk;
  double memory_total = 0;              ///< of this machine; 0: not known
  std::optional<double> disk_free;
  QString basis;                        ///< what the numbers stand on, in a sentence
};

/// What `mimir train --dry-run --json` said.
std::vector<FormProblem> problems_of(const nlohmann::json& answer);
std::vector<PlannedStage> planned_stages(const nlohmann::json& answer);

/// Sizes of run folders and free disk, measured on another thread. Lives on the UI thread.
class DiskUse : public QObject {
  Q_OBJECT

 public:
  explicit DiskUse(std::filesystem::path workspace, QObject* parent = nullptr);

  /// None until it has been measured: then changed().
  std::optional<double> of(const RunEntry& run);
  std::optional<double> free_bytes() const { return free_; }

 Q_SIGNALS:
  void changed();

 private:
  std::filesystem::path workspace_;
  std::optional<double> free_;
  QHash<QString, double> sizes_;
  QSet<QString> asked_;
};

/// `plan`: as the trainer's check gave it; empty: the stages that are switched on, without numbers. `measured`: the last
/// measurement, nullptr: none; one of a recipe that has been changed since does not count, and the basis says so.
Outlook outlook_of(const FormModel& model, const std::vector<PlannedStage>& plan, const std::vector<RunEntry>& runs, DiskUse& disk, const Measurement* measured);

}  // namespace mimir
