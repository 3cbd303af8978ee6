#include <QApplication>
#include <QFile>
#include <QProcess>

#include "app/workbench/bench.h"
#include "app/workbench/options.h"
#include "app/workbench/screenshot.h"
#include "core/base/version.h"
#include "widgets/frame/main_window.h"

int main(int argc, char** argv) {
  using namespace mimir;
  const Parsed parsed = parse_options(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  const Options& options = parsed.options;

  const bool picture = !options.screenshot.isEmpty();
  const bool display = qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
  // A picture must not depend on the desktop: its scale, its window manager.
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM") && (picture || (options.bench && !display))) qputenv("QT_QPA_PLATFORM", "offscreen");
  if (picture) qputenv("QT_SCALE_FACTOR", "1");
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("mimir-workbench"));
  QApplication::setApplicationDisplayName(QStringLiteral("MIMIR Workbench"));
  QApplication::setApplicationVersion(QLatin1String(version()));
  QApplication::setDesktopFileName(QStringLiteral("mimir-workbench"));
  const QString state_path = SavedState::default_path();
  if (options.reset_settings) QFile::remove(state_path);

  const bool remembers = !picture && !options.bench && !options.safe_mode;
  Theme theme;
  if (picture || options.safe_mode) theme.set_appearance(options.safe_mode ? Appearance::light : Appearance::dark);
  if (remembers) theme.set_appearance(SavedState::read(state_path).appearance);
  if (options.appearance) theme.set_appearance(*options.appearance);
  theme.apply(application, options.safe_mode ? Theme::Dress::plain : Theme::Dress::full);

  Session session(theme, Workspace(options.workspace));
  if (!options.worker.isEmpty()) session.worker().set_command(QProcess::splitCommand(options.worker));
  session.set_keeps_colours(!picture && !options.bench);
  MainWindow window(session, {remembers ? state_path : QString(), options.place, options.run,
                              picture || options.bench ? std::nullopt : std::optional(QDBusConnection::sessionBus())});
  if (picture || options.bench) window.resize(options.size);
  window.show();
  if (picture) return write_screenshot(window, session, options);
  if (options.bench) {
    window.repaint();
    return run_benchmarks(window, session, options, process_age_ms());
  }
  return QApplication::exec();
}
