// What a run that is being recorded asks of the window.
#include <QElapsedTimer>
#include <QSet>
#include <QTemporaryDir>
#include <map>
#include <optional>

#include "core/store/clock.h"
#include "core/store/control.h"
#include "widgets/frame/benchmarks.h"
#include "widgets/frame/main_window.h"
#include "widgets/frame/ui_watch.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/session/program.h"
#include "widgets/session/run_words.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kTurnMs = 5;
constexpr int kStartMs = 60'000;   ///< until the demo's first point, on a busy machine
constexpr int kWatchedMs = 10'000;
constexpr int kEndMs = 20'000;

struct LiveFigures {
  double first_point_ms = 0;  ///< from when the first point was recorded until a plot with it was painted
  double delay_max_ms = 0;    ///< the same of all later points
  double draws_per_s = 0;     ///< of the plot that was drawn most often
  double stall_ms = 0;
};

bool turn_until(int ms, const std::function<bool()>& done) {
  QElapsedTimer clock;
  clock.start();
  while (!done()) {
    if (clock.hasExpired(ms)) return false;
    turn_for(kTurnMs);
  }
  return true;
}

/// Notes when points are painted. Knows plots as they are made.
class PaintWatch : public QObject {
 public:
  explicit PaintWatch(QWidget& window) : window_(&window) {}

  void look_for_plots() {
    for (PlotCanvas* canvas : window_->findChildren<PlotCanvas*>()) {
      if (known_.contains(canvas)) continue;
      known_.insert(canvas);
      connect(canvas, &PlotCanvas::drawn, this, [this, canvas] { painted(*canvas); });
    }
  }
  const std::optional<double>& first_ms() const { return first_; }
  double longest_ms() const { return longest_; }
  int most_draws() const {
    int most = 0;
    for (const PlotCanvas* canvas : known_) most = std::max(most, canvas->redraws());
    return most;
  }

 private:
  void painted(const PlotCanvas& canvas) {
    for (const PlotCurve& curve : canvas.data().curves) {
      if (curve.series.empty()) continue;
      const double recorded = curve.series.point(curve.series.size() - 1).time;
      double& before = newest_[&canvas];
      if (recorded <= before) continue;
      before = recorded;
      const double ms = (seconds_since_1970() - recorded) * 1e3;
      if (!first_) first_ = ms;
      else longest_ = std::max(longest_, ms);
    }
  }

  QWidget* window_;
  QSet<PlotCanvas*> known_;
  std::map<const PlotCanvas*, double> newest_;
  std::optional<double> first_;
  double longest_ = 0;
};

void end_run(Session& session, const QString& id) {
  const RunEntry* run = session.library().find(id);
  if (!run) return;
  ControlRequest request;
  request.command = ControlCommand::stop;
  request.when = Stop::now;
  (void)send_control(run->folder, request);  // one that has ended by itself does not answer
  turn_until(kEndMs, [&] { return !session.library().find(id) || !at_work(*session.library().find(id)); });
}

/// The demo in a workspace and a window of their own; none without the program, or where it does not start.
std::optional<LiveFigures> run_live(BenchmarkContext& context) {
  Program program;
  if (program.path().isEmpty()) return std::nullopt;
  const QTemporaryDir folder;
  Session session(context.session.theme(), Workspace(folder.path().toStdString()));
  session.set_keeps_colours(false);
  MainWindow window(session, {{}, QStringLiteral("monitor"), {}});
  window.resize(context.window.size());
  window.show();
  QString id;
  bool answered = false;
  program.start_run({QStringLiteral("demo"), QStringLiteral("--workspace"), folder.path()}, &window, [&](const Expected<nlohmann::json>& answer) {
    answered = true;
    if (answer) id = QString::fromStdString(answer->at("id").get<std::string>());
  });
  turn_until(kStartMs, [&] { return answered; });
  if (id.isEmpty()) return std::nullopt;
  session.select_run(id);
  PaintWatch paints(window);
  UiWatch stall;
  stall.start();
  const bool begun = turn_until(kStartMs, [&] {
    paints.look_for_plots();
    return paints.first_ms().has_value();
  });
  LiveFigures figures;
  if (begun) {
    const int before = paints.most_draws();
    turn_for(kWatchedMs);
    figures = {*paints.first_ms(), paints.longest_ms(), (paints.most_draws() - before) * 1000.0 / kWatchedMs, stall.longest_ms()};
  }
  end_run(session, id);
  return begun ? std::optional(figures) : std::nullopt;
}

/// Runs once for all figures.
const std::optional<LiveFigures>& figures_of(BenchmarkContext& context) {
  static const std::optional<LiveFigures> figures = run_live(context);
  return figures;
}

template <double LiveFigures::* Figure>
std::optional<double> live(BenchmarkContext& context) {
  const auto& figures = figures_of(context);
  return figures ? std::optional((*figures).*Figure) : std::nullopt;
}

const bool registered = add_benchmark("first_point_ms", live<&LiveFigures::first_point_ms>) && add_benchmark("live_delay_max_ms", live<&LiveFigures::delay_max_ms>) &&
                        add_benchmark("live_draws_per_s", live<&LiveFigures::draws_per_s>) && add_benchmark("ui_stall_max_ms", live<&LiveFigures::stall_ms>);

}  // namespace
}  // namespace mimir
