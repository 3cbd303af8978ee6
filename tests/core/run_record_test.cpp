#include <QTest>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <sys/resource.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#include "core/store/annotations.h"
#include "core/store/clock.h"
#include "core/store/files.h"
#include "core/store/run_json.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "tests/support/child_process.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"

using namespace mimir;
using test::TemporaryFolder;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::vector<std::string> kStages = {"pretrain", "finetune"};

/// A run with no database yet, in a folder of its own.
struct FreshRun {
  TemporaryFolder folder;
  RunFolder run = make();
  RunFolder make() {
    Recipe recipe;
    recipe.pretrain.emplace();
    recipe.finetune.emplace();
    return Workspace(folder.path()).create_run("demo", recipe, nlohmann::json::object()).value();
  }
};

std::unique_ptr<RunWriter> open_writer(const RunFolder& run, RunWriterOptions options = {}) {
  return std::move(RunWriter::open(run, kStages, options).value());
}

/// Another program's connection.
class Sqlite {
 public:
  explicit Sqlite(const std::filesystem::path& path) { ::sqlite3_open(path.c_str(), &handle_); }
  ~Sqlite() { ::sqlite3_close(handle_); }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  int run(const char* sql) { return ::sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); }
  std::string text(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    std::string result = "no answer";
    if (::sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr) == SQLITE_OK && ::sqlite3_step(statement) == SQLITE_ROW) {
      const auto* value = ::sqlite3_column_text(statement, 0);
      result = value ? reinterpret_cast<const char*>(value) : "null";
    }
    ::sqlite3_finalize(statement);
    return result;
  }

 private:
  sqlite3* handle_ = nullptr;
};

/// What the child tells its parent of each point, as soon as it is recorded.
struct Told {
  std::int64_t step;
  double time;
};

int record_until_killed(const char* path) {
  const RunFolder run(path);
  const auto lock = TrainerLock::acquire(run);
  const auto writer = open_writer(run);
  writer->begin_segment("pretrain", 0, 1'000'000);
  writer->set_state(SegmentState::running);
  for (std::int64_t step = 0;; ++step) {
    writer->scalar("pretrain/loss", step, 1.0);
    const Told told{step, seconds_since_1970()};
    if (::write(STDOUT_FILENO, &told, sizeof told) != sizeof told) return 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Fills a disk of half a megabyte; prints the failure's code and sentence.
int record_with_little_room(const char* path) {
  const RunFolder run(path);
  ::signal(SIGXFSZ, SIG_IGN);
  auto writer = open_writer(run);
  writer->begin_segment("pretrain", 0, 1'000'000);
  writer->scalar("pretrain/loss", 0, 1.0);
  static_cast<void>(writer->flush());
  const rlimit limit{512 * 1024, 512 * 1024};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  for (std::int64_t step = 1; step < 400'000 && !writer->failure(); ++step) {
    writer->scalar("pretrain/loss", step, 1.0);
    if (step % 2000 == 0) static_cast<void>(writer->flush());
  }
  const auto failure = writer->failure();
  if (!failure) return 1;
  writer.reset();
  const std::string text = fmt::format("{} {}", error_code_name(failure->code), failure->message);
  return ::write(STDOUT_FILENO, text.data(), text.size()) > 0 ? 0 : 1;
}

SegmentRow segment(SegmentState state, const char* stage = "pretrain", std::optional<std::string> code = {}) {
  SegmentRow row;
  row.stage = stage;
  row.state = state;
  row.code = std::move(code);
  row.reason = "why";
  return row;
}

}  // namespace

class RunRecordTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void EverythingRecordedIsReadBack();
  void NonFiniteValuesAreKept();
  void ReaderSeesPointsWhileTheWriterWrites();
  void TailingContinuesBehindTheCursor();
  void HeartbeatGoesOnWithoutProgress();
  void ResumeOpensASegmentThatSupersedes();
  void SamplesAreSpreadOverTheStepsAndLeaveOutWhatWasReplaced();
  void FinishedRunIsOnePlainFile();
  void ReaderThatRestsDoesNotKeepTheLogAlive();
  void ReadOnlyFolderIsRead();
  void PathsWithOddCharactersAreRead();

  void PointsOutsideASegmentAreADefectThatIsSaid();
  void KilledWriterLosesAQuarterOfASecondAtMost();
  void FullDiskIsReportedAndWhatWasRecordedStays();
  void LockedDatabaseIsReportedAndCaughtUp();
  void DamagedDatabaseIsAStorageError_data();
  void DamagedDatabaseIsAStorageError();
  void NewerSchemaIsRefused();
  void ManyThreadsMayReport();

  void StatusFollowsFromTheEvidence_data();
  void StatusFollowsFromTheEvidence();
  void StatusOfARealRunFollowsItsLife();
  void TrainerOnAnotherHostIsBelievedByItsHeartbeat();

  void JsonOfARunHasItsKeys();
};

