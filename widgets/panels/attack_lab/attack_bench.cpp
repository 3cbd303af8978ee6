#include <QCoreApplication>
#include <QElapsedTimer>
#include <QSlider>

#include "widgets/frame/benchmarks.h"
#include "widgets/frame/main_window.h"
#include "widgets/panels/attack_lab/attack_lab_panel.h"
#include "widgets/panels/attack_lab/path_card.h"

namespace mimir {
namespace {

constexpr int kAnswerMs = 30'000;  ///< of a worker that has yet to load the model
constexpr int kTurnMs = 20;

/// The slowest of all steps of a computed path, from the move of the slider until the window is painted.
std::optional<double> step_slider(BenchmarkContext& context) {
  const QString before = context.window.place();
  context.window.open_place(QStringLiteral("attack-lab"));
  auto* panel = dynamic_cast<AttackLabPanel*>(context.window.panel());
  QElapsedTimer clock;
  clock.start();
  while (panel && !(panel->result() && panel->settled()) && clock.elapsed() < kAnswerMs) turn_for(kTurnMs);
  std::optional<double> slowest;
  if (panel && panel->result()) {
    QSlider* slider = panel->path().slider();
    for (int step = slider->minimum(); step <= slider->maximum(); ++step) {
      turn_for(kTurnMs);
      clock.restart();
      slider->setValue(step);
      QCoreApplication::sendPostedEvents();
      QCoreApplication::processEvents();  // what the move made dirty, and nothing else
      slowest = std::max(slowest.value_or(0), static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
  }
  context.window.open_place(before);
  return slowest;
}

const bool registered = add_benchmark("attack_slider_ms", step_slider);

}  // namespace
}  // namespace mimir
