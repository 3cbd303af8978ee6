#include "app/workbench/screenshot.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QImage>
#include <QPainter>
#include <iostream>

#include "widgets/frame/benchmarks.h"
#include "widgets/frame/main_window.h"
#include "widgets/panels/panel.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

constexpr int kReadMs = 20000;
constexpr int kRecordMs = 5000;
constexpr int kAnswerMs = 30000;  ///< of the program mimir, which may have to measure the machine
constexpr int kSettleMs = 600;  ///< a plot draws what has come at most 25 times a second, and lays out once more
constexpr int kTurnMs = 10;

bool wait_for(int ms, const std::function<bool()>& done) {
  const QDeadlineTimer deadline(ms);
  while (!done()) {
    if (deadline.hasExpired()) return false;
    turn_for(kTurnMs);
  }
  return true;
}

}  // namespace

bool wait_until_ready(MainWindow& window, Session& session) {
  if (!wait_for(kReadMs, [&window] { return window.ready(); })) {
    std::cerr << "The workspace " << session.library().workspace().path().string() << " could not be read within 20 s.\n";
    return false;
  }
  const QString run = session.run();
  // A run that has not begun has no record, and its place says so.
  if (!run.isEmpty()) wait_for(kRecordMs, [&session, &run] { return session.library().record(run) != nullptr; });
  return true;
}

int write_screenshot(MainWindow& window, Session& session, const Options& options) {
  if (!wait_until_ready(window, session)) return 1;
  if (!options.run.isEmpty() && !run_called(session.library().runs(), options.run)) {
    std::cerr << "No run, or more than one, is called \"" << options.run.toStdString() << "\".\n";
    return 2;
  }
  wait_for(kAnswerMs, [&window] {
    const auto* panel = dynamic_cast<const Panel*>(window.panel());
    return !panel || panel->settled();
  });
  turn_for(kSettleMs);
  QImage picture(options.size, QImage::Format_RGB32);
  QPainter painter(&picture);
  window.render(&painter);
  painter.end();
  if (!picture.save(options.output, "PNG")) {
    std::cerr << options.output.toStdString() << " could not be written.\n";
    return 1;
  }
  return 0;
}

}  // namespace mimir
