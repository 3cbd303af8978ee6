#pragma once

#include <QTimer>
#include <QWidget>
#include <optional>

#include "widgets/session/run_library.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// The line at the bottom: workspace, number of runs; at the right whether something runs, and how old the newest
/// heartbeat is. It counts only while something runs.
class StatusRow : public QWidget {
  Q_OBJECT

 public:
  StatusRow(Theme& theme, const QString& workspace, QWidget* parent = nullptr);

  /// `running`: the run at work that was heard last, or nullptr.
  void show_runs(int count, const RunEntry* running);
  /// What the right end says at `now`, in seconds since 1970.
  QString live_words(double now) const;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  QString workspace_;
  QString runs_;
  bool running_ = false;
  std::optional<double> heard_;
  QTimer clock_;
};

}  // namespace mimir
