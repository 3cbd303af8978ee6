#pragma once

#include <QObject>
#include <functional>

class QWidget;

namespace mimir {

/// What keeps a widget up to date while it can be seen: a place that is hidden, though made, costs nothing while runs
/// are recorded.
class InSight : public QObject {
  Q_OBJECT

 public:
  /// The parent is gone before the widget, or with it.
  InSight(QWidget& widget, std::function<void()> update, QObject* parent);
  /// Updates now or, of a hidden widget, once when it is shown.
  void changed();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  const QWidget* widget_;
  std::function<void()> update_;
  bool due_ = false;
};

}  // namespace mimir
