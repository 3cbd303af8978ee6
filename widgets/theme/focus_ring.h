#pragma once

#include <QFocusFrame>
#include <QPointer>

class QApplication;

namespace mimir {

/// Shows a ring, 1 px outside, around the push button or slider that has got the focus by the keyboard. Tool buttons,
/// which often fill their row, fields, lists and plots show it themselves.
class FocusRing : public QObject {
  Q_OBJECT

 public:
  explicit FocusRing(QApplication& application);
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QPointer<QFocusFrame> frame_;
};

}  // namespace mimir
