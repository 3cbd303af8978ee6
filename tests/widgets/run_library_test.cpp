#include <QAbstractEventDispatcher>
#include <QElapsedTimer>
#include <QMap>
#include <QSignalSpy>
#include <QTest>
#include <nlohmann/json.hpp>

#include <fstream>

#include "core/store/run_writer.h"
#include "core/store/trainer_lock.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "widgets/format.h"
#include "widgets/session/run_library.h"

using namespace mimir;
using test::TemporaryFolder;

namespace {

const std::vector<std::string> kStages = {"pretrain"};

RunFolder make_run(const Workspace& workspace, std::string_view name, double created = 0) {
  Recipe recipe;
  recipe.pretrain = PretrainRecipe();
  nlohmann::json environment = nlohmann::json::object();
  if (created > 0) environment["created"] = created;
  return workspace.create_run(name, recipe, environment).value();
}

/// A finished run of `steps` points.
void fill(const RunFolder& run, int steps) {
  const auto writer = std::move(RunWriter::open(run, kStages).value());
  writer->begin_segment("pretrain", 0, steps);
  for (int step = 0; step < steps; ++step) writer->scalar("pretrain/loss", step, 1.0 / (step + 1));
  writer->end_segment(SegmentState::finished);
  QVERIFY_OK(writer->close());
}

QString id_of(const RunFolder& run) { return QString::fromStdString(run.id()); }

std::vector<std::int64_t> steps_of(const RunRecord& record) {
  std::vector<std::int64_t> steps;
  for (const Point& point : record.points.at("pretrain/loss")) steps.push_back(point.step);
  return steps;
}

/// The longest time in which the event loop of this thread did not come round.
class Watchdog : public QObject {
 public:
  Watchdog() {
    clock_.start();
    startTimer(1);
  }
  qint64 longest() const { return longest_; }

 private:
  void timerEvent(QTimerEvent*) override { longest_ = std::max(longest_, clock_.restart()); }
  QElapsedTimer clock_;
  qint64 longest_ = 0;
};

}  // namespace

class RunLibraryTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void AnEmptyWorkspaceIsComplete();
  void RunsAreListedTheNewestFirst();
  void ANewRunAppearsAndADeletedOneGoes();
  void NothingChangesWhereNothingChanged();
  void PointsOfARunningRunAreTailed();
  void EachNewsHasATurnOfTheEventLoop();
  void EarlierRecordsStayAsTheyWere();
  void AResumeMakesASegment();
  void AFinishedRunIsSeenToFinish();
  void AnnotationsAreWrittenAndSeenFromOutside();
  void ADamagedRunIsAnEntryWithAProblem();
  void ARecordIsGivenUpWhenItIsNoLongerWatched();
  void WhatStandsBesideTheDatabaseIsRead();
  void AMillionPointsDoNotBlockThisThread();
  void ManyRunsAreReadInBatches();
  void NumbersAreWrittenAsPeopleReadThem_data();
  void NumbersAreWrittenAsPeopleReadThem();
};

void RunLibraryTest::AnEmptyWorkspaceIsComplete() {
  const TemporaryFolder folder;
  RunLibrary library{Workspace(folder.path())};
  QVERIFY(!library.complete());
  QTRY_VERIFY(library.complete());
  QVERIFY(library.runs().empty());
  QCOMPARE(library.find(QStringLiteral("nobody")), nullptr);
}

void RunLibraryTest::RunsAreListedTheNewestFirst() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto middle = make_run(workspace, "middle", 2000);
  const auto old = make_run(workspace, "old", 1000);
  const auto young = make_run(workspace, "young", 3000);
  fill(old, 10);
  RunLibrary library{workspace};
  QTRY_VERIFY(library.complete());
  QCOMPARE(library.runs().size(), std::size_t(3));
  QCOMPARE(library.runs()[0].id, id_of(young));
  QCOMPARE(library.runs()[1].id, id_of(middle));
  QCOMPARE(library.runs()[2].id, id_of(old));
  const RunEntry& entry = *library.find(id_of(old));
  QCOMPARE(entry.condition.status, RunStatus::finished);
  QCOMPARE(entry.metrics.at("pretrain/loss"), 0.1);
  QCOMPARE(entry.recipe.at("pretrain.attack.epsilon"), std::string("8/255"));
  QCOMPARE(entry.recipe.at("pretrain.information.weight"), std::string("1e-05"));
  QVERIFY(!entry.recipe.contains("finetune.epochs"));
  QCOMPARE(entry.stages.size(), std::size_t(1));
  QCOMPARE(entry.problem, std::string());
  QCOMPARE(library.find(id_of(young))->condition.status, RunStatus::queued);
}

