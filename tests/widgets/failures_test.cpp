// What breaks is said in words in the place, nothing hangs, and other runs are as they were.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <QLabel>
#include <QPushButton>
#include <QTest>
#include <csignal>
#include <fstream>

#include "core/store/clock.h"
#include "core/store/trainer_lock.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "tests/widgets/window_fixture.h"
#include "widgets/format.h"
#include "widgets/frame/toast.h"
#include "widgets/frame/trouble_strip.h"

using namespace mimir;
using namespace mimir::test;

namespace {

constexpr int kPatience = 20'000;  // ms; a locked database is waited for

/// All sentences that a visible label or strip of the widget says.
QString words_of(const QWidget& widget) {
  QStringList words;
  for (const QLabel* label : widget.findChildren<QLabel*>())
    if (label->isVisible()) words += label->text();
  return words.join(QLatin1Char('\n'));
}

bool says(const QWidget& widget, const char* part) {
  return QTest::qWaitFor([&] { return words_of(widget).contains(QLatin1String(part)); }, kPatience);
}

#define QVERIFY_SAYS(widget, part) QVERIFY2(says(widget, part), qPrintable(words_of(widget)))

void spoil(const std::filesystem::path& file) { std::ofstream(file, std::ios::trunc | std::ios::binary) << "this is no database, and has never been one"; }

/// Not root for a while: root may write everywhere.
class Nobody {
 public:
  Nobody() {
    if (::geteuid() == 0) was_root_ = ::seteuid(65534) == 0;
  }
  ~Nobody() {
    if (was_root_) (void)!::seteuid(0);
  }

