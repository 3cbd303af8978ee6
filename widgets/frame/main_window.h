#pragma once

#include <QDBusConnection>
#include <QMainWindow>
#include <QPointer>
#include <QTimer>
#include <functional>
#include <map>
#include <optional>

#include "widgets/frame/palette_model.h"
#include "widgets/frame/saved_state.h"
#include "widgets/frame/selection_trail.h"
#include "widgets/session/session.h"

class QActionGroup;
class QMenu;
class QStackedWidget;

namespace mimir {

class CommandPalette;
class ContextRow;
class DesktopNotifications;
class InputFilter;
class MenuRow;
class MessageModel;
class MessageStrip;
class Rail;
class SideColumns;
class StatusRow;
class Toasts;
struct PanelEntry;
struct RunNotice;

/// Where the window begins, and whether it remembers.
struct WindowOptions {
  QString state_path;  ///< of SavedState; empty: nothing is read or written
  QString place;       ///< as open_place takes it; empty: the last one, else the first
  QString run;         ///< as in run_called(); empty: the last one, else the one at work or the newest
  std::optional<QDBusConnection> bus = std::nullopt;  ///< of the desktop's notifications; none: none are sent
};

/// Menus, rail, context row, places, status line. Makes a place when it is first opened. Knows no panel but through
/// the registry.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  MainWindow(Session& session, const WindowOptions& options);
  ~MainWindow() override;

  /// "launch", or with a part of the place "launch/first-start". An id nobody has registered changes nothing and says
  /// false.
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
  void make_view_menu(QMenu& view, QAction* palette, QAction* switch_theme);
  void make_settings_menu(QMenu& settings);
  QAction* add(QMenu& menu, const QString& text, const QKeySequence& keys, const std::function<void()>& work);
  void connect_session();
  void show_place(const PanelEntry& entry);
  void runs_changed();
  void show_run();
  void show_trouble();
  /// The tip of the place, unless it is dismissed or something is wrong, which comes first.
  void show_tip();
  void dismiss_tip();
  void first_steps();
  /// Makes Ctrl+S what the place saves.
  void show_save();
  void show_sides();
  void select_first_run();
  void say(const QString& message);
  void take_notice(const RunNotice& notice);
  void open_run(const QString& id);
  void note_step();
  void go(int by);
  void go_to_pane(bool forward);
  void export_plot();
  void next_problem();
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
  SavedState written_;
  QString place_;
  std::map<QString, QWidget*> made_;
  MenuRow* menu_row_ = nullptr;
  Rail* rail_ = nullptr;
  ContextRow* context_ = nullptr;
  QStackedWidget* places_ = nullptr;
  MessageStrip* trouble_ = nullptr;
  MessageStrip* tip_ = nullptr;
  SideColumns* sides_ = nullptr;
  StatusRow* status_ = nullptr;
  CommandPalette* palette_ = nullptr;
  Toasts* toasts_ = nullptr;
  MessageModel* messages_ = nullptr;
  DesktopNotifications* notifications_ = nullptr;
  InputFilter* input_ = nullptr;
  SelectionTrail trail_;
  QMenu* run_menu_ = nullptr;
  QActionGroup* appearances_ = nullptr;
  QAction* open_folder_ = nullptr;
  QAction* copy_id_ = nullptr;
  QAction* back_ = nullptr;
  QAction* forward_ = nullptr;
  QAction* side_ = nullptr;
  QAction* save_ = nullptr;
  QPointer<QAction> saves_;  ///< of the place
  QTimer step_;  ///< a run and a place chosen together are one step
  QTimer remember_;
  bool ready_ = false;
};

}  // namespace mimir
