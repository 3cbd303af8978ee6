// What does not depend on the workspace: plots, and lists of ten thousand runs.
#include <sys/resource.h>

#include <QElapsedTimer>
#include <algorithm>

#include "widgets/frame/benchmarks.h"
#include "widgets/frame/main_window.h"
#include "widgets/frame/palette_model.h"
#include "widgets/plot/plot_bench.h"
#include "widgets/session/session.h"
#include "widgets/table/run_table.h"

namespace mimir {
namespace {

constexpr int kRuns = 10'000;
constexpr int kIdleMs = 3000;

double ms(const QElapsedTimer& clock) { return static_cast<double>(clock.nsecsElapsed()) / 1e6; }

std::vector<RunEntry> many_runs() {
  std::vector<RunEntry> runs;
  runs.reserve(kRuns);
  for (int i = 0; i < kRuns; ++i) {
    const std::string name = "cifar10-hsic-" + std::to_string(i * 7919 % kRuns);
    RunEntry run{QStringLiteral("r%1").arg(i), RunFolder("/nowhere/2026-11-25-" + name + "-r" + std::to_string(i)), {}, {}, 1e9 + i, {}, {}, {}, {}, {}, {}};
    run.condition.status = i % 3 ? RunStatus::finished : RunStatus::failed;
    run.recipe = {{"pretrain.epochs", std::to_string(i % 50)}, {"pretrain.attack.epsilon", "8/255"}};
    run.metrics = {{"finetune/robust_accuracy", 0.3 + (i * 31 % 1000) / 5000.0}, {"pretrain/loss", 0.1 + (i % 97) / 100.0}};
    run.revision = static_cast<std::uint64_t>(i) + 1;
    runs.push_back(std::move(run));
  }
  return runs;
}

/// The slower of sorting by a column and of narrowing by a word, until the table is painted.
std::optional<double> table(BenchmarkContext& context) {
  RunTable table(context.session.theme());
  table.setAttribute(Qt::WA_DontShowOnScreen);
  table.resize(1200, 700);
  const std::vector<RunEntry> runs = many_runs();
  table.set_runs(runs);
  table.show();
  table.grab();
  double slowest = 0;
  const auto measure = [&](const std::function<void()>& change) {
    QElapsedTimer clock;
    clock.start();
    change();
    table.grab();
    slowest = std::max(slowest, ms(clock));
  };
  measure([&] { table.filter().set_keys({{QStringLiteral("name"), Qt::AscendingOrder}}); });
  measure([&] { table.filter().set_keys({{QStringLiteral("name"), Qt::DescendingOrder}}); });
  measure([&] { table.filter().set_text(QStringLiteral("hsic-77")); });
  measure([&] { table.filter().set_text({}); });
  return slowest;
}

std::optional<double> palette(BenchmarkContext&) {
  PaletteModel model;
  std::vector<PaletteModel::Entry> entries;
  for (int i = 0; i < kRuns; ++i) entries.push_back({PaletteModel::Kind::run, QString::number(i), QStringLiteral("cifar10-hsic-%1 · seed %2").arg(i).arg(i % 3), {}, {}, {}, 0, {}, {}});
  model.set_entries(std::move(entries));
  double slowest = 0;
  for (const QString& typed : {QStringLiteral("h"), QStringLiteral("hsic 77"), QStringLiteral("seed 2 cif")}) {
    QElapsedTimer clock;
    clock.start();
    model.look_for(typed);
    slowest = std::max(slowest, ms(clock));
  }
  return slowest;
}

/// Of one core, while nothing is asked of the window.
std::optional<double> idle_share(BenchmarkContext&) {
  const auto used = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  };
  turn_for(500);
  const double before = used();
  turn_for(kIdleMs);
  return (used() - before) / (kIdleMs / 1000.0);
}

template <double MillionFigures::* Figure>
std::optional<double> million(BenchmarkContext&) {
  return million_points().*Figure;
}

template <double (*Measure)()>
std::optional<double> plain(BenchmarkContext&) {
  return Measure();
}

const bool registered = add_benchmark("table_10k_ms", table) && add_benchmark("palette_10k_ms", palette) && add_benchmark("idle_cpu_share", idle_share) &&
                        add_benchmark("redraw_20x100k_ms", plain<redraw_20x100k_ms>) && add_benchmark("million_paint_ms", million<&MillionFigures::paint_ms>) && add_benchmark("million_stall_ms", million<&MillionFigures::stall_ms>) &&
                        add_benchmark("crosshair_6_plots_ms", plain<crosshair_6_plots_ms>) && add_benchmark("nan_visible_share", plain<nan_visible_share>);

}  // namespace
}  // namespace mimir
