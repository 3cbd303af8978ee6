#include <QAbstractItemModelTester>
#include <QTest>

#include "widgets/panels/monitor/condition_strip.h"
#include "widgets/panels/monitor/event_list.h"
#include "widgets/panels/monitor/log_view.h"
#include "widgets/panels/monitor/plot_plans.h"
#include "widgets/session/run_progress.h"

using namespace mimir;

namespace {

/// A run with 10 epochs of pre-training, 100 steps, and fine-tuning after it.
RunEntry running_entry() {
  RunEntry run{QStringLiteral("abc123"), RunFolder("/nowhere/2026-01-01-test-abc123"), {}, {}, 0, {}, {}, {}, {}, {}, {}};
  run.condition.status = RunStatus::running;
  run.condition.stage = "pretrain";
  run.recipe = {{"pretrain.epochs", "10"}, {"pretrain.batch_size", "64"}, {"finetune.epochs", "2"}};
  run.stages = {{"pretrain", 100, StageState::running, 1000.0, std::nullopt}, {"finetune", 0, StageState::waiting, std::nullopt, std::nullopt}};
  run.heartbeat = HeartbeatRow{.time = 1050, .stage = "pretrain", .epoch = 3, .step = 35, .total = 100, .rate = 20.0, .eta = 90.0, .memory = 400.0};
  return run;
}

SegmentRow segment(std::int32_t id, double started, std::optional<double> ended) {
  SegmentRow row;
  row.id = id;
  row.stage = "pretrain";
  row.started = started;
  row.ended = ended;
  return row;
}

}  // namespace

class MonitorTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ProgressTellsStepsEpochsAndTimeLeft();
  void ElapsedTimeLeavesOutWhatLiesBetweenSegments();
  void ADeadTrainerStopsTheClock();
  void EventsAreInsertedNewestFirst();
  void TheLogFollowsItsFileAndForgetsTheOldOne();
  void TroubleIsSaidInWords();
  void PlansNameOnlyMetricsThatExist();
};

void MonitorTest::ProgressTellsStepsEpochsAndTimeLeft() {
  const RunProgress progress = progress_of(running_entry(), nullptr, 1060);
  QCOMPARE(progress.stages.size(), std::size_t(2));
  QCOMPARE(progress.current, 0);
  QCOMPARE(progress.stages[0].step, std::int64_t(35));
  QCOMPARE(progress.stages[0].epoch, std::int64_t(4));  // ten steps an epoch: the fourth is at work
  QCOMPARE(progress.stages[0].share(), 0.35);
  QCOMPARE(progress.stages[1].epoch, std::int64_t(0));
  QCOMPARE(*progress.eta, 80.0);  // 90 s, said 10 s ago
  QVERIFY(progress.more_stages);
  QCOMPARE(pace_of(running_entry(), QStringLiteral("pretrain")).steps_per_epoch, 10.0);
  QCOMPARE(pace_of(running_entry(), QStringLiteral("pretrain")).images_per_step, 64.0);
}

void MonitorTest::ElapsedTimeLeavesOutWhatLiesBetweenSegments() {
  RunRecord record;
  record.segments = {segment(1, 1000, 1010), segment(2, 2000, std::nullopt)};
  QCOMPARE(progress_of(running_entry(), &record, 2005).elapsed, 15.0);
}

void MonitorTest::ADeadTrainerStopsTheClock() {
  RunEntry run = running_entry();
  run.condition.status = RunStatus::lost;
  run.condition.heard = 1050;
  RunRecord record;
  record.segments = {segment(1, 1000, std::nullopt)};
  const RunProgress progress = progress_of(run, &record, 9000);
  QCOMPARE(progress.elapsed, 50.0);
  QVERIFY(!progress.eta.has_value());
}

