#pragma once

#include <QWidget>

#include "widgets/theme/theme.h"

namespace mimir {

/// How a stage's time compares with the longest one's; an empty track where it is not known.
class ShareBar : public QWidget {
  Q_OBJECT

 public:
  explicit ShareBar(Theme& theme, QWidget* parent = nullptr);
  /// 0 to 1.
  void set_share(double share);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  double share_ = 0;
};

}  // namespace mimir