void RunLibraryTest::ANewRunAppearsAndADeletedOneGoes() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto first = make_run(workspace, "first");
  RunLibrary library{workspace};
  QTRY_COMPARE(library.runs().size(), std::size_t(1));
  const auto second = make_run(workspace, "second");
  QTRY_VERIFY(library.find(id_of(second)));
  QCOMPARE(library.runs().front().id, id_of(second));
  std::filesystem::remove_all(first.path());
  QTRY_VERIFY(!library.find(id_of(first)));
  QCOMPARE(library.runs().size(), std::size_t(1));
}

void RunLibraryTest::NothingChangesWhereNothingChanged() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto run = make_run(workspace, "done");
  fill(run, 3);
  RunLibrary library{workspace};
  library.watch({id_of(run)});
  QTRY_VERIFY(library.complete() && library.record(id_of(run)));
  QSignalSpy runs(&library, &RunLibrary::runs_changed), records(&library, &RunLibrary::record_changed);
  QTest::qWait(2600);  // past two looks at the folder
  QCOMPARE(runs.size(), 0);
  QCOMPARE(records.size(), 0);
}

void RunLibraryTest::PointsOfARunningRunAreTailed() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto run = make_run(workspace, "running");
  const auto lock = TrainerLock::acquire(run);
  const auto writer = std::move(RunWriter::open(run, kStages).value());
  writer->begin_segment("pretrain", 0, 100);
  writer->set_state(SegmentState::running);
  writer->scalar("pretrain/loss", 0, 1.0);
  QVERIFY_OK(writer->flush());

  RunLibrary library{workspace};
  library.watch({id_of(run)});
  QTRY_VERIFY(library.record(id_of(run)) && library.record(id_of(run))->points.contains("pretrain/loss"));
  QCOMPARE(library.find(id_of(run))->condition.status, RunStatus::running);
  QElapsedTimer late;
  for (int step = 1; step <= 4; ++step) {
    writer->scalar("pretrain/loss", step, 1.0);
    writer->message(Level::info, "mark", "step " + std::to_string(step));
    late.start();
    QTRY_COMPARE(library.record(id_of(run))->points.at("pretrain/loss").size(), std::size_t(step + 1));
    qInfo("a point was here after %lld ms", static_cast<long long>(late.elapsed()));
  }
  QCOMPARE(steps_of(*library.record(id_of(run))), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  QTRY_COMPARE(library.record(id_of(run))->events.size(), std::size_t(4));
  QTRY_COMPARE(library.find(id_of(run))->metrics.at("pretrain/loss"), 1.0);
  writer->progress({"pretrain", 1, 4, 100, 321.5, 2.5});
  QTRY_VERIFY(library.find(id_of(run))->heartbeat && library.find(id_of(run))->heartbeat->step == 4);
}

void RunLibraryTest::EachNewsHasATurnOfTheEventLoop() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  QStringList ids;
  for (int i = 0; i < 6; ++i) {
    const auto run = make_run(workspace, "run" + std::to_string(i));
    fill(run, 3);
    ids += id_of(run);
  }
  RunLibrary library{workspace};
  QTRY_VERIFY(library.complete());
  int turn = 0, said = 0;
  QMap<int, int> news;
  connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::awake, this, [&] { ++turn; });
  connect(&library, &RunLibrary::record_changed, this, [&] { said = std::max(said, ++news[turn]); });
  connect(&library, &RunLibrary::runs_changed, this, [&] { said = std::max(said, ++news[turn]); });
  library.watch(ids);
  for (const QString& id : ids) library.annotate(id, [](Annotations& annotations) { annotations.star = true; });
  QTest::qSleep(300);  // so that all of it waits when the loop comes back
  QTRY_VERIFY(news.size() > ids.size() && library.record(ids.back()) && library.find(ids.back())->annotations.star);
  QCOMPARE(said, 1);
}

