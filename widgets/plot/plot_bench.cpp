#include "widgets/plot/plot_bench.h"

#include <QElapsedTimer>
#include <algorithm>
#include <cmath>

#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_canvas.h"

namespace mimir {
namespace {

constexpr int kRuns = 20;
constexpr std::size_t kPoints = 100'000;
constexpr std::size_t kMillion = 1'000'000;
constexpr int kRepeats = 9;

/// A falling, noisy curve; the same one for the same seed.
std::vector<Point> noisy_curve(std::size_t count, std::uint64_t seed) {
  std::vector<Point> points(count);
  std::uint64_t state = seed * 2862933555777941757ULL + 3037000493ULL;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const double noise = static_cast<double>(state >> 11) / 9007199254740992.0;
    const double part = static_cast<double>(i) / static_cast<double>(count);
    points[i] = {0, static_cast<std::int64_t>(i), 1e9 + 0.1 * static_cast<double>(i),
                 (0.3 + 0.02 * static_cast<double>(seed)) * std::exp(-4 * part) + 0.05 + 0.05 * noise};
  }
  return points;
}

void prepare(MetricPlot& plot) {
  PlotOptions options;
  options.smoothing = 0.95;
  plot.set_options(options);
  plot.setAttribute(Qt::WA_DontShowOnScreen);
  plot.resize(900, 400);
}

double ms(const QElapsedTimer& timer) { return static_cast<double>(timer.nsecsElapsed()) / 1e6; }

}  // namespace

double redraw_20x100k_ms() {
  Theme theme;
  MetricPlot plot(theme);
  prepare(plot);
  QList<PlotRun> runs;
  for (int i = 0; i < kRuns; ++i) runs.append({QString::number(i), QString::number(i), i});
  plot.set_runs(runs);
  for (int i = 0; i < kRuns; ++i) {
    plot.set_series(QString::number(i), RunSeries(noisy_curve(kPoints, static_cast<std::uint64_t>(i))));
  }
  plot.show();
  plot.grab();
  std::vector<double> times;
  for (int i = 0; i < kRepeats; ++i) {
    QElapsedTimer timer;
    timer.start();
    plot.canvas()->replot(QCustomPlot::rpImmediateRefresh);
    times.push_back(ms(timer));
  }
  std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
  return times[kRepeats / 2];
}

double million_paint_ms() {
  Theme theme;
  const std::vector<Point> points = noisy_curve(kMillion, 1);
  QElapsedTimer timer;
  timer.start();
  MetricPlot plot(theme);
  prepare(plot);
  plot.set_runs({{QStringLiteral("0"), QStringLiteral("0"), 0}});
  plot.set_series(QStringLiteral("0"), RunSeries(points));
  plot.show();
  plot.grab();
  plot.canvas()->replot(QCustomPlot::rpImmediateRefresh);
  return ms(timer);
}

}  // namespace mimir
