#pragma once

#include <QAbstractButton>
#include <QWidget>

#include "widgets/theme/theme.h"

class QAction;
class QMenuBar;

namespace mimir {

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

/// The row at the top: menus at the left, the search in the middle of the window, the theme at the right.
class MenuRow : public QWidget {
  Q_OBJECT

 public:
  MenuRow(Theme& theme, QAction* palette, QAction* switch_theme, QWidget* parent = nullptr);
  QMenuBar* menus() { return menus_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void place_search();

  QMenuBar* menus_;
  SearchButton* search_;
  QWidget* right_;
};

}  // namespace mimir
