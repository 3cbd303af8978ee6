#pragma once

#include <QStringList>
#include <QVariant>
#include <optional>
#include <span>
#include <vector>

#include "widgets/session/run_library.h"
#include "widgets/session/run_words.h"

namespace mimir {

/// What a column shows of a run.
enum class ColumnKind { star, name, status, progress, started, duration, recipe, metric, curve };

struct RunColumn {
  ColumnKind kind = ColumnKind::name;
  /// Of recipe, metric and curve columns: "pretrain.epochs", "finetune/robust_accuracy". A curve of "loss" is that of
  /// the run's latest stage.
  std::string key;

  /// "name", "recipe:pretrain.epochs", …: what settings keep.
  QString id() const;
  /// None if it is no such id.
  static std::optional<RunColumn> parse(const QString& id);
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

/// For sorting and copying: a number, a text, a bool; invalid where the run has no such value. Of a curve the last value.
QVariant column_value(const RunColumn& column, const RunEntry& entry);

/// The metric that a curve column draws of a run.
std::string curve_metric(const RunColumn& column, const RunEntry& entry);

}  // namespace mimir
