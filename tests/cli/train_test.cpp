#include <sys/resource.h>
#include <sys/types.h>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <functional>

#include "tests/support/tiny_model.h"

// Training as people run it: the program as a process, tiny recipes on drawn pictures. Run with "long" in
// MIMIR_TEST_LONG for what takes minutes.

namespace {

struct Ended {
  int code = -1;
  QByteArray out, err;
};

QString recipe_text() {
  return QStringLiteral(R"(
[data]
name = "demo"
train_images = 160
test_images = 40
[pretrain]
epochs = 2
batch_size = 32
warmup_epochs = 0.5
probe_images = 4
ema = 0.9
[finetune]
epochs = 2
batch_size = 32
warmup_epochs = 0.5
validation_images = 20
ema = 0.9
[finetune.attack]
num_steps = 2
[evaluate]
attacks = ["natural", "pgd-3"]
images = 20
)");
}

}  // namespace

class TrainTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase();
  void ARunFinishesWithCurvesPicturesAndReport();
  void ThreadsDoNotChangeTheWeights();
  void StoppedAndResumedEndsWithTheSameWeights();
  void StoppedNowGivesUpTheStepBegun();
  void PausedAndUnpausedEndsWithTheSameWeights();
  void KilledAndResumedEndsWithTheSameWeights();
  void DivergedRunSaysTheStepAndKeepsTheLastGoodWeights();
  void AnotherArchitectureDoesNotFit();
  void AFullDiskIsSaidAndWhatWasRecordedOpens();
  void WorkspaceThatCannotBeWrittenIsStorage();
  void MissingDataIsInput();
  void EpsilonOfEightIsUsage();
  void StoppingAFinishedRunIsAnError();
  void EvaluateScoresARun();
  void RunsAreListedAndAnnotated();
  void ABenchmarkOfARecipeTimesEveryStageAndLeavesNothing();
  void ABenchmarkTimesEachKindOfStepOfAStage();
  void ABenchmarkThatCannotBeSaysWhy_data();
  void ABenchmarkThatCannotBeSaysWhy();
  void ABenchmarkIsCancelled();

 private:
  Ended mimir(const QStringList& arguments, const std::function<void()>& in_child = {}) {
    QProcess process;
    if (in_child) process.setChildProcessModifier(in_child);
    process.start(QStringLiteral(MIMIR_PROGRAM_PATH), with_workspace(arguments));
    process.waitForFinished(120'000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
  }
  QStringList with_workspace(QStringList arguments) const {
    return arguments << QStringLiteral("--workspace") << folder_.filePath(QStringLiteral("workspace"));
  }
  /// `mimir bench recipe`, with a place of its own for temporary files.
  Ended bench(QStringList arguments, const QString& temporary) {
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("TMPDIR"), temporary);
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(MIMIR_PROGRAM_PATH), with_workspace(QStringList{QStringLiteral("bench"), QStringLiteral("recipe")} + arguments + QStringList{QStringLiteral("--json")}));
    process.waitForFinished(120'000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(), process.readAllStandardError()};
  }
  QStringList runs() const { return QDir(folder_.filePath(QStringLiteral("workspace/runs"))).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot); }
  QStringList train(const QString& name) const {
    return {QStringLiteral("train"), recipe_, QStringLiteral("--name"), name, QStringLiteral("--json")};
  }
  QString run_path(const QByteArray& out) const {
    for (const QByteArray& line : out.split('\n')) {
      const QJsonObject event = QJsonDocument::fromJson(line).object();
      if (event[QStringLiteral("event")] == QStringLiteral("run")) return event[QStringLiteral("path")].toString();
    }
    return {};
  }
  static QByteArray weights(const QString& run) {
    QFile file(run + QStringLiteral("/checkpoints/finetune-last.safetensors"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  /// Starts a training and calls `act` after `events` lines of progress; returns the run's folder.
  QString interrupted(const QString& name, int events, const std::function<void(QProcess&, const QString& run)>& act) {
    QProcess process;
    process.start(QStringLiteral(MIMIR_PROGRAM_PATH), with_workspace(train(name)));
    QByteArray out;
    int seen = 0;
    while (process.waitForReadyRead(60'000)) {
      while (process.canReadLine()) {
        const QByteArray line = process.readLine();
        out += line;
        if (line.contains("\"progress\"") && ++seen == events) {
          act(process, run_path(out));
          process.waitForFinished(60'000);
          return run_path(out);
        }
      }
    }
    return run_path(out);
  }

  QTemporaryDir folder_;
  QString recipe_;
  QString undisturbed_;
};

void TrainTest::initTestCase() {
  QVERIFY(folder_.isValid());
  recipe_ = folder_.filePath(QStringLiteral("tiny.toml"));
  QFile file(recipe_);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(recipe_text().toUtf8() + mimir::test::kTinyModel);
  file.close();
  const Ended run = mimir(train(QStringLiteral("undisturbed")));  // what the others are compared with
  QVERIFY2(run.code == 0, run.err.constData());
  undisturbed_ = run_path(run.out);
}

void TrainTest::ARunFinishesWithCurvesPicturesAndReport() {
  for (const char* file : {"recipe.toml", "environment.json", "run.db", "log.txt", "curves.svg", "checkpoints/pretrain-last.safetensors",
                           "checkpoints/finetune-last.safetensors", "checkpoints/finetune-best.safetensors", "media/pretrain/0-probe.png",
                           "media/pretrain/10-probe.safetensors", "evaluations/stage/report.json"}) {
    QVERIFY2(QFile::exists(undisturbed_ + QLatin1Char('/') + QString::fromLatin1(file)), file);
  }
  for (const char* file : {"run.db-wal", "trainer.pid", "control.sock"}) {
    QVERIFY2(!QFile::exists(undisturbed_ + QLatin1Char('/') + QString::fromLatin1(file)), file);
  }
  const Ended shown = mimir({QStringLiteral("runs"), QStringLiteral("show"), undisturbed_, QStringLiteral("--json")});
  const QJsonObject json = QJsonDocument::fromJson(shown.out).object();
  QCOMPARE(json[QStringLiteral("status")].toString(), QStringLiteral("finished"));
  const QJsonObject metrics = json[QStringLiteral("metrics")].toObject();
  for (const char* name : {"pretrain/loss", "pretrain/information", "pretrain/attack_saturation", "pretrain/grad_norm", "pretrain/data_wait",
                           "pretrain/probe/attack_gain", "pretrain/probe/renyi_adversarial", "pretrain/probe/information_gradient_ratio",
                           "finetune/loss", "finetune/train_robust_accuracy", "finetune/robust_accuracy", "finetune/overfitting_gap",
                           "evaluate/natural_accuracy", "evaluate/pgd-3/robust_accuracy", "evaluate/robust_accuracy_low"}) {
    QVERIFY2(metrics.contains(QString::fromLatin1(name)), name);
  }
  // Only visible patches have a gradient in corrected mode: the share of zeros is the mask ratio.
  const double zeros = metrics[QStringLiteral("pretrain/attack_zero_gradient")].toObject()[QStringLiteral("last")].toDouble();
  QVERIFY2(std::abs(zeros - 0.75) < 0.01, QByteArray::number(zeros).constData());
}

void TrainTest::ThreadsDoNotChangeTheWeights() {
  const Ended run = mimir(train(QStringLiteral("one-thread")) << QStringLiteral("--threads") << QStringLiteral("1"));
  QVERIFY2(run.code == 0, run.err.constData());
  // The recipes differ in the number of threads, so the files differ in their metadata and the tensors must not.
  const QByteArray one = weights(run_path(run.out)), both = weights(undisturbed_);
  const auto tensors = [](const QByteArray& file) {
    quint64 header = 0;
    std::memcpy(&header, file.constData(), 8);
    return file.mid(8 + static_cast<qsizetype>(header));
  };
  QVERIFY(!one.isEmpty() && tensors(one) == tensors(both));
}

void TrainTest::StoppedAndResumedEndsWithTheSameWeights() {
  const QString run = interrupted(QStringLiteral("stopped"), 2, [&](QProcess&, const QString& path) {
    const Ended stop = mimir({QStringLiteral("stop"), path});
    QVERIFY2(stop.code == 0, stop.err.constData());
  });
  const Ended resumed = mimir({QStringLiteral("resume"), run});
  QVERIFY2(resumed.code == 0, resumed.err.constData());
  QVERIFY(weights(run) == weights(undisturbed_));
}

void TrainTest::StoppedNowGivesUpTheStepBegun() {
  QProcess process;  // its first step attacks for minutes
  process.start(QStringLiteral(MIMIR_PROGRAM_PATH),
                with_workspace(train(QStringLiteral("now")) << QStringLiteral("--set") << QStringLiteral("pretrain=none")
                                                            << QStringLiteral("--set") << QStringLiteral("finetune.attack.num_steps=10000")));
  QByteArray out;
  while (run_path(out).isEmpty() && process.waitForReadyRead(60'000)) out += process.readAllStandardOutput();
  const QString run = run_path(out);
  const auto status = [&] {
    const Ended shown = mimir({QStringLiteral("runs"), QStringLiteral("show"), run, QStringLiteral("--json")});
    return QJsonDocument::fromJson(shown.out).object();
  };
  QTRY_COMPARE_WITH_TIMEOUT(status()[QStringLiteral("status")].toString(), QStringLiteral("running"), 60'000);
  QTest::qWait(500);
  QCOMPARE(mimir({QStringLiteral("stop"), run, QStringLiteral("--after"), QStringLiteral("now")}).code, 0);
  QVERIFY(process.waitForFinished(60'000));
  QCOMPARE(process.exitCode(), 130);
  const QByteArray said = process.readAllStandardError() + process.readAllStandardOutput();
  QVERIFY2(said.contains("stopped at step 0 of"), said.constData());
  QVERIFY(status()[QStringLiteral("metrics")].toObject().isEmpty());
}

void TrainTest::PausedAndUnpausedEndsWithTheSameWeights() {
  const QString run = interrupted(QStringLiteral("paused"), 2, [&](QProcess&, const QString& path) {
    QCOMPARE(mimir({QStringLiteral("pause"), path}).code, 0);
    QTest::qWait(300);
    QCOMPARE(mimir({QStringLiteral("checkpoint"), path}).code, 0);
    QCOMPARE(mimir({QStringLiteral("unpause"), path}).code, 0);
  });
  QVERIFY(!weights(run).isEmpty() && weights(run) == weights(undisturbed_));
}

void TrainTest::KilledAndResumedEndsWithTheSameWeights() {
  const int kills = qEnvironmentVariableIsSet("MIMIR_TEST_LONG") ? 20 : 3;
  int late = 0;  // runs that ended before the kill: they show nothing and are repeated
  for (int i = 0; i < kills; ++i) {
    bool killed = false;
    const QString run = interrupted(QStringLiteral("killed"), 1, [&](QProcess& process, const QString&) {
      QTest::qWait(QRandomGenerator::global()->bounded(800));
      // 0 once the run has ended by itself, and kill(0) would end the tests' own process group.
      const qint64 pid = process.processId();
      killed = pid > 0 && ::kill(static_cast<pid_t>(pid), SIGKILL) == 0 && process.waitForFinished() && process.exitStatus() == QProcess::CrashExit;
    });
    if (!killed) {
      QVERIFY2(++late <= 2 * kills, "the runs end before they can be killed");
      --i;
      continue;
    }
    const Ended listed = mimir({QStringLiteral("runs"), QStringLiteral("show"), run, QStringLiteral("--json")});
    QVERIFY2(listed.code == 0, listed.err.constData());
    const Ended resumed = mimir({QStringLiteral("resume"), run});
    QVERIFY2(resumed.code == 0, resumed.err.constData());
    QVERIFY(weights(run) == weights(undisturbed_));
  }
}

void TrainTest::DivergedRunSaysTheStepAndKeepsTheLastGoodWeights() {
  const Ended run = mimir(train(QStringLiteral("diverged")) << QStringLiteral("--set") << QStringLiteral("pretrain.learning_rate=1e30"));
  QCOMPARE(run.code, 6);
  QVERIFY2(run.err.contains("not finite at step"), run.err.constData());
  QVERIFY(QFile::exists(run_path(run.out) + QStringLiteral("/checkpoints/pretrain-last.safetensors")));
}

void TrainTest::AnotherArchitectureDoesNotFit() {
  const Ended run = mimir(train(QStringLiteral("other")) << QStringLiteral("--set") << QStringLiteral("pretrain=none") << QStringLiteral("--set")
                                                         << QStringLiteral("finetune.from=") + undisturbed_ + QStringLiteral("/checkpoints/pretrain-last.safetensors")
                                                         << QStringLiteral("--set") << QStringLiteral("model.embed_dim=64"));
  QCOMPARE(run.code, 4);
  QVERIFY2(run.err.contains("architecture"), run.err.constData());
}

void TrainTest::AFullDiskIsSaidAndWhatWasRecordedOpens() {
  const Ended run = mimir(train(QStringLiteral("full")), [] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{300'000, 300'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  QCOMPARE(run.code, 5);
  QVERIFY2(run.err.count('\n') <= 2, run.err.constData());
  const Ended shown = mimir({QStringLiteral("runs"), QStringLiteral("show"), run_path(run.out), QStringLiteral("--json")});
  QVERIFY2(shown.code == 0, shown.err.constData());
}

void TrainTest::WorkspaceThatCannotBeWrittenIsStorage() {
  QProcess process;
  process.start(QStringLiteral(MIMIR_PROGRAM_PATH), {QStringLiteral("train"), recipe_, QStringLiteral("--workspace"), QStringLiteral("/proc/mimir")});
  QVERIFY(process.waitForFinished(60'000));
  QCOMPARE(process.exitCode(), 5);
}

void TrainTest::MissingDataIsInput() {
  const Ended run = mimir(train(QStringLiteral("missing")) << QStringLiteral("--set") << QStringLiteral("data=/nowhere/at/all"));
  QCOMPARE(run.code, 3);
}

void TrainTest::EpsilonOfEightIsUsage() {
  const Ended run = mimir(train(QStringLiteral("eight")) << QStringLiteral("--set") << QStringLiteral("finetune.attack.epsilon=8"));
  QCOMPARE(run.code, 2);
  QVERIFY2(run.err.contains("8/255"), run.err.constData());
}

void TrainTest::StoppingAFinishedRunIsAnError() {
  QCOMPARE(mimir({QStringLiteral("stop"), undisturbed_}).code, 3);
  QCOMPARE(mimir({QStringLiteral("stop"), QStringLiteral("nothing-of-that-name")}).code, 3);
}

void TrainTest::EvaluateScoresARun() {
  const Ended run = mimir({QStringLiteral("evaluate"), undisturbed_, QStringLiteral("--attacks"), QStringLiteral("natural,fgsm,pgd-3"),
                           QStringLiteral("--images"), QStringLiteral("30"), QStringLiteral("--flags"), QStringLiteral("--json")});
  QVERIFY2(run.code == 0, run.err.constData());
  const QJsonObject json = QJsonDocument::fromJson(run.out).object();
  QCOMPARE(json[QStringLiteral("images")].toInt(), 30);
  QCOMPARE(json[QStringLiteral("attacks")].toArray().size(), 2);
  QVERIFY(json[QStringLiteral("robust_accuracy")].toDouble() <= json[QStringLiteral("natural_accuracy")].toDouble());
  QCOMPARE(json[QStringLiteral("flags")].toObject()[QStringLiteral("pgd-3")].toArray().size(), 30);
  QCOMPARE(mimir({QStringLiteral("evaluate"), undisturbed_, QStringLiteral("--attacks"), QStringLiteral("pdg-3")}).code, 2);
}

void TrainTest::RunsAreListedAndAnnotated() {
  QCOMPARE(mimir({QStringLiteral("runs"), QStringLiteral("rename"), undisturbed_, QStringLiteral("the calm one")}).code, 0);
  QCOMPARE(mimir({QStringLiteral("runs"), QStringLiteral("tag"), undisturbed_, QStringLiteral("kept")}).code, 0);
  QCOMPARE(mimir({QStringLiteral("runs"), QStringLiteral("star"), undisturbed_}).code, 0);
  const Ended list = mimir({QStringLiteral("runs"), QStringLiteral("list"), QStringLiteral("--json")});
  for (const auto& entry : QJsonDocument::fromJson(list.out).array()) {
    const QJsonObject run = entry.toObject();
    if (run[QStringLiteral("path")].toString() != undisturbed_) continue;
    QCOMPARE(run[QStringLiteral("name")].toString(), QStringLiteral("the calm one"));
    QCOMPARE(run[QStringLiteral("tags")].toArray().at(0).toString(), QStringLiteral("kept"));
    QVERIFY(run[QStringLiteral("star")].toBool());
    return;
  }
  QFAIL("the run is not in the list");
}

void TrainTest::ABenchmarkOfARecipeTimesEveryStageAndLeavesNothing() {
  const QTemporaryDir temporary;
  const QStringList before = runs();
  const Ended ended = bench({recipe_, QStringLiteral("--seconds"), QStringLiteral("0.3")}, temporary.path());
  QVERIFY2(ended.code == 0, ended.err.constData());
  const QJsonObject answer = QJsonDocument::fromJson(ended.out).object();
  const QJsonArray stages = answer[QStringLiteral("stages")].toArray();
  QCOMPARE(stages.size(), 3);
  double sum = 0, memory = 0;
  for (const QJsonValue& value : stages) {
    const QJsonObject stage = value.toObject();
    QVERIFY(stage[QStringLiteral("seconds")].toDouble() > 0);
    QVERIFY(stage[QStringLiteral("memory_mb")].toDouble() > 20);
    sum += stage[QStringLiteral("seconds")].toDouble();
    memory = std::max(memory, stage[QStringLiteral("memory_mb")].toDouble());
  }
  QVERIFY(std::abs(answer[QStringLiteral("seconds")].toDouble() - sum) < 1e-9 * sum);
  QCOMPARE(answer[QStringLiteral("memory_mb")].toDouble(), memory);
  const QJsonObject pretrain = stages[0].toObject(), finetune = stages[1].toObject(), evaluate = stages[2].toObject();
  QCOMPARE(pretrain[QStringLiteral("name")].toString(), QStringLiteral("pretrain"));
  QCOMPARE(pretrain[QStringLiteral("steps")].toInt(), 2 * 160 / 32);
  QCOMPARE(finetune[QStringLiteral("steps")].toInt(), 2 * ((160 - 20) / 32));  // the images held out for validation are not trained on
  const Ended dry = mimir({QStringLiteral("train"), recipe_, QStringLiteral("--dry-run"), QStringLiteral("--json")});
  const QJsonArray planned = QJsonDocument::fromJson(dry.out).object()[QStringLiteral("stages")].toArray();
  for (int i = 0; i < 2; ++i) QCOMPARE(planned[i].toObject()[QStringLiteral("steps")], stages[i].toObject()[QStringLiteral("steps")]);
  QVERIFY(finetune[QStringLiteral("phases")].toArray()[0].toObject()[QStringLiteral("measured_steps")].toInt() >= 1);
  QCOMPARE(evaluate[QStringLiteral("images")].toInt(), 20);
  QCOMPARE(evaluate[QStringLiteral("tests")].toArray().size(), 2);
  // The rate is the whole time's: steps of 32 images.
  QVERIFY(std::abs(pretrain[QStringLiteral("images_per_second")].toDouble() * pretrain[QStringLiteral("seconds")].toDouble() - 320) < 1e-6);
  QVERIFY2(ended.err.contains("Measuring pretrain, stage 1 of 3") && ended.err.contains("Measuring evaluate, stage 3 of 3"), ended.err.constData());
  QCOMPARE(runs(), before);
  QCOMPARE(QDir(temporary.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList());
}

void TrainTest::ABenchmarkTimesEachKindOfStepOfAStage() {
  const QTemporaryDir temporary;
  const Ended ended = bench({recipe_, QStringLiteral("--seconds"), QStringLiteral("0.1"), QStringLiteral("--set"), QStringLiteral("pretrain=none"), QStringLiteral("--set"), QStringLiteral("evaluate=none"),
                             QStringLiteral("--set"), QStringLiteral("finetune.epochs=7"), QStringLiteral("--set"), QStringLiteral("finetune.natural_epochs=1"),
                             QStringLiteral("--set"), QStringLiteral("finetune.patch_drop_rate=0.5"), QStringLiteral("--set"), QStringLiteral("finetune.patch_drop_epochs=5")},
                            temporary.path());
  QVERIFY2(ended.code == 0, ended.err.constData());
  const QJsonArray stages = QJsonDocument::fromJson(ended.out).object()[QStringLiteral("stages")].toArray();
  QCOMPARE(stages.size(), 1);
  QList<double> epochs;
  for (const QJsonValue& phase : stages[0].toObject()[QStringLiteral("phases")].toArray()) epochs += phase.toObject()[QStringLiteral("epochs")].toDouble();
  QCOMPARE(epochs, (QList<double>{1, 4, 2}));  // without attack; with it, on half of the patches; on all of them
}

void TrainTest::ABenchmarkThatCannotBeSaysWhy_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<int>("code");
  QTest::addColumn<QByteArray>("word");
  const auto set = [this](const char* what) { return QStringList{recipe_, QStringLiteral("--seconds"), QStringLiteral("0.1"), QStringLiteral("--set"), QString::fromLatin1(what)}; };
  QTest::newRow("an impossible recipe") << set("pretrain.mask_ratio=2") << 2 << QByteArray("mask_ratio");
  QTest::newRow("no data") << set("data=/nowhere/at/all") << 3 << QByteArray("/nowhere/at/all");
  QTest::newRow("no weights to begin with") << set("finetune.from=/nowhere.safetensors") << 3 << QByteArray("/nowhere.safetensors");
  QTest::newRow("no recipe") << QStringList{QStringLiteral("/nowhere.toml")} << 3 << QByteArray("/nowhere.toml");
  QTest::newRow("no time") << QStringList{recipe_, QStringLiteral("--seconds"), QStringLiteral("0")} << 2 << QByteArray("--seconds");
}

void TrainTest::ABenchmarkThatCannotBeSaysWhy() {
  QFETCH(QStringList, arguments);
  QFETCH(int, code);
  QFETCH(QByteArray, word);
  const QTemporaryDir temporary;
  const Ended ended = bench(arguments, temporary.path());
  QCOMPARE(ended.code, code);
  QVERIFY2(ended.err.contains(word), ended.err.constData());
  QCOMPARE(ended.out, QByteArray());
  QCOMPARE(QDir(temporary.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList());
}

void TrainTest::ABenchmarkIsCancelled() {
  const QTemporaryDir temporary;
  QProcess process;
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert(QStringLiteral("TMPDIR"), temporary.path());
  process.setProcessEnvironment(environment);
  process.start(QStringLiteral(MIMIR_PROGRAM_PATH), {QStringLiteral("bench"), QStringLiteral("recipe"), recipe_, QStringLiteral("--set"), QStringLiteral("pretrain.epochs=100000"),
                                                     QStringLiteral("--seconds"), QStringLiteral("600"), QStringLiteral("--json")});
  process.setReadChannel(QProcess::StandardError);
  QByteArray said;
  while (!said.contains("Measuring") && process.waitForReadyRead(60'000)) said += process.readAllStandardError();
  process.terminate();
  QVERIFY(process.waitForFinished(60'000));
  QCOMPARE(process.exitCode(), 130);
  QCOMPARE(process.readAllStandardOutput(), QByteArray());
  QCOMPARE(QDir(temporary.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList());
}

QTEST_GUILESS_MAIN(TrainTest)
#include "train_test.moc"