void RunRecordTest::EverythingRecordedIsReadBack() {
  const FreshRun fresh;
  const double before = seconds_since_1970();
  {
    const auto writer = open_writer(fresh.run);
    QCOMPARE(writer->begin_segment("pretrain", 0, 100), 1);
    writer->set_state(SegmentState::running);
    for (int step = 0; step < 100; ++step) {
      writer->scalar("pretrain/loss", step, 1.0 / (step + 1));
      writer->scalar("pretrain/images_per_second", step, 100.0 + step);
    }
    writer->progress({"pretrain", 1, 99, 100, 321.5, 2.5});
    writer->message(Level::warning, "slow", "this is\nslow");
    writer->picture("pretrain", 50, "probe", "media/pretrain/50-probe.png");
    writer->checkpoint("pretrain", 50, "last", "checkpoints/pretrain-last.safetensors");
    writer->checkpoint("pretrain", 100, "last", "checkpoints/pretrain-last.safetensors");
    writer->end_segment(SegmentState::finished);
    QVERIFY_OK(writer->close());
  }
  RunReader reader(fresh.run);
  const auto points = reader.points("pretrain/loss");
  QVERIFY_OK(points);
  QCOMPARE(points->size(), std::size_t(100));
  QCOMPARE(points->at(9).step, std::int64_t(9));
  QCOMPARE(points->at(9).value, 0.1);
  QVERIFY(points->at(9).time >= before && points->at(9).time <= seconds_since_1970());
  QVERIFY(reader.points("pretrain/unheard")->empty());

  const auto summaries = *reader.summaries();
  QCOMPARE(summaries.size(), std::size_t(2));
  QCOMPARE(summaries[0].info.name, std::string("pretrain/loss"));
  QCOMPARE(summaries[0].info.unit, std::string("1"));
  QCOMPARE(summaries[0].points, std::int64_t(100));
  QCOMPARE(*summaries[0].best, 0.01);
  QCOMPARE(*summaries[1].best, 199.0);
  QCOMPARE(reader.last_values()->at("pretrain/images_per_second"), 199.0);

  const auto stages = *reader.stages();
  QCOMPARE(stages.size(), std::size_t(2));
  QVERIFY(stages[0].name == "pretrain" && stages[0].state == StageState::finished && stages[0].total == 100 && stages[0].ended);
  QVERIFY(stages[1].name == "finetune" && stages[1].state == StageState::waiting && !stages[1].started);
  const auto segments = *reader.segments();
  QCOMPARE(segments.size(), std::size_t(1));
  QVERIFY(segments[0].state == SegmentState::finished && segments[0].pid == ::getpid() && segments[0].host == host_name());
  const auto heartbeat = **reader.heartbeat();
  QVERIFY(heartbeat.stage == "pretrain" && heartbeat.step == 99 && heartbeat.rate == 321.5 && heartbeat.eta == 2.5 && heartbeat.memory > 1);
  const auto events = *reader.events();
  QCOMPARE(events.size(), std::size_t(1));
  QVERIFY(events[0].kind == "slow" && events[0].level == "warning" && events[0].step == 99 && events[0].message == "this is\nslow");
  QVERIFY(reader.events(events[0].id)->empty());
  QCOMPARE(reader.media()->at(0).path, std::string("media/pretrain/50-probe.png"));
  QCOMPARE(reader.checkpoints()->size(), std::size_t(1));
  QCOMPARE(reader.checkpoints()->at(0).step, std::int64_t(100));
  const auto log = *read_text(fresh.run.log());
  QVERIFY(log.find("warning  this is\n    slow\n") != std::string::npos);
}

