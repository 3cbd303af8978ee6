#include "widgets/frame/benchmarks.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTimer>
#include <algorithm>

#include "widgets/frame/main_window.h"
#include "widgets/panels/panel.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

std::vector<Benchmark>& entries() {
  static std::vector<Benchmark> all;
  return all;
}

/// Until the window is painted as it then is.
double painted_after(MainWindow& window, const std::function<void()>& change) {
  QCoreApplication::processEvents();
  QElapsedTimer clock;
  clock.start();
  change();
  QCoreApplication::sendPostedEvents();
  QCoreApplication::processEvents();
  window.repaint();
  return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

/// The slowest change to a place that has been made already.
std::optional<double> place_switch(BenchmarkContext& context) {
  if (panels().empty()) return std::nullopt;
  const QString before = context.window.place();
  double slowest = 0;
  for (const bool counted : {false, true}) {
    for (const PanelEntry& entry : panels()) {
      const double ms = painted_after(context.window, [&] { context.window.open_place(QLatin1String(entry.id)); });
      if (counted) slowest = std::max(slowest, ms);
    }
  }
  context.window.open_place(before);
  return slowest;
}

/// The slower of the two directions, with every place made.
std::optional<double> theme_switch(BenchmarkContext& context) {
  Theme& theme = context.session.theme();
  const Appearance before = theme.appearance();
  const bool dark = theme.dark();
  const double there = painted_after(context.window, [&] { theme.set_appearance(dark ? Appearance::light : Appearance::dark); });
  const double back = painted_after(context.window, [&] { theme.set_appearance(dark ? Appearance::dark : Appearance::light); });
  theme.set_appearance(before);
  return std::max(there, back);
}

const bool registered = add_benchmark("place_switch_ms", place_switch) && add_benchmark("theme_switch_ms", theme_switch);

}  // namespace

const std::vector<Benchmark>& benchmarks() { return entries(); }

bool add_benchmark(std::string name, std::function<std::optional<double>(BenchmarkContext&)> measure) {
  auto& all = entries();
  const auto at = std::lower_bound(all.begin(), all.end(), name, [](const Benchmark& b, const std::string& n) { return b.name < n; });
  all.insert(at, {std::move(name), std::move(measure)});
  return true;
}

void turn_for(int ms) {
  QEventLoop loop;
  QTimer::singleShot(ms, &loop, &QEventLoop::quit);
  loop.exec();
}

}  // namespace mimir
