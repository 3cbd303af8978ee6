#pragma once

#include <QAbstractButton>
#include <QWidget>

#include "widgets/theme/theme.h"

class QAction;
class QMenuBar;

namespace mimir {

class Bell;
class MessageModel;

/// Looks like a field, opens the palette.
class SearchButton : public QAbstractButton {
  Q_OBJECT

 public:
  SearchButton(Theme& theme, QWidget* parent);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
};

/// The row at the top: menus at the left, the search in the middle of the window, bell and theme at the right.
class MenuRow : public QWidget {
  Q_OBJECT

 public:
  MenuRow(Theme& theme, QAction* palette, QAction* switch_theme, MessageModel& messages, QWidget* parent = nullptr);
  QMenuBar* menus() { return menus_; }
  Bell& bell() { return *bell_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void place_search();

  QMenuBar* menus_;
  SearchButton* search_;
  QWidget* right_;
  Bell* bell_;
};

}  // namespace mimir
