#include <QFile>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "widgets/session/program.h"

using namespace mimir;

namespace {

/// A program of a few shell lines; each start adds a line to its log.
struct FakeProgram {
  explicit FakeProgram(const QByteArray& body) {
    QFile file(path());
    if (!file.open(QIODevice::WriteOnly)) qFatal("no temporary folder");
    file.write("#!/bin/sh\necho \"$@\" >> " + log().toUtf8() + "\n" + body + "\n");
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  }
  QString path() const { return folder.filePath(QStringLiteral("mimir")); }
  QString log() const { return folder.filePath(QStringLiteral("log")); }
  QStringList starts() const {
    QFile file(log());
    if (!file.open(QIODevice::ReadOnly)) return {};
    return QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
  }
  QTemporaryDir folder;
};

/// Waits for the one answer.
struct Waiter {
  Program::Answer answer() {
    return [this](const Expected<nlohmann::json>& result) {
      ++count;
      got = result;
    };
  }
  bool wait() { return QTest::qWaitFor([this] { return count > 0; }, 10'000); }
  std::string message() const { return got ? "" : got.error().message; }
  QObject context;
  int count = 0;
  Expected<nlohmann::json> got = nlohmann::json();
};

const QStringList kDoctor{QStringLiteral("doctor")};

}  // namespace

class ProgramTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }

  void DescribeIsAskedOnceAndRememberedOnDisk() {
    FakeProgram fake("echo '{\"program\": \"mimir\", \"schema\": []}'");
    for (int window = 0; window < 2; ++window) {
      Program program(fake.path());
      for (int i = 0; i < 2; ++i) {
        Waiter waiter;
        program.describe(&waiter.context, waiter.answer());
        QVERIFY(waiter.wait());
        QVERIFY(waiter.got);
        QCOMPARE(waiter.got->at("program").get<std::string>(), std::string("mimir"));
      }
    }
    QCOMPARE(fake.starts(), QStringList{QStringLiteral("describe --json")});
  }

