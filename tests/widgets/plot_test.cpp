#include <QClipboard>
#include <QFile>
#include <QGuiApplication>
#include <QImage>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>
#include <cmath>
#include <limits>

#include "core/base/text.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_ticker.h"
#include "widgets/plot/plot_bench.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/plot/plot_export.h"
#include "widgets/plot/plot_group.h"
#include "widgets/plot/plot_header.h"
#include "widgets/plot/thinning.h"

using namespace mimir;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
const QString kRun = QStringLiteral("run-a");

template <typename Value>
std::vector<Point> points_of(std::int64_t count, Value value, std::int32_t segment = 0, std::int64_t first = 0) {
  std::vector<Point> points;
  for (std::int64_t i = 0; i < count; ++i) {
    points.push_back({segment, first + i, 1000.0 + 0.5 * static_cast<double>(first + i), value(first + i)});
  }
  return points;
}

SegmentRow segment_row(std::int32_t id, std::int64_t first_step, double started, std::optional<double> ended = {}) {
  SegmentRow row;
  row.id = id;
  row.stage = "pretrain";
  row.first_step = first_step;
  row.started = started;
  row.ended = ended;
  return row;
}

/// Between 0 and 1, the same for the same index.
double noise(std::int64_t i) {
  const std::uint64_t mixed = (static_cast<std::uint64_t>(i) + 1) * 0x9E3779B97F4A7C15ULL;
  return static_cast<double>((mixed ^ (mixed >> 29)) & 0xFFFFF) / 1048576.0;
}

double decaying(std::int64_t i) { return 0.05 + 0.3 * std::exp(-static_cast<double>(i) / 400) + 0.05 * noise(i); }

bool near(const QColor& a, const QColor& b) {
  return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) + std::abs(a.blue() - b.blue()) < 40;
}

int count_colour(const QImage& image, const QColor& colour, const QRect& area) {
  int found = 0;
  for (int y = area.top(); y <= area.bottom(); ++y) {
    for (int x = area.left(); x <= area.right(); ++x) found += near(image.pixelColor(x, y), colour) ? 1 : 0;
  }
  return found;
}

struct Plot : MetricPlot {
  explicit Plot(Theme& theme) : MetricPlot(theme) {
    set_title(QStringLiteral("Reconstruction"), QStringLiteral("loss, masked patches"));
    resize(640, 300);
    setAttribute(Qt::WA_DontShowOnScreen);
  }
  void show_run(std::vector<Point> points, std::span<const SegmentRow> segments = {}) {
    set_runs({{kRun, QStringLiteral("hsic-1e-4 · s0"), 0}});
    set_series(kRun, RunSeries(points, segments));
    show();
  }
  /// Everything that is due is drawn.
  QImage picture() {
    canvas()->replot(QCustomPlot::rpImmediateRefresh);
    return grab().toImage();
  }
  QRect upper_edge() const { return QRect(axes().left(), axes().top(), axes().width(), 11); }
  QRect lower_edge() const { return QRect(axes().left(), axes().bottom() - 10, axes().width(), 11); }
  QPoint at(double x) const { return QPoint(static_cast<int>(canvas()->xAxis->coordToPixel(x)), canvas()->axes().center().y()); }
};

void wheel(MetricPlot& plot, const QPoint& at, int clicks, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
  QWheelEvent event(at, plot.canvas()->mapToGlobal(at), {}, QPoint(0, 120 * clicks), Qt::NoButton, modifiers, Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(plot.canvas(), &event);
}

void move_to(MetricPlot& plot, const QPoint& at, Qt::MouseButtons buttons = Qt::NoButton) {
  QMouseEvent event(QEvent::MouseMove, at, plot.canvas()->mapToGlobal(at), Qt::NoButton, buttons, Qt::NoModifier);
  QCoreApplication::sendEvent(plot.canvas(), &event);
}

}  // namespace

class PlotTest : public QObject {
  Q_OBJECT

  Theme theme_;
  QColor danger() const { return Theme::colour(theme_.tokens().danger); }

 private Q_SLOTS:
  void initTestCase() { theme_.apply(*qobject_cast<QApplication*>(QCoreApplication::instance())); }
  void cleanup() { theme_.set_appearance(Appearance::dark); }

