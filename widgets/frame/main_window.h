#pragma once

#include <QMainWindow>
#include <QPointer>
#include <QTimer>
#include <functional>
#include <map>

#include "widgets/frame/palette_model.h"
#include "widgets/frame/saved_state.h"
#include "widgets/session/session.h"

class QActionGroup;
class QMenu;
class QStackedWidget;

namespace mimir {

class CommandPalette;
class ContextRow;
class MenuRow;
class Rail;
class StatusRow;
class Toasts;

/// Where the window begins, and whether it remembers.
struct WindowOptions {
  QString state_path;  ///< of SavedState; empty: nothing is read or written
  QString place;       ///< empty: the last one, else the first
  QString run;         ///< as in run_called(); empty: the last one, else the one at work or the newest
};

/// Menus, rail, context row, places, status line. Makes a place when it is first opened. Knows no panel but through
/// the registry.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  MainWindow(Session& session, const WindowOptions& options);
  ~MainWindow() override;

  /// An id nobody has registered changes nothing and says false.
  bool open_place(const QString& id);
  const QString& place() const { return place_; }
  /// The widget of the place that is open; nullptr without places.
  QWidget* panel() const;
  CommandPalette& palette_field() { return *palette_; }
  void set_appearance(Appearance appearance);

  /// The session has read the workspace, and a run is selected if there is one.
  bool ready() const { return ready_; }

 Q_SIGNALS:
  void became_ready();

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void closeEvent(QCloseEvent* event) override;

 private:
  void make_menus();
  void make_run_menu(QMenu& menu);
  QAction* add(QMenu& menu, const QString& text, const QKeySequence& keys, const std::function<void()>& work);
  void connect_session();
  void runs_changed();
  void show_run();
  void select_first_run();
  void open_palette(const QString& typed);
  std::vector<PaletteModel::Entry> palette_entries();
  void open_workspace();
  void save_picture();
  void show_about();
  void remember_soon();
  void remember();
  QString workspace_path() const;

  Session& session_;
  WindowOptions options_;
  SavedState state_;
  QString place_;
  std::map<QString, QWidget*> made_;
  MenuRow* menu_row_ = nullptr;
  Rail* rail_ = nullptr;
  ContextRow* context_ = nullptr;
  QStackedWidget* places_ = nullptr;
  StatusRow* status_ = nullptr;
  CommandPalette* palette_ = nullptr;
  Toasts* toasts_ = nullptr;
  QMenu* run_menu_ = nullptr;
  QActionGroup* appearances_ = nullptr;
  QAction* open_folder_ = nullptr;
  QAction* copy_id_ = nullptr;
  QTimer remember_;
  bool ready_ = false;
};

}  // namespace mimir