void RunLibraryTest::EarlierRecordsStayAsTheyWere() {
  PointLog log;
  const std::vector<Point> first = {{1, 0, 0, 1.0}, {1, 1, 0, 2.0}};
  log.append(first);
  const PointSeries early = log.series();
  std::vector<Point> many;
  for (int step = 2; step < 200; ++step) many.push_back({1, step, 0, 3.0});
  const Point* before = early.data();
  log.append(std::span(many).first(1));
  QCOMPARE(log.series().data(), before);  // grown in place
  log.append(std::span(many).subspan(1));
  QCOMPARE(early.size(), std::size_t(2));
  QCOMPARE(early.back().value, 2.0);
  QCOMPARE(log.series().size(), std::size_t(200));
  QCOMPARE(log.series()[199].step, std::int64_t(199));
  QCOMPARE(log.series()[1].value, 2.0);
  QCOMPARE(log.cursor().step, std::int64_t(199));
}

void RunLibraryTest::AResumeMakesASegment() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto run = make_run(workspace, "resumed");
  RunLibrary library{workspace};
  library.watch({id_of(run)});
  {
    const auto writer = std::move(RunWriter::open(run, kStages).value());
    writer->begin_segment("pretrain", 0, 8);
    for (int step = 0; step < 6; ++step) writer->scalar("pretrain/loss", step, 1.0);
    writer->end_segment(SegmentState::stopped, Error{ErrorCode::stopped, "asked to", {}});
    QVERIFY_OK(writer->close());
  }
  QTRY_VERIFY(library.find(id_of(run)) && library.find(id_of(run))->condition.status == RunStatus::stopped);
  QTRY_COMPARE(library.record(id_of(run))->segments.size(), std::size_t(1));
  {
    const auto writer = std::move(RunWriter::open(run, kStages).value());
    writer->begin_segment("pretrain", 4, 8);
    for (int step = 4; step < 8; ++step) writer->scalar("pretrain/loss", step, 2.0);
    writer->end_segment(SegmentState::finished);
    QVERIFY_OK(writer->close());
  }
  QTRY_COMPARE(library.record(id_of(run))->segments.size(), std::size_t(2));
  QTRY_COMPARE(steps_of(*library.record(id_of(run))), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 4, 5, 6, 7}));
  QTRY_COMPARE(library.find(id_of(run))->condition.status, RunStatus::finished);
}

void RunLibraryTest::AFinishedRunIsSeenToFinish() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto run = make_run(workspace, "short");
  RunLibrary library{workspace};
  QTRY_VERIFY(library.complete());
  {
    const auto lock = TrainerLock::acquire(run);
    const auto writer = std::move(RunWriter::open(run, kStages).value());
    writer->begin_segment("pretrain", 0, 1);
    writer->set_state(SegmentState::running);
    QTRY_COMPARE(library.find(id_of(run))->condition.status, RunStatus::running);
    writer->end_segment(SegmentState::finished);
    QVERIFY_OK(writer->close());
  }
  QTRY_COMPARE(library.find(id_of(run))->condition.status, RunStatus::finished);
}

void RunLibraryTest::AnnotationsAreWrittenAndSeenFromOutside() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto run = make_run(workspace, "noted");
  fill(run, 1);
  RunLibrary library{workspace};
  QTRY_VERIFY(library.find(id_of(run)));
  library.annotate(id_of(run), [](Annotations& annotations) { annotations.star = true; });
  QTRY_VERIFY(library.find(id_of(run))->annotations.star);
  QVERIFY(read_annotations(run)->star);
  QVERIFY_OK(change_annotations(run, [](Annotations& annotations) { annotations.note = "from outside"; }));
  QTRY_COMPARE(library.find(id_of(run))->annotations.note, std::string("from outside"));
  QVERIFY(library.find(id_of(run))->annotations.star);

  QSignalSpy failures(&library, &RunLibrary::failed);
  std::ofstream(run.annotations()) << "{ no json";
  library.annotate(id_of(run), [](Annotations& annotations) { annotations.star = false; });
  QTRY_COMPARE(failures.size(), 1);
  QVERIFY(failures[0][0].toString().contains(QStringLiteral("damaged")));
  library.annotate(QStringLiteral("nobody"), [](Annotations&) {});
  QTRY_COMPARE(failures.size(), 2);
}

