#include "widgets/form/action_button.h"

#include <QAction>
#include <QMenu>

namespace mimir {

ActionButton::ActionButton(QAction* action, QWidget* parent) : QPushButton(parent) {
  setProperty("kind", action->property("kind"));
  setAutoDefault(false);
  follow(*action);
  connect(action, &QAction::changed, this, [this, action] { follow(*action); });
  connect(this, &QPushButton::clicked, action, &QAction::trigger);
}

void ActionButton::follow(const QAction& action) {
  setText(action.text());
  setAccessibleName(action.text());
  setIcon(action.icon());
  if (menu() != action.menu()) setMenu(action.menu());
  setCheckable(action.isCheckable());
  setChecked(action.isChecked());
  setEnabled(action.isEnabled());
  setVisible(action.isVisible());
  const QString keys = action.shortcut().toString(QKeySequence::NativeText);
  const bool said = keys.isEmpty() || action.toolTip().contains(keys);
  setToolTip(said ? action.toolTip() : tr("%1 (%2)").arg(action.toolTip(), keys));
}

}  // namespace mimir
