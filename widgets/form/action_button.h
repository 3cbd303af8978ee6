#pragma once

#include <QPushButton>

class QAction;

namespace mimir {

/// A push button that is what its action is: text, icon, menu, tooltip with the shortcut, enabled, checked and visible.
/// The action's property "kind" dresses it: primary, danger.
class ActionButton : public QPushButton {
  Q_OBJECT

 public:
  /// `action` may go first: the button stays as it was last.
  explicit ActionButton(QAction* action, QWidget* parent = nullptr);

 private:
  void follow(const QAction& action);
};

}  // namespace mimir