void RunLibraryTest::ADamagedRunIsAnEntryWithAProblem() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto good = make_run(workspace, "good"), bad = make_run(workspace, "bad"), odd = make_run(workspace, "odd");
  fill(good, 2);
  fill(bad, 2);
  std::ofstream(bad.database(), std::ios::trunc) << "this is no database, and has never been one";
  std::ofstream(odd.recipe(), std::ios::trunc) << "[pretrain\n";
  RunLibrary library{workspace};
  library.watch({id_of(bad)});
  QSignalSpy failures(&library, &RunLibrary::failed);
  QTRY_VERIFY(library.complete());
  QCOMPARE(library.runs().size(), std::size_t(3));
  QVERIFY2(library.find(id_of(bad))->problem.find("run.db") != std::string::npos, library.find(id_of(bad))->problem.c_str());
  QVERIFY2(library.find(id_of(odd))->problem.find("recipe.toml") != std::string::npos, library.find(id_of(odd))->problem.c_str());
  QCOMPARE(library.find(id_of(good))->problem, std::string());
  QTRY_VERIFY(library.record(id_of(bad)));  // empty, and no error of the rest
  QVERIFY(library.record(id_of(bad))->points.empty());
  QCOMPARE(failures.size(), 0);
}

void RunLibraryTest::ARecordIsGivenUpWhenItIsNoLongerWatched() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto run = make_run(workspace, "looked at");
  fill(run, 5);
  RunLibrary library{workspace};
  library.watch({id_of(run)});
  QTRY_VERIFY(library.record(id_of(run)));
  library.watch({});
  QVERIFY(!library.record(id_of(run)));
  library.watch({id_of(run)});
  QTRY_VERIFY(library.record(id_of(run)));
  QCOMPARE(library.record(id_of(run))->points.at("pretrain/loss").size(), std::size_t(5));
}

void RunLibraryTest::WhatStandsBesideTheDatabaseIsRead() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  Recipe recipe;
  recipe.pretrain = PretrainRecipe();
  const auto run = workspace.create_run("beside", recipe, {{"host", "here"}, {"argv", {"mimir", "train", "it's mine"}}}).value();
  fill(run, 1);
  RunLibrary library{workspace};
  library.watch_also(id_of(run));
  QTRY_VERIFY(library.record(id_of(run)));
  const auto first = library.record(id_of(run));
  QCOMPARE(first->environment.at("host"), std::string("here"));
  QCOMPARE(first->environment.at("argv"), std::string("mimir train 'it'\\''s mine'"));
  QVERIFY(first->evaluations.empty());
  std::filesystem::create_directories(run.evaluations() / "one");
  std::filesystem::create_directories(run.evaluations() / "unfinished");
  std::ofstream(run.evaluations() / "one" / "report.json") << R"({"checkpoint": "c", "epsilon": 0.03, "images": 500, "robust_accuracy": 0.5})";
  QTRY_COMPARE(library.record(id_of(run))->evaluations.size(), std::size_t(1));
  const EvaluationReport report = library.record(id_of(run))->evaluations[0];
  QCOMPARE(report.robust_accuracy, 0.5);
  QCOMPARE(report.images, std::int64_t(500));
  QVERIFY(!report.natural_accuracy);
  QVERIFY(first->evaluations.empty());  // what was handed out stays
  library.watch_also({});
  QVERIFY(!library.record(id_of(run)));
}

