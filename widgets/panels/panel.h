#pragma once

#include <QList>
#include <QString>
#include <vector>

class QAction;
class QWidget;

namespace mimir {

class Session;

/// What a panel's widget offers the frame. The widget derives from QWidget and from this.
class Panel {
 public:
  virtual ~Panel() = default;
  /// At most three, drawn at the right of the context row, the most important last.
  virtual QList<QAction*> actions() const { return {}; }
  /// What Ctrl+S does here, of an action with a menu the first in it; its tooltip says what is saved. nullptr: the place has
  /// nothing to save.
  virtual QAction* save_action() const { return nullptr; }
  /// What Ctrl+E does where no plot can be exported; nullptr: nothing.
  virtual QAction* figure_action() const { return nullptr; }
  /// Columns beside the content, each in a box layout. F9 hides them; in narrow windows they are drawers.
  virtual QList<QWidget*> side_columns() const { return {}; }
  /// A part of the place by its name ("first-start"); others change nothing.
  virtual void show_part(const QString&) {}
  /// Nothing that it has asked for is on its way; pictures of the place wait for it.
  virtual bool settled() const { return true; }
};

/// A place of the window. A new panel is one folder, with one entry registered at file scope.
struct PanelEntry {
  const char* id;      ///< "monitor"
  const char* title;   ///< translated by the frame
  const char* icon;    ///< file name in resources/icons, without .svg
  int position;        ///< on the rail: 1 launch, 2 monitor, 3 reconstruction, 4 attack-lab, 5 attention, 6 evaluation, 7 history, 8 compare
  QWidget* (*make)(Session&);
  const char* tip = nullptr;  ///< one sentence that stands above the place until it is dismissed; translated by the frame
};

/// In the order of position.
const std::vector<PanelEntry>& panels();
bool add_panel(PanelEntry entry);

}  // namespace mimir
