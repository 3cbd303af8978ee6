#include <signal.h>
#include <unistd.h>

#include <QAbstractItemModelTester>
#include <QAction>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <atomic>
#include <nlohmann/json.hpp>

#include "core/store/control.h"
#include "core/store/run_writer.h"
#include "core/store/trainer_lock.h"
#include "core/store/workspace.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "widgets/panels/monitor/condition_strip.h"
#include "widgets/panels/monitor/event_list.h"
#include "widgets/panels/monitor/log_view.h"
#include "widgets/panels/monitor/monitor_panel.h"
#include "widgets/panels/monitor/plot_plans.h"
#include "widgets/panels/monitor/system_card.h"
#include "widgets/session/run_progress.h"
#include "widgets/session/run_words.h"

using namespace mimir;
using test::TemporaryFolder;

namespace {

QString q(const char* text) { return QString::fromUtf8(text); }

/// A run of a workspace with Monitor before it.
struct Place {
  TemporaryFolder folder;
  Workspace workspace{folder.path()};
  RunFolder run = made(workspace);
  Theme theme;
  std::unique_ptr<Session> session;
  std::unique_ptr<MonitorPanel> panel;

  static RunFolder made(const Workspace& workspace) {
    Recipe recipe;
    recipe.pretrain = PretrainRecipe();
    return workspace.create_run("watched", recipe, {{"created", 1'764'000'000.0}}).value();
  }
  /// Leaves the record as a trainer does that was stopped.
  void stop_trainer() {
    const auto writer = std::move(RunWriter::open(run, {"pretrain"}).value());
    writer->begin_segment("pretrain", 0, 100);
    for (int step = 0; step < 50; ++step) writer->scalar("pretrain/loss", step, 1.0 / (step + 1));
    writer->checkpoint("pretrain", 50, "last", "checkpoints/pretrain-last.safetensors");
    writer->end_segment(SegmentState::stopped, Error{ErrorCode::stopped, "stopped by hand", {}});
    QVERIFY_OK(writer->close());
  }
  void open() {
    session = std::make_unique<Session>(theme, workspace);
    panel = std::make_unique<MonitorPanel>(*session);
    panel->resize(1500, 900);
    panel->show();
    QTRY_VERIFY(session->library().complete() && session->library().record(session->run()));
  }
  QAction* action(const char* text) {
    for (QAction* action : panel->actions() + static_cast<QWidget*>(panel.get())->actions()) {
      if (action->text() == q(text) && action->isVisible()) return action;
    }
    return nullptr;
  }
  QStringList visible_actions() {
    QStringList texts;
    for (QAction* action : panel->actions()) {
      if (action->isVisible()) texts += action->text();
    }
    return texts;
  }
};

/// Set for this process alone, and taken back.
struct FakeProgram {
  TemporaryFolder folder;
  explicit FakeProgram(const char* script) {
    const QString path = QString::fromStdString((folder.path() / "mimir").string());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) qFatal("the program of the test cannot be written");
    file.write(script);
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    file.close();
    qputenv("MIMIR_PROGRAM", path.toUtf8());
  }
  ~FakeProgram() { qunsetenv("MIMIR_PROGRAM"); }
};

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
  void OfSeveralRunsAtWorkTheNewestIsFollowed();
  void ElapsedTimeLeavesOutWhatLiesBetweenSegments();
  void ADeadTrainerStopsTheClock();
  void EventsAreInsertedNewestFirst();
  void CheckpointsStandAmongTheEventsAtTheirTime();
  void ProcIsReadAsTheKernelWritesIt();
  void TheMeterMeasuresTheMachineAndItsTrainer();
  void AStoppedRunOffersResumeAndTheTrainersWordIsShown();
  void StopNowAsksFirst();
  void ANarrowWindowPutsTheLogBehindATab();
  void TheLogFollowsItsFileAndForgetsTheOldOne();
  void TroubleIsSaidInWords();
  void PlansNameOnlyMetricsThatExist();
};

void MonitorTest::ProgressTellsStepsEpochsAndTimeLeft() {
  const RunProgress progress = progress_of(running_entry(), 1060);
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

void MonitorTest::OfSeveralRunsAtWorkTheNewestIsFollowed() {
  std::vector<RunEntry> runs{running_entry(), running_entry()};
  runs[0].created = 2000;
  runs[1].created = 1000;
  runs[1].heartbeat->time = runs[0].heartbeat->time + 1;  // heard later, which changes every second
  QCOMPARE(running_run(runs), &runs[0]);
  runs[0].condition.status = RunStatus::finished;
  QCOMPARE(running_run(runs), &runs[1]);
}

void MonitorTest::ElapsedTimeLeavesOutWhatLiesBetweenSegments() {
  RunEntry run = running_entry();
  QVERIFY(!progress_of(run, 2005).elapsed);
  run.segments = {segment(1, 1000, 1010), segment(2, 2000, std::nullopt)};
  QCOMPARE(*progress_of(run, 2005).elapsed, 15.0);
  run.stages.clear();  // the trainer has not made its database yet
  const RunProgress planned = progress_of(run, 2005);
  QCOMPARE(planned.current, -1);
  QCOMPARE(planned.stages.size(), std::size_t(2));
  QCOMPARE(planned.stages[1].stage, QStringLiteral("finetune"));
  QVERIFY(planned.stages[1].state == StageState::waiting);
}

void MonitorTest::ADeadTrainerStopsTheClock() {
  RunEntry run = running_entry();
  run.condition.status = RunStatus::lost;
  run.condition.heard = 1050;
  run.segments = {segment(1, 1000, std::nullopt)};
  const RunProgress progress = progress_of(run, 9000);
  QCOMPARE(*progress.elapsed, 50.0);
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
  QCOMPARE(resets, 0);
  QCOMPARE(model.rowCount(), 1);
  QCOMPARE(model.index(0).data().toString(), QStringLiteral("Not finite"));
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
  run.condition.status = RunStatus::stopped;
  run.condition.reason = "stopped at step 5 of 100 of pretrain, as asked";
  QVERIFY(ConditionStrip::sentence(run, 1300).startsWith(QStringLiteral("Stopped at step 5 of 100 of pretrain, as asked. ")));
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

void MonitorTest::CheckpointsStandAmongTheEventsAtTheirTime() {
  RunRecord record;
  record.segments = {segment(1, 1000, 1100), segment(2, 2000, std::nullopt)};
  record.segments[1].first_step = 50;
  std::vector<Point> points;
  for (std::int64_t step = 0; step < 100; ++step) points.push_back({step < 60 ? 1 : 2, step, step < 60 ? 1000.0 + static_cast<double>(step) : 2000.0 + static_cast<double>(step), 1.0});
  record.points["pretrain/loss"] = PointSeries(points);
  record.points["finetune/loss"] = PointSeries(std::vector<Point>{{3, 40, 9000, 1}});
  const EventRow early{.id = 1, .time = 1010, .stage = "pretrain", .step = 10, .kind = "slow", .level = "warning", .message = "Slow"};
  const EventRow late{.id = 2, .time = 2090, .stage = "pretrain", .step = 90, .kind = "slow", .level = "warning", .message = "Slow again"};
  record.events = {early, late};
  record.checkpoints = {{"pretrain", 40, "step", "a"}, {"pretrain", 70, "best", "b"}, {"pretrain", 100, "last", "c"}};
  QStringList told;
  for (const EventRow& event : events_and_checkpoints(record)) told += QStringLiteral("%1 %2").arg(QString::fromStdString(event.message)).arg(event.time);
  QCOMPARE(told, (QStringList{q("Slow 1010"), q("Checkpoint 1040"), q("Checkpoint, best so far 2070"), q("Slow again 2090"), q("Checkpoint, newest 2099")}));

  EventModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.show_events(events_and_checkpoints(record));
  int resets = 0, inserted = 0, removed = 0;
  connect(&model, &QAbstractItemModel::modelReset, this, [&] { ++resets; });
  connect(&model, &QAbstractItemModel::rowsInserted, this, [&](const QModelIndex&, int first, int last) { inserted += last - first + 1; });
  connect(&model, &QAbstractItemModel::rowsRemoved, this, [&](const QModelIndex&, int first, int last) { removed += last - first + 1; });
  record.checkpoints[2].step = 95;  // the newest has moved
  model.show_events(events_and_checkpoints(record));
  QCOMPARE(resets, 0);
  QCOMPARE(inserted, 1);
  QCOMPARE(removed, 1);
  QCOMPARE(model.index(0).data(EventModel::kPlace).toString(), q("Pre-training, step 95"));
  QCOMPARE(model.index(0).data(EventModel::kIcon).toString(), q("checkpoint"));
}

void MonitorTest::ProcIsReadAsTheKernelWritesIt() {
  const auto cpu = parse_cpu("cpu  100 20 30 1000 50 1 2 3 40 5\ncpu0 50 10 15 500 25 0 1 1 20 2\ncpu1 50 10 15 500 25 1 1 2 20 3\nintr 1\n");
  QVERIFY(cpu);
  QCOMPARE(cpu->threads, 2);
  QCOMPARE(cpu->busy, std::uint64_t(156));  // without guests, which are counted as user already
  QCOMPARE(cpu->all, std::uint64_t(1206));
  QVERIFY(!parse_cpu("intr 5"));
  const auto memory = parse_memory("MemTotal:       8000 kB\nMemFree:        1000 kB\nMemAvailable:   6000 kB\n");
  QVERIFY(memory);
  QCOMPARE(memory->total, 8000.0 * 1024);
  QCOMPARE(memory->used, 2000.0 * 1024);
  QVERIFY(!parse_memory("MemTotal: 8000 kB\n"));
  const auto process = parse_process("12 (a) (b c) R 1 12 12 0 -1 4194304 90 0 0 0 700 30 0 0 20 0 3 0 5000 900000 25 18446744073709551615 0");
  QVERIFY(process);
  QCOMPARE(process->state, 'R');
  QCOMPARE(process->ticks, std::uint64_t(730));
  QCOMPARE(process->memory, 25.0 * static_cast<double>(sysconf(_SC_PAGESIZE)));
  QVERIFY(!parse_process("12 (short) R 1"));
}

void MonitorTest::TheMeterMeasuresTheMachineAndItsTrainer() {
  Place place;
  const auto lock = TrainerLock::acquire(place.run);  // this process is its trainer
  QVERIFY(lock.has_value());
  SystemMeter meter(place.folder.path());
  SystemSample last;
  connect(&meter, &SystemMeter::sampled, this, [&](const SystemSample& sample) { last = sample; });
  meter.watch(place.run);
  meter.set_on(true);
  QTRY_VERIFY(last.trainer_memory.has_value());
  QVERIFY(last.threads > 0 && !last.busy);  // nothing to compare with yet
  QVERIFY(*last.trainer_memory > 1e6 && *last.trainer_memory < last.memory->total);
  QVERIFY(*last.disk_free > 0 && *last.disk_free <= *last.disk_total);
  QTRY_VERIFY(last.busy && last.trainer_busy);
  QVERIFY(*last.busy >= 0 && *last.busy <= last.threads);

  SystemCard card(place.theme, place.folder.path());
  SystemSample sample{.threads = 4, .busy = 3.0, .trainer_busy = 2.0, .memory = MemoryUse{3e9, 8e9}, .trainer_memory = 1e9, .disk_free = 20e9, .disk_total = 80e9};
  card.show_sample(sample);
  const auto rows = card.findChildren<MeterRow*>();
  QCOMPARE(rows[0]->value(), q("3.0 of 4 threads"));
  QCOMPARE(rows[0]->accessibleDescription(), q("3.0 of 4 processors are busy, 2.0 of them with this run"));
  QCOMPARE(rows[1]->value(), q("3.0 GB of 8.0 GB"));
  QCOMPARE(rows[2]->value(), q("20.0 GB free"));
  card.show_sample({});
  QCOMPARE(rows[0]->value(), q("—"));
}

void MonitorTest::AStoppedRunOffersResumeAndTheTrainersWordIsShown() {
  Place place;
  place.stop_trainer();
  {
    const FakeProgram refuses("#!/bin/sh\necho \"$@\" > \"$(dirname \"$0\")/arguments\"\necho 'progress' >&2\necho 'mimir: the data set is not there; download it' >&2\nexit 3\n");
    place.open();
    QCOMPARE(place.visible_actions(), QStringList());  // nothing at the top: what helps stands beside the sentence
    QVERIFY(place.action("Resume")->isEnabled());
    QStringList offered;
    QPushButton* strip = nullptr;
    for (QPushButton* button : place.panel->findChildren<QPushButton*>()) {
      if (!button->isVisible() || button->text().isEmpty()) continue;
      if (qobject_cast<ConditionStrip*>(button->parentWidget())) offered += button->text();
      if (button->text() == q("Resume")) strip = button;
    }
    QCOMPARE(offered, (QStringList{q("Run again with…"), q("Resume")}));
    QVERIFY(strip);
    QCOMPARE(strip->property("kind").toString(), q("primary"));
    QSignalSpy said(place.session.get(), &Session::message_wanted);
    QTest::keyClick(strip, Qt::Key_Space);
    QVERIFY(!place.action("Resuming…") || !place.action("Resuming…")->isEnabled());
    QTRY_COMPARE(said.size(), 1);
    QCOMPARE(said[0][0].toString(), q("watched does not go on: the data set is not there; download it"));
    QFile arguments(QString::fromStdString((refuses.folder.path() / "arguments").string()));
    QVERIFY(arguments.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(arguments.readAll()).trimmed(), QString::fromStdString("resume " + place.run.path().string() + " --quiet --workspace " + place.folder.path().string()));
    QVERIFY(place.action("Resume")->isEnabled());
  }
  place.panel.reset();
  place.session.reset();
  // One that takes the run: a shell holds its lock as a trainer does.
  const FakeProgram takes("#!/bin/sh\nexec 9>\"$2/trainer.pid\"\nflock 9\nprintf '%s\\n%s\\n1\\n' $$ \"$(uname -n)\" >&9\nexec sleep 30\n");
  place.open();
  QSignalSpy said(place.session.get(), &Session::message_wanted);
  place.action("Resume")->trigger();
  QTRY_COMPARE(said.size(), 1);
  QCOMPARE(said[0][0].toString(), q("watched goes on from its last checkpoint"));
  const TrainerState trainer = inspect_trainer(place.run);
  QVERIFY(trainer.held && trainer.info);  // it outlives the call
  ::kill(static_cast<pid_t>(trainer.info->pid), SIGTERM);
}

void MonitorTest::StopNowAsksFirst() {
  Place place;
  const auto lock = TrainerLock::acquire(place.run);
  QVERIFY(lock.has_value());
  std::atomic<int> stops{0};
  const auto server = ControlServer::start(place.run, [&](const ControlRequest& request) {
    if (request.command == ControlCommand::stop && request.when == Stop::now) ++stops;
    return ControlReply{};
  });
  QVERIFY(server.has_value());
  const auto writer = std::move(RunWriter::open(place.run, {"pretrain"}).value());
  writer->begin_segment("pretrain", 0, 100);
  writer->set_state(SegmentState::running);
  QVERIFY_OK(writer->flush());
  place.open();
  QTRY_VERIFY(place.action("Stop…")->isEnabled());
  QAction* now = place.action("Stop…")->menu()->actions().back();
  const auto question = [&] { return place.panel->findChild<QMessageBox*>(); };
  now->trigger();
  QTRY_VERIFY(question());
  QCOMPARE(question()->defaultButton()->text(), q("Keep training"));
  QTest::keyClick(question(), Qt::Key_Return);  // the safe one
  QTRY_VERIFY(!question());
  now->trigger();
  QTRY_VERIFY(question());
  QCOMPARE(stops, 0);
  for (QAbstractButton* button : question()->buttons()) {
    if (button->text() == q("Stop now")) QTest::keyClick(button, Qt::Key_Space);
  }
  QTRY_COMPARE(stops, 1);
  writer->end_segment(SegmentState::finished);
}

void MonitorTest::ANarrowWindowPutsTheLogBehindATab() {
  Place place;
  place.stop_trainer();
  place.open();
  auto* log = place.panel->findChild<LogView*>();
  QListView* events = nullptr;
  for (QListView* list : place.panel->findChildren<QListView*>()) {
    if (list->accessibleName() == q("Events")) events = list;
  }
  QVERIFY(log->isVisible() && events && events->isVisible());
  place.panel->resize(1280, 800);
  QVERIFY(!log->isVisible() && events->isVisible());
  for (QPushButton* button : place.panel->findChildren<QPushButton*>()) {
    if (button->text() == q("Log")) button->click();
  }
  QVERIFY(log->isVisible() && !events->isVisible());
  place.panel->resize(1500, 900);
  QVERIFY(log->isVisible() && events->isVisible());
}

QTEST_MAIN(MonitorTest)
#include "monitor_test.moc"