void RunRecordTest::NonFiniteValuesAreKept() {
  const FreshRun fresh;
  const auto writer = open_writer(fresh.run);
  writer->begin_segment("pretrain", 0, 10);
  const double values[] = {1.0, kNaN, kInfinity, -kInfinity, 0.5};
  for (int i = 0; i < 5; ++i) writer->scalar("pretrain/loss", i, values[i]);
  QVERIFY_OK(writer->flush());
  RunReader reader(fresh.run);
  const auto points = *reader.points("pretrain/loss");
  QCOMPARE(points.size(), std::size_t(5));
  QVERIFY(std::isnan(points[1].value));
  QCOMPARE(points[2].value, kInfinity);
  QCOMPARE(points[3].value, -kInfinity);
  QCOMPARE(*reader.summaries()->at(0).best, 0.5);
}

void RunRecordTest::ReaderSeesPointsWhileTheWriterWrites() {
  const FreshRun fresh;
  const auto writer = open_writer(fresh.run);
  RunReader reader(fresh.run);
  writer->begin_segment("pretrain", 0, 10);
  writer->scalar("pretrain/loss", 0, 1);
  QTRY_COMPARE(reader.points("pretrain/loss")->size(), std::size_t(1));  // without a flush
  writer->scalar("pretrain/loss", 1, 2);
  QVERIFY_OK(writer->flush());
  QCOMPARE(reader.points("pretrain/loss")->size(), std::size_t(2));
}

void RunRecordTest::TailingContinuesBehindTheCursor() {
  const FreshRun fresh;
  const auto writer = open_writer(fresh.run);
  writer->begin_segment("pretrain", 0, 10);
  for (int i = 0; i < 10; ++i) writer->scalar("pretrain/loss", i, i);
  writer->begin_segment("pretrain", 5, 10);  // resumed
  for (int i = 5; i < 8; ++i) writer->scalar("pretrain/loss", i, -i);
  QVERIFY_OK(writer->flush());
  RunReader reader(fresh.run);
  PointCursor cursor;
  std::vector<std::int64_t> steps;
  for (;;) {
    const auto some = *reader.points("pretrain/loss", cursor, 4);
    reader.rest();
    if (some.empty()) break;
    QVERIFY(some.size() <= 4);
    for (const Point& point : some) steps.push_back(point.step);
    cursor = {some.back().segment, some.back().step};
  }
  QCOMPARE(steps, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 6, 7}));
}

void RunRecordTest::HeartbeatGoesOnWithoutProgress() {
  const FreshRun fresh;
  const auto writer = open_writer(fresh.run, {.heartbeat_every = std::chrono::milliseconds(20)});
  RunReader reader(fresh.run);
  QTRY_VERIFY(reader.heartbeat()->has_value());
  const double first = (*reader.heartbeat())->time;
  QTRY_VERIFY((*reader.heartbeat())->time > first);
}

void RunRecordTest::ResumeOpensASegmentThatSupersedes() {
  const FreshRun fresh;
  {
    const auto writer = open_writer(fresh.run);
    writer->begin_segment("pretrain", 0, 20);
    for (int i = 0; i < 10; ++i) writer->scalar("pretrain/loss", i, i < 6 ? 1 : 0.5);
  }  // never ended: as after a crash
  {
    const auto writer = open_writer(fresh.run);
    QCOMPARE(writer->begin_segment("pretrain", 6, 20), 2);
    for (int i = 6; i < 20; ++i) writer->scalar("pretrain/loss", i, 2);
    writer->scalar("pretrain/loss", 19, 3);  // the later of two wins
    writer->end_segment(SegmentState::finished);
    QVERIFY_OK(writer->close());
  }
  RunReader reader(fresh.run);
  const auto segments = *reader.segments();
  QCOMPARE(segments.size(), std::size_t(2));
  QCOMPARE(*segments[0].code, std::string("lost"));
  QVERIFY(segments[0].ended.has_value());
  const auto all = *reader.points("pretrain/loss");
  QCOMPARE(all.size(), std::size_t(24));
  const auto kept = without_superseded(all, segments);
  QCOMPARE(kept.size(), std::size_t(20));
  for (int i = 0; i < 20; ++i) {
    QCOMPARE(kept[static_cast<std::size_t>(i)].step, std::int64_t(i));
    QCOMPARE(kept[static_cast<std::size_t>(i)].value, i < 6 ? 1.0 : i < 19 ? 2.0 : 3.0);
  }
  QCOMPARE(reader.metrics()->size(), std::size_t(1));
  const auto summaries = *reader.summaries();
  QCOMPARE(summaries.at(0).points, std::int64_t(20));
  QCOMPARE(*summaries.at(0).best, 1.0);  // not the 0.5 that the resume replaced
}