void MonitorTest::EventsAreInsertedNewestFirst() {
  EventModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  const EventRow first{.id = 1, .time = 1, .stage = "pretrain", .step = 5, .kind = "checkpoint", .level = "info", .message = "Checkpoint"};
  const EventRow second{.id = 2, .time = 2, .stage = "pretrain", .step = 9, .kind = "diverged", .level = "error", .message = "Not finite"};
  model.show_events({first});
  int resets = 0;
  connect(&model, &QAbstractItemModel::modelReset, this, [&] { ++resets; });
  model.show_events({first, second});
  QCOMPARE(resets, 0);
  QCOMPARE(model.rowCount(), 2);
  QCOMPARE(model.index(0).data().toString(), QStringLiteral("Not finite"));
  QCOMPARE(model.alerts(), 1);
  model.show_events({second});  // another run's
  QCOMPARE(resets, 1);
  QCOMPARE(model.rowCount(), 1);
}

void MonitorTest::TheLogFollowsItsFileAndForgetsTheOldOne() {
  QTemporaryDir folder;
  const QString path = folder.filePath(QStringLiteral("log.txt"));
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write("one\ntwo\nhal");
  file.flush();
  Theme theme;
  LogView view(theme);
  view.follow(path.toStdString());
  QCOMPARE(view.toPlainText(), QStringLiteral("one\ntwo"));
  file.write("f\nthree\n");
  file.flush();
  view.read_on();
  QCOMPARE(view.toPlainText(), QStringLiteral("one\ntwo\nhalf\nthree"));
  view.read_on();
  QCOMPARE(view.toPlainText(), QStringLiteral("one\ntwo\nhalf\nthree"));
  file.write("2026-11-25 19:12:31.456 +0000  info     stage pretrain: finished\n2026-11-25 19:12:32.000 +0000  warning  slow\n");
  file.flush();
  view.read_on();
  QVERIFY(view.toPlainText().endsWith(QStringLiteral("\n19:12:31  stage pretrain: finished\n19:12:32  warning  slow")));
  view.follow({});
  QVERIFY(view.toPlainText().isEmpty());
}

void MonitorTest::TroubleIsSaidInWords() {
  RunEntry run = running_entry();
  QVERIFY(ConditionStrip::sentence(run, 1060).isEmpty());
  run.condition.status = RunStatus::lost;
  run.condition.heard = 1000;
  QVERIFY(ConditionStrip::sentence(run, 1300).contains(QStringLiteral("5 min")));
  QVERIFY(ConditionStrip::sentence(run, 1300).contains(QStringLiteral("mimir resume abc123")));
  run.condition.status = RunStatus::failed;
  run.condition.reason = "the loss is not finite";
  QVERIFY(ConditionStrip::sentence(run, 1300).contains(QStringLiteral("not finite")));
  run.problem = "run.db is damaged";
  QCOMPARE(ConditionStrip::sentence(run, 1300), QStringLiteral("run.db is damaged"));
}

void MonitorTest::PlansNameOnlyMetricsThatExist() {
  for (const char* stage : {"pretrain", "finetune"}) {
    for (const PlotLayout layout : {PlotLayout::essentials, PlotLayout::information, PlotLayout::robustness, PlotLayout::speed}) {
      for (const PlotPlan& plan : plot_plans(layout, QLatin1String(stage), nullptr)) {
        QVERIFY(plan.metric.startsWith(QLatin1String(stage)));
        QCOMPARE(metric_info(plan.metric.toStdString()).name, plan.metric.toStdString());  // throws for an unknown one
        if (!plan.adversarial.isEmpty()) QCOMPARE(metric_info(plan.adversarial.toStdString()).name, plan.adversarial.toStdString());
      }
    }
  }
  RunRecord record;
  const Point point{.segment = 1, .step = 0, .time = 0, .value = 1};
  record.points["pretrain/loss"] = PointSeries(std::span(&point, 1));
  record.points["finetune/loss"] = PointSeries(std::span(&point, 1));
  QCOMPARE(plot_plans(PlotLayout::all, QStringLiteral("pretrain"), &record).size(), 1);
}

QTEST_MAIN(MonitorTest)
#include "monitor_test.moc"
