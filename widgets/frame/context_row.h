#pragma once

#include <QAbstractButton>
#include <QList>

#include "widgets/session/run_library.h"
#include "widgets/theme/status_pill.h"
#include "widgets/theme/theme.h"

class QAction;
class QHBoxLayout;
class QLabel;
class QMenu;
class QToolButton;

namespace mimir {

/// "Run ● hsic-1e-4 · s0 ▾": what the place looks at; a click asks for another.
class RunChip : public QAbstractButton {
  Q_OBJECT

 public:
  RunChip(Theme& theme, QWidget* parent);
  /// Empty name: none is chosen.
  void show_run(const QString& name, int colour);
  void set_short(bool short_names);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  QString name_;
  int colour_ = 0;
  bool short_ = false;
};

/// Title of the place, what it looks at, and the place's actions at the right.
class ContextRow : public QWidget {
  Q_OBJECT

 public:
  explicit ContextRow(Theme& theme, QWidget* parent = nullptr);

  /// An action's property "kind" dresses its button: primary, danger.
  void show_place(const QString& title, const QList<QAction*>& actions);
  /// nullptr: no run is chosen.
  void show_run(const RunEntry* run, int colour);
  /// Narrow windows: a short name. Low windows: actions in a menu.
  void set_narrow(bool narrow);
  void set_low(bool low);
  QWidget* chip() const;
  /// The button of the side columns: there or not, pressed while they are in sight.
  void show_side(bool there, bool open);

 Q_SIGNALS:
  void run_wanted();
  void side_wanted();

 private:
  void arrange();

  Theme* theme_;
  QLabel* title_;
  RunChip* chip_;
  StatusPill* pill_;
  QHBoxLayout* actions_;
  QToolButton* more_;
  QToolButton* side_;
  QMenu* menu_;
  QList<QWidget*> buttons_;
  bool low_ = false;
};

}  // namespace mimir
