#pragma once

#include <QWidget>

#include "widgets/theme/status.h"

namespace mimir {

/// Icon and word on soft ground. Its accessible name is the word. Not focusable.
class StatusPill : public QWidget {
  Q_OBJECT

 public:
  explicit StatusPill(Theme& theme, QWidget* parent = nullptr);

  void show_look(const StatusLook& look);
  const StatusLook& look() const { return look_; }
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  StatusLook look_;
};

}  // namespace mimir