  void SmoothingIsTheDebiasedMeanAndRestartsAtASegment() {
    auto points = points_of(50, decaying);
    points[7].value = kNaN;
    const auto second = points_of(50, decaying, 1, 50);
    points.insert(points.end(), second.begin(), second.end());
    RunSeries series(std::span<const Point>(points).first(30));
    series.set_smoothing(0.9);
    series.append(std::span<const Point>(points).subspan(30));
    QCOMPARE(series.size(), 100U);
    double m = 0;
    int n = 0;
    for (std::size_t i = 0; i < 100; ++i) {
      if (i == 50) m = n = 0;
      if (i == 7) {
        QVERIFY(std::isnan(series.smoothed(i)));
        continue;
      }
      m = 0.9 * m + 0.1 * points[i].value;
      ++n;
      QVERIFY(std::abs(series.smoothed(i) - m / (1 - std::pow(0.9, n))) < 1e-12);
    }
    QCOMPARE(series.smoothed(50), series.value(50));
  }

  void AResumeReplacesTheTailAndKeepsItApart() {
    auto points = points_of(100, decaying);
    const auto resumed = points_of(30, [](std::int64_t) { return 9.0; }, 1, 60);
    points.insert(points.end(), resumed.begin(), resumed.end());
    // Recorded from step 60 on, though the segment began at 55.
    const std::vector<SegmentRow> segments = {segment_row(0, 0, 1000), segment_row(1, 55, 2000)};
    const RunSeries series(points, segments);
    QCOMPARE(series.size(), without_superseded(points, segments).size());
    QCOMPARE(series.recorded(), points.size());
    QCOMPARE(series.replaced().size(), 45U);
    QCOMPARE(series.parts().size(), 2U);
    QCOMPARE(series.point(54).step, 54);
    QCOMPARE(series.point(55).step, 60);
    // The same when the segment becomes known later, and by points alone.
    RunSeries later(points);
    QCOMPARE(later.size(), 90U);
    later.set_segments(segments);
    QCOMPARE(later.size(), 85U);
    QCOMPARE(later.recorded(), points.size());
    // A segment without points has replaced its tail, too.
    RunSeries early(std::span<const Point>(points).first(100));
    early.set_segments(segments);
    QCOMPARE(early.size(), 55U);
  }

  void TheXAxisCountsStepsEpochsImagesAndTimeWithoutPauses() {
    const std::vector<Point> points = {{0, 0, 1000, 1}, {0, 10, 1010, 1}, {1, 11, 5000, 1}, {1, 20, 5009, 1}};
    const std::vector<SegmentRow> segments = {segment_row(0, 0, 990, 1012), segment_row(1, 11, 4990)};
    RunSeries series(points, segments);
    series.set_pace(10, 64);
    QCOMPARE(series.x(3, XKind::step), 20.0);
    QCOMPARE(series.x(3, XKind::epoch), 2.0);
    QCOMPARE(series.x(3, XKind::images), 1280.0);
    QCOMPARE(series.x(3, XKind::wall_clock), 5009.0);
    QCOMPARE(series.x(0, XKind::since_start), 10.0);
    QCOMPARE(series.x(3, XKind::since_start), 22.0 + 19.0);
    QCOMPARE(series.nearest(12.0, XKind::step), std::optional<std::size_t>(2));
    QCOMPARE(series.nearest(21.0, XKind::step), std::nullopt);
    const RunSeries without_rows(points);
    QCOMPARE(without_rows.x(0, XKind::since_start), 0.0);
    QCOMPARE(without_rows.x(3, XKind::since_start), 19.0);
  }

  void ExtremesAreThoseOfEveryPoint() {
    std::vector<double> values;
    ExtremePyramid pyramid;
    for (int i = 0; i < 5000; ++i) {
      values.push_back(i % 97 == 3 ? kNaN : noise(i) - 0.2);
      if (i % 700 == 0) pyramid.extend(values);
    }
    pyramid.truncate(3000);
    for (std::size_t i = 2500; i < 5000; ++i) values[i] = noise(static_cast<std::int64_t>(i) * 7) - 0.5;
    pyramid.truncate(2500);
    pyramid.extend(values);
    for (std::size_t begin = 0; begin < 5000; begin += 137) {
      for (std::size_t end = begin + 1; end <= 5000; end += 411) {
        double low = kInf, high = -kInf, positive = kInf;
        for (std::size_t i = begin; i < end; ++i) {
          if (std::isnan(values[i])) continue;
          low = std::min(low, values[i]);
          high = std::max(high, values[i]);
          if (values[i] > 0) positive = std::min(positive, values[i]);
        }
        const Extremes found = pyramid.query(values, begin, end);
        if (low > high) {
          QVERIFY(found.lowest == Extremes::kNone);
          continue;
        }
        QCOMPARE(values[found.lowest], low);
        QCOMPARE(values[found.highest], high);
        if (positive < kInf) QCOMPARE(values[found.lowest_positive], positive);
      }
    }
  }

