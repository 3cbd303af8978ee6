#pragma once

#include <QStringList>
#include <QWidget>

#include "widgets/theme/theme.h"

class QButtonGroup;

namespace mimir {

/// One of a few, all in sight: Auto | Log | Linear. Tab reaches it, left and right choose.
class SegmentedControl : public QWidget {
  Q_OBJECT

 public:
  /// `name` is what a screen reader says before a label ("Scale of y").
  SegmentedControl(Theme& theme, const QString& name, const QStringList& labels, QWidget* parent = nullptr);

  int index() const;
  /// Emits `chosen` only if it differs.
  void set_index(int index);
  void set_enabled(int index, bool enabled, const QString& why_not = {});

 Q_SIGNALS:
  void chosen(int index);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  QButtonGroup* buttons_;
};

}  // namespace mimir