void RunRecordTest::SamplesAreSpreadOverTheStepsAndLeaveOutWhatWasReplaced() {
  const FreshRun fresh;
  {
    const auto writer = open_writer(fresh.run);
    writer->begin_segment("pretrain", 0, 1000);
    for (int step = 0; step < 800; ++step) writer->scalar("pretrain/loss", step, 1);
    writer->begin_segment("pretrain", 500, 1000);
    for (int step = 500; step < 1000; ++step) writer->scalar("pretrain/loss", step, step == 999 ? kNaN : 2);
    writer->end_segment(SegmentState::finished);
    QVERIFY_OK(writer->close());
  }
  RunReader reader(fresh.run);
  const auto samples = reader.samples("pretrain/loss", 11);
  QVERIFY_OK(samples);
  QCOMPARE(samples->size(), std::size_t(11));
  std::int64_t before = -1;
  for (const Point& point : *samples) {
    QVERIFY(point.step > before);
    before = point.step;
    if (point.step < 999) QCOMPARE(point.value, point.step < 500 ? 1.0 : 2.0);  // 500 to 799 were replaced
  }
  QCOMPARE(samples->front().step, std::int64_t(0));
  QCOMPARE((*samples)[5].step, std::int64_t(499));
  QVERIFY(samples->back().step == 999 && std::isnan(samples->back().value));
  QCOMPARE(reader.samples("pretrain/loss", 5000)->size(), std::size_t(1000));  // no more than there are
  QCOMPARE(reader.samples("pretrain/loss", 1)->size(), std::size_t(1));
  QVERIFY(reader.samples("pretrain/unheard", 10)->empty());
}

void RunRecordTest::FinishedRunIsOnePlainFile() {
  const FreshRun fresh;
  {
    const auto writer = open_writer(fresh.run);
    writer->begin_segment("pretrain", 0, 1);
    writer->scalar("pretrain/loss", 0, 1);
    QVERIFY_OK(writer->flush());
    QVERIFY(std::filesystem::exists(fresh.run.database().string() + "-wal"));
    writer->end_segment(SegmentState::finished);
    QVERIFY_OK(writer->close());
    QVERIFY_OK(writer->close());
    writer->scalar("pretrain/loss", 1, 1);  // too late, and harmless
    QVERIFY_OK(writer->flush());
  }
  QVERIFY(!std::filesystem::exists(fresh.run.database().string() + "-wal"));
  QVERIFY(!std::filesystem::exists(fresh.run.database().string() + "-shm"));
  Sqlite other(fresh.run.database());
  QCOMPARE(other.text("PRAGMA journal_mode"), std::string("delete"));
  QCOMPARE(other.text("PRAGMA user_version"), std::string("1"));
  QCOMPARE(other.text("PRAGMA integrity_check"), std::string("ok"));
  QVERIFY(other.text("PRAGMA application_id") != "0");
}

void RunRecordTest::ReaderThatRestsDoesNotKeepTheLogAlive() {
  const FreshRun fresh;
  auto writer = open_writer(fresh.run);
  writer->begin_segment("pretrain", 0, 1);
  QVERIFY_OK(writer->flush());
  RunReader reader(fresh.run);
  QCOMPARE(reader.segments()->size(), std::size_t(1));  // and it keeps the database open
  std::thread resting([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    reader.rest();
  });
  QVERIFY_OK(writer->close());  // waits for the reader
  resting.join();
  QVERIFY(!std::filesystem::exists(fresh.run.database().string() + "-wal"));
  QCOMPARE(reader.segments()->size(), std::size_t(1));
}