  void AChangedProgramIsAskedAgain() {
    FakeProgram fake("echo '{\"program\": \"old\"}'");
    Program program(fake.path());
    Waiter first, second;
    program.describe(&first.context, first.answer());
    QVERIFY(first.wait());
    QFile file(fake.path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("#!/bin/sh\necho '{\"program\": \"a newer one\"}'\n");
    file.close();
    program.describe(&second.context, second.answer());
    QVERIFY(second.wait());
    QCOMPARE(second.got->at("program").get<std::string>(), std::string("a newer one"));
  }

  void ChangedRecipesAreAskedForAgain_data() {
    QTest::addColumn<int>("change");
    QTest::newRow("edited") << 0;
    QTest::newRow("removed") << 1;
    QTest::newRow("added") << 2;
    QTest::newRow("of another folder") << 3;
  }
  void ChangedRecipesAreAskedForAgain() {
    QFETCH(int, change);
    const QTemporaryDir recipes;
    const auto write = [&](const char* name) {
      QFile file(recipes.filePath(QLatin1String(name)));
      QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Append));
      file.write("#\n");
    };
    write("demo.toml");
    QTest::qWait(20);  // times of files are those of the clock's last tick
    const FakeProgram fake("echo '{\"presets\": [{\"name\": \"demo\", \"path\": \"" + recipes.filePath(QStringLiteral("demo.toml")).toUtf8() + "\"}]}'");
    Program program(fake.path());
    const auto describe = [&](Program& asked) {
      Waiter waiter;
      asked.describe(&waiter.context, waiter.answer());
      QVERIFY(waiter.wait() && waiter.got);
    };
    describe(program);
    describe(program);
    QCOMPARE(fake.starts().size(), 1);
    QTest::qWait(20);
    if (change == 0) write("demo.toml");
    if (change == 1) QVERIFY(QFile::remove(recipes.filePath(QStringLiteral("demo.toml"))));
    if (change == 2) write("mine.toml");
    if (change == 3) qputenv("MIMIR_DATA_DIR", recipes.path().toUtf8());
    Program next(fake.path());
    describe(next);
    QCOMPARE(fake.starts().size(), 2);
    describe(program);
    qunsetenv("MIMIR_DATA_DIR");
    QCOMPARE(fake.starts().size(), change == 1 ? 3 : 2);
  }

  void AFailureIsTheSentenceOfTheProgramWithItsLastLines() {
    FakeProgram fake("echo first >&2; echo 'mimir: the disk is full' >&2; exit 5");
    Program program(fake.path());
    Waiter waiter;
    program.ask(kDoctor, &waiter.context, waiter.answer());
    QVERIFY(waiter.wait());
    QCOMPARE(waiter.message(), std::string("the disk is full"));
    QCOMPARE(waiter.got.error().code, ErrorCode::storage);
    QVERIFY(waiter.got.error().detail.find("first\n") == 0);
  }

  void AnAnswerInJsonCountsWhateverTheExitCode() {
    FakeProgram fake("echo '{\"problems\": [1]}'; exit 2");
    Program program(fake.path());
    Waiter waiter;
    program.ask({QStringLiteral("train")}, &waiter.context, waiter.answer());
    QVERIFY(waiter.wait());
    QCOMPARE(waiter.got->at("problems").size(), std::size_t(1));
  }

  void GarbageAndSilenceAreSaid() {
    FakeProgram garbage("echo hello"), silent("exit 1");
    Waiter a, b;
    Program first(garbage.path()), second(silent.path());
    first.ask(kDoctor, &a.context, a.answer());
    second.ask(kDoctor, &b.context, b.answer());
    QVERIFY(a.wait() && b.wait());
    QVERIFY(a.message().find("not JSON") != std::string::npos);
    QVERIFY(b.message().find("code 1") != std::string::npos);
  }

  void AHangingProgramIsEndedAtTheLimit() {
    FakeProgram fake("exec sleep 60");
    Program program(fake.path());
    Waiter waiter;
    program.ask(kDoctor, &waiter.context, waiter.answer(), 200);
    QVERIFY(waiter.wait());
    QVERIFY(waiter.message().find("no answer within 0.2 s") != std::string::npos);
    QTest::qWait(100);
    QCOMPARE(waiter.count, 1);
  }

  void LinesOfTheErrorOutputAreHeardAsTheyCome() {
    FakeProgram fake("printf 'one\\ntw' >&2; sleep 0.1; printf 'o\\nthree' >&2; echo '{}'");
    Program program(fake.path());
    Waiter waiter;
    QStringList heard;
    program.ask(kDoctor, &waiter.context, waiter.answer(), Program::kLimit, [&](const QString& line) { heard += line; });
    QVERIFY(waiter.wait());
    QVERIFY(waiter.got);
    QCOMPARE(heard, (QStringList{QStringLiteral("one"), QStringLiteral("two")}));  // whole lines alone
  }

  void ACallAskedToStopMayCleanUpAndAnswers() {
    FakeProgram fake("cd \"$(dirname \"$0\")\"; trap 'echo > cleaned; echo \"mimir: it was stopped\" >&2; exit 130' TERM; echo ready >&2; while :; do sleep 0.05; done");
    Program program(fake.path());
    Waiter waiter;
    bool ready = false;
    const QPointer<QObject> call = program.ask(kDoctor, &waiter.context, waiter.answer(), Program::kLimit, [&](const QString& line) { ready = line == QLatin1String("ready"); });
    QVERIFY(QTest::qWaitFor([&] { return ready; }));
    Program::stop(call);
    QVERIFY(waiter.wait());
    QCOMPARE(waiter.message(), std::string("it was stopped"));
    QCOMPARE(waiter.got.error().code, ErrorCode::stopped);
    QVERIFY(QFile::exists(fake.folder.filePath(QStringLiteral("cleaned"))));
  }

  void AMissingProgramIsSaid() {
    Program program(QStringLiteral("/nowhere/mimir"));
    Waiter waiter;
    program.ask(kDoctor, &waiter.context, waiter.answer());
    QVERIFY(waiter.wait());
    QVERIFY(waiter.message().find("/nowhere/mimir") != std::string::npos);
  }

  void NobodyIsAnsweredWhoIsGone() {
    FakeProgram fake("sleep 0.2; echo '{}'");
    Program program(fake.path());
    Waiter waiter;
    auto context = std::make_unique<QObject>();
    program.ask(kDoctor, context.get(), waiter.answer());
    const QPointer<QObject> given_up = program.ask(kDoctor, &waiter.context, waiter.answer());
    delete given_up;
    context.reset();
    QTest::qWait(500);
    QCOMPARE(waiter.count, 0);
  }

  void ARunIsStartedDetached() {
    FakeProgram fake("echo '{\"event\": \"run\", \"id\": \"abc123\", \"path\": \"/w/runs/x-abc123\"}'");
    Program program(fake.path());
    Waiter waiter;
    program.start_run({QStringLiteral("demo"), QStringLiteral("--name"), QStringLiteral("my run")}, &waiter.context, waiter.answer());
    QVERIFY(waiter.wait());
    QCOMPARE(waiter.got->at("id").get<std::string>(), std::string("abc123"));
    QCOMPARE(fake.starts(), QStringList{QStringLiteral("train demo --name my run --detach --json")});
  }

  void TheEnvironmentNamesTheProgram() {
    FakeProgram fake("true");
    qputenv("MIMIR_PROGRAM", fake.path().toUtf8());
    QCOMPARE(Program().path(), fake.path());
    qputenv("MIMIR_PROGRAM", "/nowhere/mimir");
    qputenv("PATH", QFileInfo(fake.path()).path().toUtf8() + ":" + qgetenv("PATH"));
    QCOMPARE(Program().path(), fake.path());
  }

  void WordsAreQuotedForAShell() {
    const QStringList words{QStringLiteral("mimir"), QStringLiteral("--set"), QStringLiteral("epsilon=8/255"), QStringLiteral("title=it's me"), QString()};
    QCOMPARE(shell_line(words), QStringLiteral("mimir --set epsilon=8/255 'title=it'\\''s me' ''"));
  }
};

QTEST_MAIN(ProgramTest)
#include "program_test.moc"
