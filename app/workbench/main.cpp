#include <QApplication>
#include <QMainWindow>

#include "widgets/session/session.h"

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  mimir::Theme theme;
  theme.apply(application);
  mimir::Session session(theme, mimir::Workspace());
  QMainWindow window;
  window.show();
  return QApplication::exec();
}