void RunRecordTest::ReadOnlyFolderIsRead() {
  const FreshRun fresh;
  {
    const auto writer = open_writer(fresh.run);
    writer->begin_segment("pretrain", 0, 1);
    writer->scalar("pretrain/loss", 0, 1);
  }
  // As a trainer leaves it that could not leave WAL: no index, and nobody may make one.
  Sqlite(fresh.run.database()).run("PRAGMA journal_mode = WAL");
  using std::filesystem::perms;
  std::filesystem::permissions(fresh.run.path(), perms::owner_read | perms::owner_exec);
  RunReader reader(fresh.run);
  const auto points = reader.points("pretrain/loss");
  std::filesystem::permissions(fresh.run.path(), perms::owner_all);
  QVERIFY_OK(points);
  QCOMPARE(points->size(), std::size_t(1));
}

void RunRecordTest::PathsWithOddCharactersAreRead() {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.pretrain.emplace();
  const auto run = *Workspace(folder.path() / "100% sure? #1 ü").create_run("x", recipe, {});
  open_writer(run)->begin_segment("pretrain", 0, 1);
  RunReader reader(run);
  const auto segments = reader.segments();
  QVERIFY_OK(segments);
  QCOMPARE(segments->size(), std::size_t(1));
}

void RunRecordTest::PointsOutsideASegmentAreADefectThatIsSaid() {
  const FreshRun fresh;
  {
    const auto writer = open_writer(fresh.run);
    writer->scalar("pretrain/loss", 0, 1);
    QVERIFY(writer->failure() && writer->failure()->code == ErrorCode::defect);
  }
  const auto writer = open_writer(fresh.run);
  writer->begin_segment("pretrain", 0, 1);
  writer->scalar("pretrain/nobody_declared_me", 0, 1);
  writer->scalar("pretrain/loss", 0, 1);
  QVERIFY(writer->failure() && writer->failure()->code == ErrorCode::defect);
  QVERIFY_OK(writer->flush());
  QCOMPARE(RunReader(fresh.run).points("pretrain/loss")->size(), std::size_t(1));
}

void RunRecordTest::KilledWriterLosesAQuarterOfASecondAtMost() {
  for (const int milliseconds : {300, 430, 555}) {
    const FreshRun fresh;
    test::ChildProcess child({"--record-until-killed", fresh.run.path().string()});
    Told told{};
    QCOMPARE(child.read(&told, sizeof told), sizeof told);  // it has begun
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    child.kill();
    while (child.read(&told, sizeof told) == sizeof told) {
    }
    RunReader reader(fresh.run);
    const auto points = reader.points("pretrain/loss");
    QVERIFY_OK(points);
    QVERIFY(!points->empty());
    for (std::size_t i = 0; i < points->size(); ++i) QCOMPARE(points->at(i).step, static_cast<std::int64_t>(i));
    const double lost = told.time - points->back().time;
    QVERIFY2(lost <= 0.25, std::to_string(lost).c_str());
    QVERIFY(reader.condition()->status == RunStatus::lost);
    reader.rest();
    QCOMPARE(Sqlite(fresh.run.database()).text("PRAGMA integrity_check"), std::string("ok"));
  }
}

void RunRecordTest::FullDiskIsReportedAndWhatWasRecordedStays() {
  const FreshRun fresh;
  test::ChildProcess child({"--record-with-little-room", fresh.run.path().string()});
  const std::string said = child.read_all();
  QCOMPARE(child.wait(), 0);
  QVERIFY2(said.starts_with("storage ") && said.find("run.db") != std::string::npos && said.find("larger") != std::string::npos, said.c_str());
  RunReader reader(fresh.run);
  const auto points = reader.points("pretrain/loss");
  QVERIFY_OK(points);
  QVERIFY2(points->size() > 2000, std::to_string(points->size()).c_str());
  QCOMPARE(points->back().step, static_cast<std::int64_t>(points->size()) - 1);
}

