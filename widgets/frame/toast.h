#pragma once

#include <QTimer>
#include <QWidget>

#include "widgets/theme/theme.h"

namespace mimir {

/// One sentence at the bottom right of the window for 6 s, longer under the pointer.
class Toast : public QWidget {
  Q_OBJECT

 public:
  Toast(Theme& theme, const QString& message, QWidget* parent);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  Theme* theme_;
  QTimer life_;
};

/// Stacks them, three at most; the oldest goes first.
class Toasts : public QObject {
  Q_OBJECT

 public:
  Toasts(Theme& theme, QWidget* window);
  void say(const QString& message);
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void arrange();

  Theme* theme_;
  QWidget* window_;
  QList<Toast*> shown_;
};

}  // namespace mimir
