#pragma once

#include <QDialog>

namespace mimir {

class Theme;

/// Every action of the window, and of the places made so far, that has a shortcut.
class ShortcutsList : public QDialog {
  Q_OBJECT

 public:
  ShortcutsList(Theme& theme, QWidget* window);
};

}  // namespace mimir
