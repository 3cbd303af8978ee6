#pragma once

#include <QLatin1String>
#include <QWidget>

#include "widgets/theme/status.h"

class QLabel;
class QPushButton;

namespace mimir {

/// A sentence on soft ground with an icon, a second smaller line where there is one, and at most one button.
class MessageStrip : public QWidget {
  Q_OBJECT

 public:
  explicit MessageStrip(Theme& theme, QWidget* parent = nullptr);

  void show_message(Tone tone, QLatin1String icon, const QString& text, const QString& detail = {});
  /// An empty verb: no button.
  void set_verb(const QString& verb);
  QString text() const;

 Q_SIGNALS:
  void acted();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  Tone tone_ = Tone::neutral;
  QLatin1String icon_;
  QLabel* text_;
  QLabel* detail_;
  QPushButton* button_;
};

}  // namespace mimir