  void ASpikeOfOnePointSurvivesAtEveryZoom() {
    auto points = points_of(1'000'000, [](std::int64_t i) { return 1 + 0.1 * noise(i); });
    points[777'777].value = 40;
    const RunSeries series(points);
    for (const double half : {777'777.0, 50'000.0, 3'000.0, 20.0}) {
      LineView view;
      view.low = 777'777 - half;
      view.high = 777'777 + half;
      view.columns = 600;
      view.tolerance = 0.05;
      const auto line = visible_line(series, SeriesLine::raw, view);
      QVERIFY(line.size() <= 4 * 600 + 8);
      QVERIFY(std::any_of(line.begin(), line.end(), [](const Vec2& p) { return p.x == 777'777 && p.y == 40; }));
    }
  }

  void OneNaNAmongAMillionPointsIsVisibleAtEveryZoom() {
    auto points = points_of(1'000'000, decaying);
    points[654'321].value = kNaN;
    Plot plot(theme_);
    plot.show_run(points);
    const QImage whole = plot.picture();
    QVERIFY(count_colour(whole, danger(), plot.upper_edge()) > 15);
    for (const double half : {300'000.0, 20'000.0, 500.0, 3.0}) {
      plot.set_range(PlotRange{654'321 - half, 654'321 + half});
      const QImage picture = plot.picture();
      QVERIFY(count_colour(picture, danger(), plot.upper_edge()) > 15);
      QCOMPARE(count_colour(picture, danger(), plot.lower_edge()), 0);
    }
    plot.set_range(PlotRange{0, 1000});
    QCOMPARE(count_colour(plot.picture(), danger(), plot.upper_edge()), 0);
    QVERIFY(plot.go_to_problem(true));
    QCOMPARE(plot.cursor(), std::optional(654'321.0));
    QVERIFY(plot.range()->low < 654'321 && plot.range()->high > 654'321);
  }

  void MinusInfinityStandsAtTheLowerEdgeAndMarksMergePerPixel() {
    auto points = points_of(10'000, decaying);
    for (std::size_t i = 5000; i < 5010; ++i) points[i].value = -kInf;
    points[2000].value = kInf;
    const RunSeries series(points);
    LineView view;
    view.high = 10'000;
    view.columns = 500;
    const auto marks = visible_problems(series, view);
    QCOMPARE(marks.size(), 2U);
    QCOMPARE(marks[0].count, 1U);
    QVERIFY(!marks[0].below && marks[1].below);
    QCOMPARE(marks[1].count, 10U);
    // The line is split there.
    view.columns = 0;
    const auto line = visible_line(series, SeriesLine::raw, view);
    QCOMPARE(std::count_if(line.begin(), line.end(), [](const Vec2& p) { return std::isnan(p.y); }), 3);
    Plot plot(theme_);
    plot.show_run(points);
    const QImage picture = plot.picture();
    QVERIFY(count_colour(picture, danger(), plot.lower_edge()) > 15);
    QVERIFY(count_colour(picture, danger(), plot.upper_edge()) > 15);
  }

  void ALogarithmicAxisDropsWhatIsNotPositiveAndSaysHowMany() {
    auto points = points_of(500, decaying);
    for (const std::size_t i : {3U, 100U, 101U}) points[i].value = -0.5;
    Plot plot(theme_);
    plot.show_run(points);
    plot.picture();
    QVERIFY(!plot.canvas()->log_y());
    QVERIFY(plot.findChild<PlotHeader*>()->notes().isEmpty());
    PlotOptions options;
    options.y = ScaleKind::logarithmic;
    plot.set_options(options);
    plot.picture();
    QVERIFY(plot.canvas()->log_y());
    QVERIFY(plot.canvas()->yAxis->range().lower > 0);
    QVERIFY(plot.findChild<PlotHeader*>()->notes().startsWith(QStringLiteral("3 values")));
  }

  void ScalesFollowTheirRules() {
    Plot plot(theme_);
    plot.show_run(points_of(300, [](std::int64_t i) { return std::pow(10.0, -static_cast<double>(i) / 100); }));
    plot.picture();
    QVERIFY(plot.canvas()->log_y());  // a factor of 1000
    plot.show_run(points_of(300, [](std::int64_t i) { return 1000 + 300 * noise(i); }));
    plot.picture();
    QVERIFY(!plot.canvas()->log_y());
    QVERIFY(plot.canvas()->yAxis->range().lower > 500);  // zero would more than double the span
    auto points = points_of(300, [](std::int64_t i) { return 0.7 + noise(i); });
    points[20].value = 500;
    plot.show_run(points);
    PlotOptions options;
    options.y = ScaleKind::linear;
    options.ignore_outliers = true;
    plot.set_options(options);
    plot.picture();
    QVERIFY(plot.canvas()->yAxis->range().upper < 3);
    QCOMPARE(plot.canvas()->yAxis->range().lower, 0.0);
    QVERIFY(plot.canvas()->notes().outside_above);
  }

  void TheReplacedTailIsHiddenUnlessAskedFor() {
    auto points = points_of(400, [](std::int64_t i) { return i < 200 ? 1.0 : 2.0; });
    const auto resumed = points_of(200, [](std::int64_t) { return 1.0; }, 1, 200);
    points.insert(points.end(), resumed.begin(), resumed.end());
    Plot plot(theme_);
    plot.show_run(points);
    PlotOptions options;
    options.y = ScaleKind::linear;
    plot.set_options(options);
    plot.picture();
    QVERIFY(plot.canvas()->yAxis->range().upper < 1.6);
    const QColor line = theme_.run_colour(0);
    QVERIFY(count_colour(plot.picture(), line, plot.axes()) > 100);
    const QImage hidden = plot.picture();
    options.replaced = true;
    plot.set_options(options);
    QVERIFY(plot.picture() != hidden || plot.canvas()->yAxis->range().upper < 2);
  }

  void CrosshairPinsAndZoomAreLinked() {
    Plot first(theme_), second(theme_);
    first.show_run(points_of(1000, decaying));
    second.show_run(points_of(500, decaying));
    PlotGroup group;
    group.add(&first);
    group.add(&second);
    QTest::qWait(60);
    second.picture();
    QCOMPARE(second.canvas()->xAxis->range().upper, 999.0);  // they share the axis
    first.picture();
    const QImage before = second.picture();
    QSignalSpy moved(&group, &PlotGroup::cursor_moved);
    move_to(first, first.at(300));
    QVERIFY(first.cursor() && std::abs(*first.cursor() - 300) < 3);
    QCOMPARE(second.cursor(), first.cursor());
    QCOMPARE(moved.size(), 1);
    QVERIFY(second.picture() != before);
    QTest::mouseClick(first.canvas(), Qt::LeftButton, {}, first.at(300));
    QTest::mouseClick(first.canvas(), Qt::LeftButton, {}, first.at(600));
    QCOMPARE(second.pins().size(), 2);
    QTest::keyClick(first.canvas(), Qt::Key_Escape);
    QVERIFY(first.pins().isEmpty() && second.pins().isEmpty() && !second.cursor());
    wheel(first, first.at(300), 3);
    QVERIFY(first.range());
    QCOMPARE(second.range(), first.range());
    QVERIFY(first.range()->high - first.range()->low < 600);
    QVERIFY(first.range()->low < 300 && first.range()->high > 300);
    QTest::keyClick(second.canvas(), Qt::Key_R);
    QVERIFY(!first.range() && !second.range());
  }

  void MouseZoomsPansAndDrawsABox() {
    Plot plot(theme_);
    plot.show_run(points_of(1000, decaying));
    plot.picture();
    const QCPRange y = plot.canvas()->yAxis->range();
    wheel(plot, plot.at(500), 2, Qt::ControlModifier);
    plot.picture();
    QVERIFY(!plot.range());
    QVERIFY(plot.canvas()->yAxis->range().size() < y.size());
    QTest::mouseDClick(plot.canvas(), Qt::LeftButton, {}, plot.at(500));
    plot.picture();
    QCOMPARE(plot.canvas()->yAxis->range().size(), y.size());
    const auto drag = [&](Qt::MouseButton button, QPoint from, QPoint to) {
      QTest::mousePress(plot.canvas(), button, {}, from);
      for (int i = 1; i <= 4; ++i) {
        const QPoint at = from + (to - from) * i / 4;
        move_to(plot, at, button);
      }
      QTest::mouseRelease(plot.canvas(), button, {}, to);
    };
    drag(Qt::RightButton, plot.at(200) - QPoint(0, 50), plot.at(400) + QPoint(0, 50));
    QVERIFY(plot.range() && std::abs(plot.range()->low - 200) < 4 && std::abs(plot.range()->high - 400) < 4);
    plot.picture();
    QVERIFY(plot.canvas()->yAxis->range().size() < y.size());
    drag(Qt::LeftButton, plot.at(300), plot.at(350));
    QVERIFY(std::abs(plot.range()->low - 150) < 6);
    QVERIFY(plot.pins().isEmpty());  // a drag is no click
  }

  void TheKeyboardDoesWhatTheMouseDoes() {
    Plot plot(theme_);
    plot.show_run(points_of(1000, decaying));
    plot.set_checkpoints(kRun, {{"pretrain", 250, "last", "a"}, {"pretrain", 500, "best", "b"}});
    plot.picture();
    QTest::keyClick(plot.canvas(), Qt::Key_Plus);
    plot.picture();
    const PlotRange zoomed = plot.range().value();
    QVERIFY(zoomed.high - zoomed.low < 900);
    QTest::keyClick(plot.canvas(), Qt::Key_Right);
    QVERIFY(plot.range()->low > zoomed.low);
    QTest::keyClick(plot.canvas(), Qt::Key_Minus);
    QTest::keyClick(plot.canvas(), Qt::Key_R);
    QVERIFY(!plot.range());
    QTest::keyClick(plot.canvas(), Qt::Key_Home);
    QCOMPARE(plot.cursor(), std::optional(0.0));
    for (int i = 0; i < 3; ++i) QTest::keyClick(plot.canvas(), Qt::Key_Period);
    QCOMPARE(plot.cursor(), std::optional(3.0));
    QTest::keyClick(plot.canvas(), Qt::Key_C);
    QCOMPARE(QGuiApplication::clipboard()->text().section(QLatin1Char('\t'), 1, 1), QStringLiteral("3"));
    plot.set_cursor(400);
    QSignalSpy chosen(&plot, &MetricPlot::checkpoint_clicked);
    QTest::keyClick(plot.canvas(), Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][2].toLongLong(), 250);
    QTest::keyClick(plot.canvas(), Qt::Key_L);
    QVERIFY(plot.options().y == ScaleKind::logarithmic);
  }

  void AClickOnACheckpointMarkChoosesIt() {
    Plot plot(theme_);
    plot.show_run(points_of(1000, decaying));
    plot.set_checkpoints(kRun, {{"pretrain", 500, "best", "b"}});
    plot.picture();
    QSignalSpy chosen(&plot, &MetricPlot::checkpoint_clicked);
    QTest::mouseClick(plot.canvas(), Qt::LeftButton, {}, QPoint(plot.at(500).x(), plot.canvas()->axes().bottom() - 4));
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toString(), kRun);
    QCOMPARE(chosen[0][1].toString(), QStringLiteral("pretrain"));
    QCOMPARE(chosen[0][2].toLongLong(), 500);
    QVERIFY(plot.pins().isEmpty());
  }

  void AZoomedViewStaysAndTellsOfNewerPoints() {
    Plot plot(theme_);
    plot.show_run(points_of(1000, decaying));
    plot.picture();
    plot.append(kRun, points_of(100, decaying, 0, 1000));
    plot.picture();
    QCOMPARE(plot.canvas()->xAxis->range().upper, 1099.0);  // follows the end
    plot.set_range(PlotRange{200, 400});
    plot.picture();
    QVERIFY(!plot.canvas()->notes().newer);
    plot.append(kRun, points_of(100, decaying, 0, 1100));
    plot.picture();
    QCOMPARE(plot.canvas()->xAxis->range().upper, 400.0);
    QVERIFY(plot.canvas()->notes().newer);
    plot.canvas()->go_to_end();
    QCOMPARE(plot.range(), std::optional(PlotRange{999, 1199}));
  }

  void ManyChangesAreDrawnOnceAndNoneWhileHidden() {
    Plot plot(theme_);
    plot.show_run(points_of(10, decaying));
    QTest::qWait(150);
    const int before = plot.redraws();
    QElapsedTimer timer;
    timer.start();
    int appended = 0;
    while (timer.elapsed() < 400) {
      plot.append(kRun, points_of(1, decaying, 0, 10 + appended++));
      QTest::qWait(1);
    }
    const int drawn = plot.redraws() - before;
    QVERIFY2(drawn >= 1 && drawn <= timer.elapsed() / 40 + 2, qPrintable(QString::number(drawn)));
    QVERIFY(appended > drawn);
    QTest::qWait(80);
    plot.hide();
    const int hidden = plot.redraws();
    plot.append(kRun, points_of(10, decaying, 0, 5000));
    theme_.set_appearance(Appearance::light);
    QTest::qWait(120);
    QCOMPARE(plot.redraws(), hidden);
    plot.show();
    QTest::qWait(120);
    QVERIFY(plot.redraws() > hidden);
    QCOMPARE(plot.canvas()->xAxis->range().upper, 5009.0);
  }

  void WhatIsSaidAgainIsNotDrawnAgain() {
    Plot plot(theme_);
    plot.show_run(points_of(10, decaying));
    const CheckpointRow checkpoint{"pretrain", 5, "last", "checkpoints/last.safetensors"};
    plot.set_checkpoints(kRun, {checkpoint});
    QTest::qWait(150);
    const int before = plot.redraws();
    const auto runs = plot.data().runs;
    plot.set_runs({runs.begin(), runs.end()});
    plot.set_checkpoints(kRun, {checkpoint});
    plot.set_per_epoch(plot.data().per_epoch);
    plot.set_empty_text(plot.data().empty);
    plot.append(kRun, {});
    QTest::qWait(120);
    QCOMPARE(plot.redraws(), before);
    plot.set_checkpoints(kRun, {});
    QTRY_VERIFY(plot.redraws() > before);
  }

  void LightAndDarkDifferAndFollowTheTheme() {
    Plot plot(theme_);
    plot.show_run(points_of(200, decaying));
    const QImage dark = plot.picture();
    QVERIFY(near(dark.pixelColor(plot.axes().topRight() - QPoint(20, -40)), Theme::colour(kDarkTokens.surface)));
    QVERIFY(count_colour(dark, Theme::colour(kDarkTokens.runs[0]), plot.axes()) > 50);
    theme_.set_appearance(Appearance::light);
    QTest::qWait(120);
    const QImage light = plot.grab().toImage();
    QVERIFY(near(light.pixelColor(plot.axes().topRight() - QPoint(20, -40)), Theme::colour(kLightTokens.surface)));
    QVERIFY(count_colour(light, Theme::colour(kLightTokens.runs[0]), plot.axes()) > 50);
  }

  void APairHasTheTwoStateColours() {
    Plot plot(theme_);
    plot.show_run(points_of(40, decaying));
    plot.set_per_epoch(true);
    plot.set_runs({{kRun, QStringLiteral("a"), 0}});
    Plot pair(theme_);
    pair.set_runs({{kRun, QStringLiteral("a"), 0}});
    pair.set_series(kRun, RunSeries(points_of(40, decaying)), Measured::clean);
    pair.set_series(kRun, RunSeries(points_of(40, [](std::int64_t i) { return decaying(i) + 0.2; })), Measured::adversarial);
    pair.show();
    const QImage picture = pair.picture();
    QVERIFY(count_colour(picture, Theme::colour(theme_.tokens().clean), pair.axes()) > 50);
    QVERIFY(count_colour(picture, Theme::colour(theme_.tokens().adversarial), pair.axes()) > 50);
    QVERIFY(PlotHeader::current_value(pair.data()).contains(QStringLiteral(" / ")));
  }

  void ScreenReadersHearNameUnitAndLastValues() {
    Plot plot(theme_);
    plot.show_run(points_of(10, [](std::int64_t i) { return static_cast<double>(i); }));
    plot.picture();
    QCOMPARE(plot.canvas()->accessibleName(), QStringLiteral("Reconstruction"));
    const QString description = plot.canvas()->accessibleDescription();
    QVERIFY(description.contains(QStringLiteral("loss, masked patches")));
    QVERIFY(description.contains(QStringLiteral("hsic-1e-4 · s0: 9 at optimiser step 9, began at 0, between 0 and 9")));
    plot.append(kRun, std::vector<Point>{{0, 10, 2000, kNaN}});
    plot.picture();
    QVERIFY(plot.canvas()->accessibleDescription().contains(QStringLiteral("NaN at optimiser step 10, began at 0, between 0 and 9, 1 value is not finite")));
    for (const QWidget* widget : plot.findChildren<QWidget*>()) {
      if (widget->focusPolicy() != Qt::NoFocus && widget->isVisible()) QVERIFY(!widget->accessibleName().isEmpty());
    }
  }

  void AnEmptyPlotShowsAxesAndASentence() {
    Plot plot(theme_);
    plot.set_empty_text(QString());
    plot.show();
    const QImage bare = plot.picture();
    plot.set_empty_text(QStringLiteral("Accuracy appears after the first epoch."));
    QVERIFY(count_colour(plot.picture(), Theme::colour(theme_.tokens().axis), plot.lower_edge().adjusted(0, 0, 0, 3)) > 300);
    QVERIFY(plot.picture() != bare);
  }

  void CsvHoldsEveryRawPoint() {
    auto points = points_of(300, decaying);
    points[5].value = kNaN;
    points[6].value = -kInf;
    const auto resumed = points_of(50, decaying, 1, 250);
    points.insert(points.end(), resumed.begin(), resumed.end());
    Plot plot(theme_);
    plot.set_runs({{QStringLiteral("a,b"), QStringLiteral("a"), 0}});
    plot.set_series(QStringLiteral("a,b"), RunSeries(points));
    const QList<QByteArray> lines = plot_csv(plot.data()).trimmed().split('\n');
    QCOMPARE(lines.size(), static_cast<qsizetype>(points.size()) + 1);
    std::vector<Point> read;
    int replaced = 0;
    for (qsizetype i = 1; i < lines.size(); ++i) {
      QVERIFY(lines[i].startsWith("\"a,b\",plain,"));
      const QList<QByteArray> fields = lines[i].mid(12).split(',');
      QCOMPARE(fields.size(), 5);
      const std::string value = fields[3].toStdString();
      read.push_back({fields[0].toInt(), fields[1].toLongLong(), parse_number(fields[2].toStdString()).value(),
                      value == "nan" ? kNaN : value == "-inf" ? -kInf : parse_number(value).value()});
      replaced += fields[4].toInt();
    }
    QCOMPARE(replaced, 50);
    std::sort(read.begin(), read.end(), [](const Point& a, const Point& b) { return std::pair(a.segment, a.step) < std::pair(b.segment, b.step); });
    for (std::size_t i = 0; i < points.size(); ++i) {
      QCOMPARE(read[i].step, points[i].step);
      QCOMPARE(read[i].time, points[i].time);
      QVERIFY(std::isnan(points[i].value) ? std::isnan(read[i].value) : read[i].value == points[i].value);
    }
  }

  void PicturesAreWrittenAsAsked() {
    Plot plot(theme_);
    plot.show_run(points_of(2000, decaying));
    plot.picture();
    PlotExport options;
    options.size = QSize(400, 250);
    QByteArray svg = render_plot(plot, options);
    QVERIFY(svg.contains("<svg") && svg.contains(">Reconstruction<") && svg.contains("hsic-1e-4"));
    options.thinned = true;
    const qsizetype whole = svg.size();
    QVERIFY(render_plot(plot, options).size() < whole);
    options.format = PlotFormat::pdf;
    QVERIFY(render_plot(plot, options).startsWith("%PDF-"));
    options.format = PlotFormat::png;
    for (const int scale : {1, 2, 4}) {
      options.png_scale = scale;
      for (const bool dark : {false, true}) {
        options.dark = dark;
        const QImage image = QImage::fromData(render_plot(plot, options));
        QCOMPARE(image.size(), QSize(400, 250) * scale);
        const Tokens& tokens = dark ? kDarkTokens : kLightTokens;
        QVERIFY(near(image.pixelColor(2, 2), Theme::colour(tokens.surface)));
        QVERIFY(count_colour(image, Theme::colour(tokens.runs[0]), image.rect()) > 50);
      }
    }
    QTemporaryDir folder;
    QVERIFY(write_plot(plot, folder.filePath(QStringLiteral("a.png")), options).has_value());
    QVERIFY(QFile::exists(folder.filePath(QStringLiteral("a.png"))));
    QCOMPARE(write_plot(plot, folder.filePath(QStringLiteral("none/a.png")), options).error().code, ErrorCode::storage);
  }

  void TimesOnAnAxisAreShort_data() {
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<QString>("labels");
    const auto row = [](const char* name, double low, double high, const char* labels) { QTest::newRow(name) << low << high << QString::fromUtf8(labels); };
    row("seconds", 0, 75, "0 0:15 0:30 0:45 1:00 1:15");
    row("minutes", 0, 305, "0 1 min 2 min 3 min 4 min 5 min");
    row("an hour", 3000, 9000, "1 h 1 h 30 2 h 2 h 30");
    row("seconds of hours", 3600, 3650, "1:00:00 1:00:10 1:00:20 1:00:30 1:00:40 1:00:50");
    row("days", 0, 4 * 86400.0, "0 1 d 2 d 3 d 4 d");
  }
  void TimesOnAnAxisAreShort() {
    QFETCH(double, low);
    QFETCH(double, high);
    QFETCH(QString, labels);
    PlotTicker ticker;
    ticker.configure(TickKind::duration, false, 6);
    QVector<double> ticks;
    QVector<QString> words;
    ticker.generate(QCPRange(low, high), QLocale(), QLatin1Char('f'), 3, ticks, nullptr, &words);
    QCOMPARE(QStringList(words.begin(), words.end()).join(QLatin1Char(' ')), labels);
  }

  void NumbersReadAsTheyShould() {
    QCOMPARE(tick_text(50000, 50000), QStringLiteral("50\u202Fk"));
    QCOMPARE(tick_text(0.05, 0.05), QStringLiteral("0.05"));
    QCOMPARE(tick_text(1500, 500), QStringLiteral("1500"));
  }

  void DrawingIsMeasured() {
    const double redraw = redraw_20x100k_ms(), crosshair = crosshair_6_plots_ms();
    const MillionFigures million = million_points();
    qInfo("20 curves of 100 000 points: %.1f ms; crosshair in six plots: %.1f ms; a million points, first paint: %.0f ms, longest stall %.0f ms", redraw, crosshair, million.paint_ms, million.stall_ms);
    QVERIFY(redraw > 0 && crosshair > 0 && million.paint_ms > million.stall_ms);
  }

  void ALoneNaNAmongAMillionPointsIsVisibleAtEveryZoom() { QCOMPARE(nan_visible_share(), 1.0); }

  void ManyPointsAreMadeReadyAsideAndComeWhole() {
    Theme theme;
    MetricPlot plot(theme);
    std::vector<Point> points;
    for (int i = 0; i < 50'000; ++i) points.push_back({1, i, 1e9 + i, 1.0 / (i + 1)});
    PlotOptions options;
    options.smoothing = 0.9;
    plot.set_options(options);
    plot.set_runs({{QStringLiteral("a"), QStringLiteral("a"), 0}, {QStringLiteral("b"), QStringLiteral("b"), 1}});
    plot.load(QStringLiteral("a"), PointSeries(points), {}, 10, 64);
    plot.load(QStringLiteral("b"), PointSeries(points), {}, 10, 64);
    plot.load(QStringLiteral("a"), PointSeries(std::span(points).first(40'000)), {}, 10, 64);  // the newer one counts
    QVERIFY(plot.loading(QStringLiteral("a")) && !plot.series(QStringLiteral("a")));
    plot.set_runs({{QStringLiteral("a"), QStringLiteral("a"), 0}});
    QTRY_VERIFY(plot.series(QStringLiteral("a")));
    QVERIFY(!plot.loading(QStringLiteral("a")));
    QTest::qWait(200);
    QVERIFY(!plot.series(QStringLiteral("b")));  // it was given up
    const RunSeries& series = *plot.series(QStringLiteral("a"));
    QCOMPARE(series.size(), std::size_t(40'000));
    QCOMPARE(series.x(20, XKind::epoch), 2.0);
    RunSeries same{std::span<const Point>(points).first(40'000)};
    same.set_smoothing(0.9);
    QCOMPARE(series.smoothed(39'999), same.smoothed(39'999));
  }
};

QTEST_MAIN(PlotTest)
#include "plot_test.moc"
