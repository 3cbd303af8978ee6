#pragma once

#include <QObject>

class QKeyEvent;

namespace mimir {

/// What the window does with input before its widgets see it: single letters are shortcuts or are not, and What is
/// this? answers with a widget's tooltip where it has no longer text.
class InputFilter : public QObject {
  Q_OBJECT

 public:
  /// Filters the whole application while it lives.
  explicit InputFilter(QObject* parent);
  void set_letters(bool are_shortcuts) { letters_ = are_shortcuts; }

  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  bool letters_ = true;
};

}  // namespace mimir
