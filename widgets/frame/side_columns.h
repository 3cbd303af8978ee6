#pragma once

#include <QList>
#include <QObject>
#include <QPointer>
#include <QSet>
#include <vector>

#include "widgets/theme/theme.h"

class QBoxLayout;
class QWidget;

namespace mimir {

/// The columns beside a place's content. In a wide window they stand in the place's own layout, and toggle() hides
/// them. Folded, toggle() lays them over the place as drawers at the edges they came from; they stay until toggle(), or
/// Esc in one of them.
class SideColumns : public QObject {
  Q_OBJECT

 public:
  /// Drawers lie over `ground`, which holds the places.
  SideColumns(Theme& theme, QWidget* ground);

  /// The place that is shown now, and its columns in reading order; those of the last one are put back first.
  void show_place(const QString& place, const QList<QWidget*>& columns);
  void set_folded(bool folded);
  bool folded() const { return folded_; }
  bool any() const { return !columns_.empty(); }
  /// The columns are in sight.
  bool open() const { return folded_ ? open_ : !hidden_.contains(place_); }
  void toggle();

  bool eventFilter(QObject* watched, QEvent* event) override;

 Q_SIGNALS:
  /// any(), folded() or open() may differ.
  void changed();

 private:
  class Drawer;
  struct Column {
    QPointer<QWidget> widget;
    QPointer<QWidget> stand_in;  ///< keeps its slot in the layout while it is away
    bool left = false;
  };
  void stand();
  void show_in_place();
  void focus_first();
  void take_out();
  void put_back();
  void arrange();

  QWidget* ground_;
  Drawer* left_;
  Drawer* right_;
  QString place_;
  std::vector<Column> columns_;
  QSet<QString> hidden_;  ///< places whose columns are hidden, in wide windows
  bool folded_ = false;
  bool open_ = false;
  QPointer<QWidget> before_;  ///< had the focus when the drawers were opened
};

}  // namespace mimir
