#pragma once

#include <QList>
#include <QWidget>

#include "widgets/session/run_library.h"
#include "widgets/theme/status.h"

class QAction;
class QLabel;

namespace mimir {

/// One line above the plots when a run is not simply going on or done: lost, stale, failed, diverged, stopped, damaged.
/// Hidden otherwise.
class ConditionStrip : public QWidget {
  Q_OBJECT

 public:
  /// The actions stand at the right while they are visible.
  ConditionStrip(Theme& theme, const QList<QAction*>& actions, QWidget* parent = nullptr);

  /// `now`: seconds since 1970.
  void show_condition(const RunEntry* run, double now);
  /// What happened, what it means, what to do; empty where there is nothing to say.
  static QString sentence(const RunEntry& run, double now);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  QLabel* text_;
  StatusLook look_;
};

}  // namespace mimir