void RunRecordTest::LockedDatabaseIsReportedAndCaughtUp() {
  const FreshRun fresh;
  const auto writer = open_writer(fresh.run, {.lock_timeout = std::chrono::milliseconds(30)});
  writer->begin_segment("pretrain", 0, 10);
  writer->scalar("pretrain/loss", 0, 1);
  QVERIFY_OK(writer->flush());
  {
    Sqlite other(fresh.run.database());
    QCOMPARE(other.run("BEGIN EXCLUSIVE"), SQLITE_OK);
    writer->scalar("pretrain/loss", 1, 1);
    QVERIFY_FAILS(writer->flush(), ErrorCode::storage, "locked");
    QVERIFY(writer->failure().has_value());
    QCOMPARE(RunReader(fresh.run).points("pretrain/loss")->size(), std::size_t(1));
    other.run("ROLLBACK");
  }
  writer->scalar("pretrain/loss", 2, 1);
  QVERIFY_OK(writer->flush());
  QCOMPARE(RunReader(fresh.run).points("pretrain/loss")->size(), std::size_t(3));
  QVERIFY(writer->failure().has_value());  // the first stays
}

void RunRecordTest::DamagedDatabaseIsAStorageError_data() {
  QTest::addColumn<QString>("damage_name");
  for (const char* name : {"text", "empty", "half", "overwritten", "folder", "another program's"}) {
    QTest::newRow(name) << QString::fromLatin1(name);
  }
}

