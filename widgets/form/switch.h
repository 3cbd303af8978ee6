#pragma once

#include <QAbstractButton>

#include "widgets/theme/theme.h"

namespace mimir {

/// On or off at once, for a whole stage; Space switches. Give it an accessible name.
class Switch : public QAbstractButton {
  Q_OBJECT

 public:
  explicit Switch(Theme& theme, QWidget* parent = nullptr);
  QSize sizeHint() const override { return {32, 18}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
};

}  // namespace mimir
