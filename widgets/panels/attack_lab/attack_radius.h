#pragma once

#include <QWidget>
#include <vector>

#include "widgets/theme/theme.h"

class QLabel;
class QLineEdit;
class QSlider;

namespace mimir {

/// The radius of an attack: a field that takes fractions, the decimal beside it, and a slider over 16 levels of 1/255 (of
/// 16/255 under L2).
class AttackRadius : public QWidget {
  Q_OBJECT

 public:
  explicit AttackRadius(Theme& theme, QWidget* parent = nullptr);

  /// The last one that was a number.
  double value() const { return value_; }
  /// As it was typed: "8/255".
  const QString& text() const { return text_; }
  /// Emits changed().
  void set_value(double value);
  /// Emits nothing; does nothing unless it is a number.
  void set_text(const QString& text);
  /// What the levels are, and how large a radius may be. Emits nothing.
  void set_linf(bool linf);
  /// Why what stands in the field cannot be taken; empty: it can.
  QString problem() const;

  QSlider* slider() const { return slider_; }
  /// Of the slider, 0 first.
  std::vector<double> levels() const;

 Q_SIGNALS:
  /// By the user, also to what is no number.
  void changed();

 private:
  class Scale;

  double level() const;
  void typed();
  void refresh();
  void show_error(bool wrong);
  void show_value();

  bool linf_ = true;
  double value_ = 8.0 / 255;
  QString text_ = QStringLiteral("8/255");
  QLineEdit* field_;
  QLabel* decimal_;
  QSlider* slider_;
  Scale* scale_;
};

}  // namespace mimir