 private:
  bool was_root_ = false;
};

/// No file can grow.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

class FailuresTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme_.apply(*qApp); }

  void init() {
    folder_ = std::make_unique<TemporaryFolder>();
    workspace_ = std::make_unique<Workspace>(folder_->path());
    good_ = std::make_unique<RunFolder>(make_run(*workspace_, "good", 1'764'000'000));
    bad_ = std::make_unique<RunFolder>(make_run(*workspace_, "bad", 1'764'010'000));
    record_run(*good_);
    record_run(*bad_);
  }
  void cleanup() {
    desk_.reset();
    folder_.reset();
  }

  void ADamagedDatabaseIsSaidWhereTheRunIsShown() {
    spoil(bad_->database());
    open(QStringLiteral("monitor"));
    QVERIFY_SAYS(*desk_->window.panel(), "run.db");
    desk_->window.open_place(QStringLiteral("reconstruction"));
    QVERIFY_SAYS(desk_->window, "run.db");
    the_other_run_works();
  }

  void ADatabaseOfANewerVersionIsSaid() {
    SQLite::Database(bad_->database().string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    open(QStringLiteral("monitor"));
    QVERIFY_SAYS(*desk_->window.panel(), "newer");
    desk_->window.open_place(QStringLiteral("reconstruction"));
    QVERIFY_SAYS(desk_->window, "newer");
    the_other_run_works();
  }

  void ALockedDatabaseIsSaidAndReadOnceItIsFree() {
    auto lock = std::make_unique<SQLite::Database>(bad_->database().string(), SQLite::OPEN_READWRITE);
    lock->exec("BEGIN EXCLUSIVE");
    open(QStringLiteral("monitor"));
    QVERIFY_SAYS(*desk_->window.panel(), "lock");
    the_other_run_works();
    desk_->session.select_run(id_of(*bad_));
    lock.reset();
    QVERIFY(QTest::qWaitFor([&] { return desk_->session.library().find(id_of(*bad_))->problem.empty(); }, kPatience));
    QVERIFY(QTest::qWaitFor([&] { return recorded(*bad_) > 0; }, kPatience));
  }

  void AFolderThatVanishesIsSaid() {
    open(QStringLiteral("reconstruction"));
    QVERIFY(QTest::qWaitFor([&] { return recorded(*bad_) > 0; }, kPatience));
    // The library may just be reading in it.
    std::error_code error;
    QVERIFY(QTest::qWaitFor([&] { return std::filesystem::remove_all(bad_->path(), error) < std::uintmax_t(-1) && !std::filesystem::exists(bad_->path(), error); }, kPatience));
    for (const char* place : {"reconstruction", "monitor"}) {
      desk_->window.open_place(QLatin1String(place));
      QVERIFY_SAYS(desk_->window, "is gone");
    }
    the_other_run_works();
    QVERIFY(!words_of(desk_->window).contains(QLatin1String("is gone")));
  }

  void AReadOnlyWorkspaceIsSaidAndItsRunsAreShown() {
    for (const auto& folder : {workspace_->path(), workspace_->runs(), good_->path(), bad_->path()}) std::filesystem::permissions(folder, std::filesystem::perms(0555));
    {
      const Nobody nobody;
      open(QStringLiteral("launch"));
      QVERIFY_SAYS(desk_->window, "cannot be written");
      desk_->session.library().annotate(id_of(*good_), [](Annotations& annotations) { annotations.star = true; });
      QVERIFY(QTest::qWaitFor([&] { return desk_->window.findChild<Toast*>() != nullptr; }, kPatience));
      const QString said = desk_->window.findChild<Toast*>()->accessibleName();
      QVERIFY2(said.contains(QLatin1String("good")) && said.contains(QLatin1String("permission")), qPrintable(said));  // and nothing of colours that could not be kept
      the_other_run_works();
      desk_.reset();
    }
    for (const auto& folder : {workspace_->path(), workspace_->runs(), good_->path(), bad_->path()}) std::filesystem::permissions(folder, std::filesystem::perms(0755));
    open(QStringLiteral("launch"));
    QVERIFY(QTest::qWaitFor([&] { return desk_->window.ready(); }, kPatience));
    QVERIFY(!words_of(desk_->window).contains(QLatin1String("cannot be written")));
  }

  void AFullDiskIsSaid() {
    open(QStringLiteral("history"));
    QVERIFY(QTest::qWaitFor([&] { return desk_->window.ready(); }, kPatience));
    {
      const FullDisk full;
      desk_->session.library().annotate(id_of(*good_), [](Annotations& annotations) { annotations.note = "this has no room"; });
      QVERIFY(QTest::qWaitFor([&] { return desk_->window.findChild<Toast*>() != nullptr; }, kPatience));
    }
    QVERIFY2(desk_->window.findChild<Toast*>()->accessibleName().contains(QLatin1String("annotations")), qPrintable(desk_->window.findChild<Toast*>()->accessibleName()));
    QVERIFY_OK(read_annotations(*good_));
    QCOMPARE(read_annotations(*good_)->note, std::string());
    WorkspaceHealth health;
    health.free = 40'000'000;
    QVERIFY(trouble_of(QStringLiteral("/data/w"), health, {}, nullptr, 0)->text.contains(size_text(40e6)));
    health.free = 0;
    QCOMPARE(trouble_of(QStringLiteral("/data/w"), health, {}, nullptr, 0)->tone, Tone::danger);
    health.free.reset();
    QVERIFY(!trouble_of(QStringLiteral("/data/w"), health, {}, nullptr, 0));
    the_other_run_works();
  }

  void ARunsFolderThatCannotBeListedIsSaidOnceAndReadAgain() {
    open(QStringLiteral("history"));
    QVERIFY(QTest::qWaitFor([&] { return desk_->window.ready(); }, kPatience));
    const auto aside = folder_->path() / "aside";
    std::filesystem::rename(workspace_->runs(), aside);
    std::ofstream(workspace_->runs()) << "a file where the folder was";
    QVERIFY_SAYS(desk_->window, "cannot be listed");
    QTest::qWait(1500);
    QCOMPARE(desk_->window.findChildren<Toast*>().size(), 0);  // it stands in the strip, and is not said every second
    QVERIFY(desk_->session.library().find(id_of(*good_)));
    std::filesystem::remove(workspace_->runs());
    std::filesystem::rename(aside, workspace_->runs());
    QVERIFY(QTest::qWaitFor([&] { return !words_of(desk_->window).contains(QLatin1String("cannot be listed")); }, kPatience));
    the_other_run_works();
  }

  void AClockThatWasSetBackIsSaid() {
    const auto lock = TrainerLock::acquire(*bad_);
    QVERIFY_OK(lock);
    RunWriterOptions quiet;
    quiet.heartbeat_every = std::chrono::hours(1);
    const auto writer = std::move(RunWriter::open(*bad_, {"pretrain", "finetune"}, quiet).value());
    writer->begin_segment("finetune", 60, 100);
    writer->set_state(SegmentState::running);
    QVERIFY_OK(writer->flush());
    SQLite::Database database(bad_->database().string(), SQLite::OPEN_READWRITE, 5000);
    SQLite::Statement beat(database, "INSERT OR REPLACE INTO heartbeat(id, time, stage, epoch, step, total) VALUES(1, ?, 'finetune', 1, 61, 100)");
    beat.bind(1, seconds_since_1970() + 7200);
    beat.exec();
    open(QStringLiteral("monitor"));
    QVERIFY_SAYS(desk_->window, "clock");
    the_other_run_works();
  }

  void ATrainerThatCannotStartSaysWhyInLaunch() {
    open(QStringLiteral("launch"));
    QVERIFY(QTest::qWaitFor([&] { return desk_->window.ready(); }, kPatience));
    QWidget* launch = desk_->window.panel();
    QPushButton* start = nullptr;
    QVERIFY(QTest::qWaitFor([&] {
      for (auto* button : launch->findChildren<QPushButton*>())
        if (button->isVisible() && button->isEnabled() && button->property("kind").toString() == QLatin1String("primary")) start = button;
      return start != nullptr;
    }, kPatience));
    QTest::mouseClick(start, Qt::LeftButton);
    QVERIFY_SAYS(*launch, "the data set is missing");
    QCOMPARE(desk_->window.place(), QStringLiteral("launch"));
  }

  void AProgramThatIsMissingIsSaidInLaunch() {
    const QByteArray program = qgetenv("MIMIR_PROGRAM"), path = qgetenv("PATH");
    qunsetenv("MIMIR_PROGRAM");
    qputenv("PATH", "/nowhere");
    open(QStringLiteral("launch"));
    qputenv("PATH", path);
    qputenv("MIMIR_PROGRAM", program);
    QVERIFY_SAYS(*desk_->window.panel(), "mimir was not found");
    desk_->window.open_place(QStringLiteral("history"));
    the_other_run_works();
  }

 private:
  void open(const QString& place) {
    desk_ = std::make_unique<Desk>(theme_, *workspace_, place);
    desk_->session.select_run(id_of(*bad_));
  }
  std::size_t recorded(const RunFolder& run) {
    const auto record = desk_->session.library().record(id_of(run));
    return record ? record->points.size() : 0;
  }
  void the_other_run_works() {
    desk_->session.select_run(id_of(*good_));
    QVERIFY(QTest::qWaitFor([&] { return recorded(*good_) > 3; }, kPatience));
    const RunEntry* run = desk_->session.library().find(id_of(*good_));
    QVERIFY(run && run->problem.empty());
    QCOMPARE(run->condition.status, RunStatus::finished);
  }

  FakeProgram program_;
  Theme theme_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<RunFolder> good_, bad_;
  std::unique_ptr<Desk> desk_;
};

QTEST_MAIN(FailuresTest)
#include "failures_test.moc"
