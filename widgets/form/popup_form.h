#pragma once

#include <QFrame>

class QGridLayout;

namespace mimir {

/// A few labelled controls that open below a button and close by Escape or a click elsewhere. Tab goes from one to the next, which it
/// does not in a menu.
class PopupForm : public QFrame {
  Q_OBJECT

 public:
  /// `parent`: the button it belongs to.
  PopupForm(const QString& name, QWidget* parent);

  void add_row(const QString& label, QWidget* control);
  /// Over the whole width.
  void add_wide(QWidget* control);
  /// With the focus in the first control.
  void open();

 private:
  QGridLayout* grid_;
};

}  // namespace mimir
