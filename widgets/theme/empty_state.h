#pragma once

#include <QLatin1String>
#include <QWidget>

#include "widgets/theme/theme.h"

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace mimir {

/// What stands where there is nothing to show yet: icon, one line, one sentence, at most a primary and a plain
/// button; centred in whatever it is given.
class EmptyState : public QWidget {
  Q_OBJECT

 public:
  EmptyState(Theme& theme, QLatin1String icon, const QString& line, const QString& sentence, QWidget* parent = nullptr);

  void set_text(const QString& line, const QString& sentence);
  enum class Kind { primary, plain };
  /// Connect its clicked(). Owned by this.
  QPushButton* add_button(const QString& verb, Kind kind);

 private:
  void dress();

  Theme* theme_;
  QLatin1String icon_;
  QLabel* picture_;
  QLabel* line_;
  QLabel* sentence_;
  QHBoxLayout* buttons_;
};

}  // namespace mimir
