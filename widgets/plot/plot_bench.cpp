#include "widgets/plot/plot_bench.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <QThread>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/plot/plot_group.h"

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

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
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
  return median(times);
}

double crosshair_6_plots_ms() {
  constexpr int kPlots = 6;
  Theme theme;
  PlotGroup group;
  std::vector<std::unique_ptr<MetricPlot>> plots;
  for (int i = 0; i < kPlots; ++i) {
    plots.push_back(std::make_unique<MetricPlot>(theme));
    prepare(*plots.back());
    plots.back()->resize(640, 210);
    plots.back()->set_runs({{QStringLiteral("0"), QStringLiteral("0"), 0}});
    plots.back()->set_series(QStringLiteral("0"), RunSeries(noisy_curve(kPoints, static_cast<std::uint64_t>(i))));
    group.add(plots.back().get());
    plots.back()->show();
    plots.back()->grab();
    plots.back()->canvas()->replot(QCustomPlot::rpImmediateRefresh);
  }
  std::vector<double> times;
  for (int i = 0; i < 5 * kRepeats; ++i) {
    const QRect axes = plots.front()->canvas()->axes();
    const QPointF at(axes.left() + 40 + 9 * i, axes.center().y());
    QMouseEvent move(QEvent::MouseMove, at, plots.front()->canvas()->mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
    QElapsedTimer timer;
    timer.start();
    QCoreApplication::sendEvent(plots.front()->canvas(), &move);
    for (const auto& plot : plots) plot->canvas()->repaint();
    times.push_back(ms(timer));
  }
  return median(times);
}

double nan_visible_share() {
  constexpr int kViews = 120;
  constexpr std::size_t kAt = 654'321;
  Theme theme;
  std::vector<Point> points = noisy_curve(kMillion, 1);
  points[kAt].value = std::numeric_limits<double>::quiet_NaN();
  MetricPlot plot(theme);
  prepare(plot);
  plot.set_runs({{QStringLiteral("0"), QStringLiteral("0"), 0}});
  plot.set_series(QStringLiteral("0"), RunSeries(points));
  plot.show();
  const QRgb danger = Theme::colour(theme.tokens().danger).rgb();
  int visible = 0;
  for (int i = 0; i < kViews; ++i) {
    // From a million points across to ten, the NaN at another part of the width each time.
    const double wide = static_cast<double>(kMillion) * std::pow(1e-5, i / (kViews - 1.0)), part = std::fmod(0.1 + 0.37 * i, 0.8) + 0.1;
    plot.set_range(PlotRange{static_cast<double>(kAt) - part * wide, static_cast<double>(kAt) + (1 - part) * wide});
    plot.canvas()->replot(QCustomPlot::rpImmediateRefresh);
    const QImage picture = plot.canvas()->grab().toImage();
    const int x = qRound(plot.canvas()->xAxis->coordToPixel(kAt)), y = plot.canvas()->axes().top() + 6;
    bool found = false;
    for (int dx = -1; dx <= 1; ++dx) found = found || (picture.rect().contains(x + dx, y) && (picture.pixel(x + dx, y) | 0xFF000000U) == danger);
    visible += found ? 1 : 0;
  }
  return visible / static_cast<double>(kViews);
}

MillionFigures million_points() {
  Theme theme;
  const PointSeries points(noisy_curve(kMillion, 1));
  MillionFigures figures;
  QElapsedTimer timer, turn;
  timer.start();
  turn.start();
  MetricPlot plot(theme);
  prepare(plot);
  plot.set_runs({{QStringLiteral("0"), QStringLiteral("0"), 0}});
  plot.show();
  plot.grab();
  turn.restart();
  plot.load(QStringLiteral("0"), points, {}, 1, 1);
  bool painted = false;
  QObject::connect(plot.canvas(), &PlotCanvas::drawn, &plot, [&] { painted = painted || !plot.loading(QStringLiteral("0")); });
  while (!painted) {
    QCoreApplication::processEvents(QEventLoop::AllEvents);
    figures.stall_ms = std::max(figures.stall_ms, ms(turn));
    turn.restart();
    QThread::msleep(1);
    turn.restart();
  }
  figures.paint_ms = ms(timer);
  return figures;
}

}  // namespace mimir
