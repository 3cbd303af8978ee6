#pragma once

#include <QStringList>
#include <QVariant>
#include <span>
#include <vector>

#include "widgets/session/run_library.h"
#include "widgets/session/run_words.h"

namespace mimir {

/// What a column shows of a run.
enum class ColumnKind { star, name, status, progress, started, duration, recipe, metric };

struct RunColumn {
  ColumnKind kind = ColumnKind::name;
  std::string key;  ///< of recipe and metric columns: "pretrain.epochs", "finetune/robust_accuracy"

  /// "name", "recipe:pretrain.epochs", …: what settings keep.
  QString id() const;
  QString title() const;
  /// Where the title is short for something.
  QString explanation() const;
  /// Recipe numbers and metrics stand at the right, in digits of one width.
  bool numeric() const;
  bool operator==(const RunColumn&) const = default;
};

/// "up", "down" or "none"; "none" also for what this version has never heard of.
std::string metric_direction(const std::string& name);
/// Shares of images, which are written in percent.
bool is_accuracy(const std::string& metric);

/// Every column that some run has something for, in the order of the chooser.
std::vector<RunColumn> possible_columns(std::span<const RunEntry> runs);

enum class ColumnPreset { essentials, recipe, everything };
std::vector<RunColumn> preset_columns(ColumnPreset preset, std::span<const RunEntry> runs);

/// For sorting and copying: a number, a text, a bool; invalid where the run has no such value.
QVariant column_value(const RunColumn& column, const RunEntry& entry);

/// Seconds of work of all its stages up to the last sign of life; none before the first.
std::optional<double> run_duration(const RunEntry& entry);
/// Done of all its stages together, 0 to 1, each stage an equal part; none before the first.
std::optional<double> run_progress(const RunEntry& entry);

}  // namespace mimir