void RunLibraryTest::AMillionPointsDoNotBlockThisThread() {
  constexpr int kPoints = 1'000'000;
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto run = make_run(workspace, "long");
  fill(run, kPoints);
  auto library = std::make_unique<RunLibrary>(workspace);
  QElapsedTimer clock;
  clock.start();
  const Watchdog watchdog;
  library->watch({id_of(run)});
  const auto arrived = [&] {
    const auto record = library->record(id_of(run));
    return record && record->points.contains("pretrain/loss") && record->points.at("pretrain/loss").size() == kPoints;
  };
  QTRY_VERIFY_WITH_TIMEOUT(arrived(), 60'000);
  qInfo("a million points after %lld ms; this thread waited %lld ms at most", static_cast<long long>(clock.elapsed()), static_cast<long long>(watchdog.longest()));

  // Also in the middle of reading it is gone at once.
  library->watch({});
  library->watch({id_of(run)});
  QTest::qWait(30);
  clock.restart();
  library.reset();
  qInfo("the library was gone after %lld ms", static_cast<long long>(clock.elapsed()));
}

void RunLibraryTest::ManyRunsAreReadInBatches() {
  constexpr int kRuns = 600;
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto pattern = make_run(workspace, "pattern", 1);
  fill(pattern, 20);
  for (int i = 1; i < kRuns; ++i) {
    const auto path = workspace.runs() / ("2026-11-25-copy-" + std::to_string(100000 + i));
    std::filesystem::copy(pattern.path(), path, std::filesystem::copy_options::recursive);
    std::ofstream(path / "environment.json") << "{\"created\": " << i + 1 << "}";
  }
  QElapsedTimer clock;
  clock.start();
  RunLibrary library{workspace};
  const Watchdog watchdog;
  QSignalSpy changes(&library, &RunLibrary::runs_changed);
  QTRY_VERIFY_WITH_TIMEOUT(library.complete(), 60'000);
  qInfo("%d runs after %lld ms in %lld changes; this thread waited %lld ms at most", kRuns, static_cast<long long>(clock.elapsed()),
        static_cast<long long>(changes.size()), static_cast<long long>(watchdog.longest()));
  QCOMPARE(library.runs().size(), std::size_t(kRuns));
  QVERIFY(std::is_sorted(library.runs().begin(), library.runs().end(), [](const RunEntry& a, const RunEntry& b) { return a.created > b.created; }));
  for (const RunEntry& entry : library.runs()) QCOMPARE(library.find(entry.id), &entry);
}

void RunLibraryTest::NumbersAreWrittenAsPeopleReadThem_data() {
  QTest::addColumn<QString>("written");
  QTest::addColumn<QString>("wanted");
  const auto row = [](const char* name, const QString& written, const QString& wanted) { QTest::newRow(name) << written << wanted; };
  row("small", number_text(0.064213), QStringLiteral("0.06421"));
  row("rounds up", number_text(9.99996), QStringLiteral("10.00"));
  row("whole", number_text(12500), QStringLiteral("12\u202f500"));
  row("negative", number_text(-1.5), QStringLiteral("\u22121.500"));
  row("power", number_text(1.5e-4), QStringLiteral("1.5×10⁻⁴"));
  row("large", number_text(-2.5e12), QStringLiteral("\u22122.5×10¹²"));
  row("nan", number_text(std::nan("")), QStringLiteral("NaN"));
  row("infinite", fixed_text(-HUGE_VAL, 2), QStringLiteral("\u2212∞"));
  row("no sign of nothing", fixed_text(-0.001, 1), QStringLiteral("0.0"));
  row("percent", percent_text(0.51623, 2), QStringLiteral("51.62\u202f%"));
  row("levels", fraction_text(8.0 / 255), QStringLiteral("8/255"));
  row("negative levels", fraction_text(-8.0 / 255), QStringLiteral("−8/255"));
  row("no levels", fraction_text(0.03), QStringLiteral("0.03000"));
  row("seconds", duration_text(41.9), QStringLiteral("41 s"));
  row("minutes", duration_text(725), QStringLiteral("12 min 05 s"));
  row("hours", duration_text(9960), QStringLiteral("2 h 46 min"));
  row("days", duration_text(3 * 86400 + 4 * 3600), QStringLiteral("3 d 04 h"));
  row("age", age_text(86400 * 5), QStringLiteral("5 days ago"));
  row("size", size_text(1'400'000), QStringLiteral("1.4 MB"));
  row("sentence", sentence_text("the folder is empty: /data"), QStringLiteral("The folder is empty: /data."));
  row("sentence of a key", sentence_text("pretrain.epoch is unknown."), QStringLiteral("pretrain.epoch is unknown."));
  row("sentence of a run", sentence_text("mae holds a masked autoencoder"), QStringLiteral("mae holds a masked autoencoder."));
  row("metric", metric_title(QStringLiteral("evaluate/pgd-20/robust_accuracy")), QStringLiteral("Pgd-20 · robust accuracy"));
}

void RunLibraryTest::NumbersAreWrittenAsPeopleReadThem() {
  QFETCH(QString, written);
  QFETCH(QString, wanted);
  QCOMPARE(written, wanted);
}

QTEST_GUILESS_MAIN(RunLibraryTest)
#include "run_library_test.moc"
