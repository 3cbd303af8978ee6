#pragma once

#include <QAbstractButton>
#include <map>
#include <optional>

#include "widgets/panels/panel.h"
#include "widgets/session/run_library.h"
#include "widgets/theme/theme.h"

class QButtonGroup;
class QVBoxLayout;

namespace mimir {

/// One place on the rail: icon, title, and a number where there is something to count.
class RailItem : public QAbstractButton {
  Q_OBJECT

 public:
  RailItem(Theme& theme, const PanelEntry& entry, QWidget* parent);

  void set_narrow(bool narrow);
  /// `calls`: something happens there now, which the narrow rail shows as a dot.
  void set_count(int count, bool calls);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  QLatin1String icon_;
  bool narrow_ = false;
  int count_ = 0;
  bool calls_ = false;
};

/// The run at work, below the places: stage, percent, what is left. Narrow: a ring with the percent.
class RunningCard : public QAbstractButton {
  Q_OBJECT

 public:
  RunningCard(Theme& theme, QWidget* parent);

  void set_narrow(bool narrow);
  /// Copies what it shows. `colour`: the run's index in the palette; `queued`: runs that wait.
  void show_run(const RunEntry& run, int colour, int queued);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void paint_ring(QPainter& painter) const;
  void paint_card(QPainter& painter) const;

  Theme* theme_;
  bool narrow_ = false;
  int colour_ = 0;
  QString word_, name_, stage_, left_, queued_;
  std::optional<double> share_;
};

/// The column of places. Tab reaches it once, up and down move; only places that are registered are there.
class Rail : public QWidget {
  Q_OBJECT

 public:
  Rail(Theme& theme, const std::vector<PanelEntry>& entries, QWidget* parent = nullptr);

  void set_place(const QString& id);
  void set_narrow(bool narrow);
  bool narrow() const { return narrow_; }
  void set_count(const QString& place, int count, bool calls);
  /// nullptr: the card is away.
  void show_running(const RunEntry* run, int colour, int queued);

 Q_SIGNALS:
  void place_chosen(const QString& id);
  void running_chosen();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  QButtonGroup* group_;
  std::map<QString, RailItem*> items_;
  std::vector<QWidget*> lines_;
  RunningCard* card_;
  bool narrow_ = false;
};

}  // namespace mimir