void RunRecordTest::DamagedDatabaseIsAStorageError() {
  QFETCH(const QString, damage_name);
  const std::string damage = damage_name.toStdString();
  const FreshRun fresh;
  const auto path = fresh.run.database();
  {
    const auto writer = open_writer(fresh.run);
    writer->begin_segment("pretrain", 0, 10);
    for (int i = 0; i < 5000; ++i) writer->scalar("pretrain/loss", i, 1);
  }
  if (damage == "text") QVERIFY_OK(write_file(path, std::string_view(std::string(10'000, 'x'))));
  if (damage == "empty") std::filesystem::resize_file(path, 0);
  if (damage == "half") std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  if (damage == "overwritten") {
    auto bytes = *read_file(path);
    std::fill(bytes.begin() + 4096, bytes.end(), std::byte(0xAA));
    QVERIFY_OK(write_file(path, bytes));
  }
  if (damage == "folder") {
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
  }
  if (damage == "another program's") Sqlite(path).run("PRAGMA application_id = 17");
  RunReader reader(fresh.run);
  const auto points = reader.points("pretrain/loss");
  QVERIFY_FAILS(points, ErrorCode::storage, "run.db");
  QCOMPARE(points.error().message.find('\n'), std::string::npos);
  QVERIFY(!run_show_json(fresh.run));
  if (damage != "empty" && damage != "half") {  // an empty one is a new one
    QVERIFY_FAILS(RunWriter::open(fresh.run, kStages), ErrorCode::storage, "run.db");
  }
}

void RunRecordTest::NewerSchemaIsRefused() {
  const FreshRun fresh;
  open_writer(fresh.run)->begin_segment("pretrain", 0, 1);
  Sqlite(fresh.run.database()).run("PRAGMA user_version = 2");
  QVERIFY_FAILS(RunWriter::open(fresh.run, kStages), ErrorCode::input, "newer version");
  QVERIFY_FAILS(RunReader(fresh.run).segments(), ErrorCode::input, "newer version");
}

void RunRecordTest::ManyThreadsMayReport() {
  const FreshRun fresh;
  const auto writer = open_writer(fresh.run, {.commit_every = std::chrono::milliseconds(1), .queue_limit = 64});  // so that they wait
  writer->begin_segment("pretrain", 0, 1000);
  const char* names[] = {"pretrain/loss", "pretrain/reconstruction", "pretrain/grad_norm"};
  std::vector<std::thread> threads;
  for (const char* name : names) {
    threads.emplace_back([&writer, name] {
      for (int i = 0; i < 1000; ++i) {
        writer->scalar(name, i, i);
        if (i % 100 == 0) writer->progress({"pretrain", 0, i, 1000, 1, {}});
        if (i % 250 == 0) static_cast<void>(writer->flush());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  QVERIFY_OK(writer->close());
  RunReader reader(fresh.run);
  for (const char* name : names) QCOMPARE(reader.points(name)->size(), std::size_t(1000));
}

void RunRecordTest::StatusFollowsFromTheEvidence_data() {
  QTest::addColumn<QString>("wanted");
  QTest::addColumn<bool>("database");
  QTest::addColumn<bool>("file");
  QTest::addColumn<bool>("held");
  QTest::addColumn<QString>("last");      // state of the last segment, empty: none
  QTest::addColumn<bool>("all_finished");
  const auto row = [](const char* name, const char* wanted, bool database, bool file, bool held, const char* last, bool all_finished = false) {
    QTest::newRow(name) << QString::fromLatin1(wanted) << database << file << held << QString::fromLatin1(last) << all_finished;
  };
  row("only a recipe", "queued", false, false, false, "");
  row("died before its database", "lost", false, true, false, "");
  row("before its database", "starting", false, true, true, "");
  row("before its segment", "starting", true, true, true, "");
  row("loading", "starting", true, true, true, "starting");
  row("at work", "running", true, true, true, "running");
  row("asked to stop", "running", true, true, true, "stopping");
  row("paused", "paused", true, true, true, "paused");
  row("between two stages", "running", true, true, true, "finished");
  row("about to end", "finished", true, true, true, "finished", true);
  row("finished", "finished", true, false, false, "finished", true);
  row("first stage finished, then killed", "lost", true, true, false, "finished");
  row("stopped", "stopped", true, false, false, "stopped");
  row("failed", "failed", true, false, false, "failed");
  row("killed at work", "lost", true, true, false, "running");
  row("killed while paused", "lost", true, true, false, "paused");
  row("killed, and the file is gone", "lost", true, false, false, "running");
  row("database without a segment", "lost", true, false, false, "");
}

void RunRecordTest::StatusFollowsFromTheEvidence() {
  QFETCH(const QString, wanted);
  QFETCH(const bool, database);
  QFETCH(const bool, file);
  QFETCH(const bool, held);
  QFETCH(const QString, last);
  QFETCH(const bool, all_finished);
  RunEvidence evidence;
  evidence.database = database;
  evidence.trainer.file = file;
  evidence.trainer.held = held;
  if (file) evidence.trainer.info = TrainerInfo{1, "here", 0};
  if (database) evidence.stages = {{"pretrain", 10, StageState::finished, {}, {}}, {"finetune", 10, all_finished ? StageState::finished : StageState::waiting, {}, {}}};
  if (!last.isEmpty()) evidence.segments = {segment(*parse_segment_state(last.toStdString()))};
  const auto condition = judge_run(evidence, 1000, "here");
  QCOMPARE(QString::fromLatin1(run_status_name(condition.status)), wanted);
  QCOMPARE(condition.stopping, last == QLatin1String("stopping"));
  const bool told = condition.status == RunStatus::failed || condition.status == RunStatus::stopped;
  QCOMPARE(condition.reason.has_value(), told);
}

void RunRecordTest::StatusOfARealRunFollowsItsLife() {
  const FreshRun fresh;
  RunReader reader(fresh.run);
  const auto status = [&] { return std::string(run_status_name(reader.condition()->status)); };
  QCOMPARE(status(), std::string("queued"));
  {
    auto lock = TrainerLock::acquire(fresh.run);
    QVERIFY_OK(lock);
    QCOMPARE(status(), std::string("starting"));
    auto writer = open_writer(fresh.run);
    writer->begin_segment("pretrain", 0, 10);
    const auto expect = [&](SegmentState state, const char* word) {
      writer->set_state(state);
      QVERIFY_OK(writer->flush());
      QCOMPARE(status(), std::string(word));
    };
    expect(SegmentState::starting, "starting");
    expect(SegmentState::running, "running");
    expect(SegmentState::paused, "paused");
    expect(SegmentState::stopping, "running");
    reader.rest();
    writer->end_segment(SegmentState::stopped, Error{ErrorCode::stopped, "stopped by the user", {}});
    QVERIFY_OK(writer->close());
  }
  QCOMPARE(status(), std::string("stopped"));
  QCOMPARE(*reader.condition()->code, std::string("stopped"));
  reader.rest();
  {
    const auto lock = TrainerLock::acquire(fresh.run);
    const auto writer = open_writer(fresh.run);
    writer->begin_segment("pretrain", 5, 10);
    writer->end_segment(SegmentState::failed, Error{ErrorCode::diverged, "the loss is not finite", {}});
  }
  QCOMPARE(status(), std::string("failed"));
  QCOMPARE(*reader.condition()->code, std::string("diverged"));
  QCOMPARE(*reader.condition()->reason, std::string("the loss is not finite"));
  reader.rest();
  {
    const auto writer = open_writer(fresh.run);
    for (const std::string& stage : kStages) {
      writer->begin_segment(stage, 0, 10);
      writer->end_segment(SegmentState::finished);
    }
  }
  QCOMPARE(status(), std::string("finished"));
}

void RunRecordTest::TrainerOnAnotherHostIsBelievedByItsHeartbeat() {
  RunEvidence evidence;
  evidence.database = true;
  evidence.trainer.file = true;
  evidence.trainer.info = TrainerInfo{1, "there", 0};
  evidence.segments = {segment(SegmentState::running)};
  evidence.heartbeat = HeartbeatRow{};
  evidence.heartbeat->time = 1000;
  auto condition = judge_run(evidence, 1010, "here");
  QVERIFY(condition.status == RunStatus::running && !condition.stale);
  condition = judge_run(evidence, 1031, "here");
  QVERIFY(condition.status == RunStatus::running && condition.stale);
  condition = judge_run(evidence, 1121, "here");
  QVERIFY(condition.status == RunStatus::lost && !condition.stale && condition.heard == 1000);
  QVERIFY(judge_run(evidence, 1010, "there").status == RunStatus::lost);  // there the free lock is certain
}

void RunRecordTest::JsonOfARunHasItsKeys() {
  const FreshRun fresh;
  {
    const auto writer = open_writer(fresh.run);
    writer->begin_segment("pretrain", 0, 10);
    for (int i = 0; i < 10; ++i) writer->scalar("pretrain/loss", i, 10 - i);
    writer->scalar("pretrain/grad_norm", 9, kNaN);
    writer->checkpoint("pretrain", 10, "last", "checkpoints/pretrain-last.safetensors");
    writer->end_segment(SegmentState::failed, Error{ErrorCode::diverged, "the loss is not finite", {}});
  }
  std::filesystem::create_directories(fresh.run.evaluations() / "abc");
  QVERIFY_OK(write_file(fresh.run.evaluations() / "abc" / "report.json", std::string_view("{\"images\": 10, \"robust_accuracy\": 0.5}")));
  std::filesystem::create_directories(fresh.run.evaluations() / "unfinished");
  QVERIFY_OK(change_annotations(fresh.run, [](Annotations& a) { a.tags = {"t"}, a.name = "shown", a.star = true; }));

  const auto listed = run_list_json(fresh.run);
  QVERIFY_OK(listed);
  for (const char* key : {"id", "name", "status", "code", "reason", "path", "stage", "created", "tags", "note", "star", "recipe", "metrics"}) {
    QVERIFY2(listed->contains(key), key);
  }
  QCOMPARE((*listed)["id"].get<std::string>(), fresh.run.id());
  QVERIFY((*listed)["name"] == "shown" && (*listed)["status"] == "failed" && (*listed)["code"] == "diverged" && (*listed)["star"] == true);
  QVERIFY((*listed)["metrics"]["pretrain/loss"] == 1.0);
  QVERIFY((*listed)["metrics"]["pretrain/grad_norm"].is_null());
  QVERIFY((*listed)["recipe"]["pretrain"]["attack"]["norm"] == "linf");
  QVERIFY(!(*listed)["recipe"].contains("evaluate"));

  const auto shown = run_show_json(fresh.run);
  QVERIFY_OK(shown);
  QVERIFY((*shown)["metrics"]["pretrain/loss"] == nlohmann::json({{"unit", "1"}, {"direction", "down"}, {"last", 1.0}, {"best", 1.0}, {"points", 10}}));
  QVERIFY((*shown)["metrics"]["pretrain/grad_norm"]["best"].is_null());
  QVERIFY((*shown)["checkpoints"][0]["path"] == "checkpoints/pretrain-last.safetensors");
  QCOMPARE((*shown)["evaluations"].size(), std::size_t(1));
  QVERIFY((*shown)["evaluations"][0]["id"] == "abc" && (*shown)["evaluations"][0]["robust_accuracy"] == 0.5);
  QVERIFY((*shown)["environment"].contains("created"));
}

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--record-until-killed") return record_until_killed(argv[2]);
  if (argc == 3 && std::string_view(argv[1]) == "--record-with-little-room") return record_with_little_room(argv[2]);
  RunRecordTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "run_record_test.moc"
