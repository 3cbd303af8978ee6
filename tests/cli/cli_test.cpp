#include <sys/resource.h>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

/// The program as its users meet it: exit codes, one sentence on stderr, JSON alone on stdout.
class CliTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void VersionAnswersAtOnce();
  void HelpListsCommandsAndExitCodes();
  void WrongUsageIsTwoAndOneSentence_data();
  void WrongUsageIsTwoAndOneSentence();
  void TheLastOfARepeatedOptionWins();
  void DescribeHasEverythingAWindowNeeds();
  void ListingsAreArraysOfEntries_data();
  void ListingsAreArraysOfEntries();
  void AModelTellsItsParameters();
  void PresetsPrintTheirRecipe();
  void SelftestWantsAtLeastOneFile();
  void SelftestKnowsADamagedFile();
  void DoctorNamesACureForEachProblem();
  void NumbersHaveADotInAnyLocale();
};

namespace {

struct Answer {
  int code = -1;
  QByteArray out, err;
  QJsonDocument json() const { return QJsonDocument::fromJson(out); }
};

Answer mimir(const QStringList& arguments, const QMap<QString, QString>& environment = {}) {
  QProcess process;
  auto variables = QProcessEnvironment::systemEnvironment();
  for (auto it = environment.begin(); it != environment.end(); ++it) variables.insert(it.key(), it.value());
  process.setProcessEnvironment(variables);
  process.start(QStringLiteral(MIMIR_PROGRAM_PATH), arguments);
  if (!process.waitForFinished(60000)) return {};
  return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
          process.readAllStandardError()};
}

/// Processor time of all programs that have ended: no clock, so other load does not count.
double seconds_of_children() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

QStringList words(const char* line) { return QString::fromUtf8(line).split(QLatin1Char(' '), Qt::SkipEmptyParts); }

}  // namespace

void CliTest::VersionAnswersAtOnce() {
  mimir({QStringLiteral("--version")});  // libtorch comes into the page cache
  const double before = seconds_of_children();
  const Answer answer = mimir({QStringLiteral("--version")});
  const double seconds = seconds_of_children() - before;
  QCOMPARE(answer.code, 0);
  QVERIFY2(answer.out.startsWith("mimir 0."), answer.out);
  QVERIFY2(seconds < 1, "more is done than linking libtorch takes, 0.2 s");
}

void CliTest::HelpListsCommandsAndExitCodes() {
  const Answer answer = mimir({QStringLiteral("--help")});
  QCOMPARE(answer.code, 0);
  for (const char* word : {"selftest", "describe", "doctor", "presets", "--workspace", "--seed", "Exit codes"}) {
    QVERIFY2(answer.out.contains(word), word);
  }
  QVERIFY(mimir(words("selftest --help")).out.contains("--reference"));
}

void CliTest::WrongUsageIsTwoAndOneSentence_data() {
  QTest::addColumn<QString>("line");
  QTest::addColumn<QByteArray>("nearest");
  QTest::newRow("no command") << "" << QByteArray("--help");
  QTest::newRow("unknown command") << "selftset" << QByteArray("\"selftest\"");
  QTest::newRow("unknown option") << "selftest --referense x" << QByteArray("\"--reference\"");
  QTest::newRow("unknown option with =") << "selftest --referense=x" << QByteArray("\"--reference\"");
  QTest::newRow("unknown global option") << "--workspce x doctor" << QByteArray("\"--workspace\"");
  QTest::newRow("further argument") << "doctor now" << QByteArray("now");
  QTest::newRow("option without value") << "selftest --reference" << QByteArray("--reference");
  QTest::newRow("threads not a number") << "doctor --threads many" << QByteArray("whole number");
  QTest::newRow("seed below its range") << "doctor --seed -1" << QByteArray("smallest");
  QTest::newRow("precision") << "doctor --precision fp31" << QByteArray("\"fp32\"");
  QTest::newRow("device") << "selftest --device gpu" << QByteArray("cuda:N");
  QTest::newRow("preset") << "presets dmo" << QByteArray("\"demo\"");
}

void CliTest::WrongUsageIsTwoAndOneSentence() {
  QFETCH(QString, line);
  QFETCH(QByteArray, nearest);
  const Answer answer = mimir(line.split(QLatin1Char(' '), Qt::SkipEmptyParts));
  QVERIFY2(answer.code == 2, answer.err);
  QVERIFY2(answer.out.isEmpty(), answer.out);
  QVERIFY2(answer.err.contains(nearest), answer.err);
  QVERIFY2(answer.err.count('\n') == 1, answer.err);
}

void CliTest::TheLastOfARepeatedOptionWins() {
  const Answer answer = mimir(words("--json doctor --json --workspace /nowhere --workspace /tmp --seed 1 --seed 2"));
  QVERIFY2(answer.code == 0 || answer.code == 5, answer.err);
  QVERIFY(answer.out.contains("\"/tmp\"") && !answer.out.contains("/nowhere"));
}

void CliTest::DescribeHasEverythingAWindowNeeds() {
  const Answer answer = mimir(words("describe --json"));
  QCOMPARE(answer.code, 0);
  QVERIFY(answer.err.isEmpty());
  const QJsonObject all = answer.json().object();
  for (const char* key : {"program", "build", "protocol", "schema", "registries", "metrics", "presets"}) {
    QVERIFY2(all.contains(QLatin1String(key)), key);
  }
  bool epsilon = false;
  for (const QJsonValue& value : all[QLatin1String("schema")].toArray()) {
    const QJsonObject field = value.toObject();
    for (const char* key :
         {"table", "key", "type", "default", "min", "max", "choices", "unit", "help", "source", "level", "when"}) {
      QVERIFY2(field.contains(QLatin1String(key)), key);
    }
    epsilon = epsilon || (field[QLatin1String("table")] == QLatin1String("pretrain.attack") &&
                          field[QLatin1String("key")] == QLatin1String("epsilon") &&
                          field[QLatin1String("default")].toDouble() == 8.0 / 255);
  }
  QVERIFY(epsilon);
  QVERIFY(all[QLatin1String("metrics")].toArray().size() > 30);
  const QJsonArray presets = all[QLatin1String("presets")].toArray();
  QVERIFY(presets.size() >= 8);
  for (const QJsonValue& preset : presets) {
    for (const char* key : {"name", "title", "source", "path"}) {
      QVERIFY2(!preset[QLatin1String(key)].toString().isEmpty(), key);
    }
  }
}

void CliTest::ListingsAreArraysOfEntries_data() {
  QTest::addColumn<QString>("name");
  for (const char* name : {"datasets", "augmentations", "models", "attacks", "estimators", "methods"}) {
    QTest::newRow(name) << QString::fromLatin1(name);
  }
}

void CliTest::ListingsAreArraysOfEntries() {
  QFETCH(QString, name);
  const Answer answer = mimir({name, QStringLiteral("--json")});
  QCOMPARE(answer.code, 0);
  QVERIFY(answer.json().isArray());
  for (const QJsonValue& value : answer.json().array()) {
    const QJsonObject entry = value.toObject();
    for (const char* key : {"id", "label", "source", "help", "parameters"})
      QVERIFY2(entry.contains(QLatin1String(key)), key);
    const Answer one = mimir({name, entry[QLatin1String("id")].toString()});
    QCOMPARE(one.code, 0);
    QVERIFY(one.out.startsWith(entry[QLatin1String("id")].toString().toUtf8()));
  }
  QCOMPARE(mimir({name, QStringLiteral("nothing-of-that-name")}).code, 2);
}

void CliTest::AModelTellsItsParameters() {
  const QJsonObject model = mimir(words("models mae_vit_small,patch_size=2 --json")).json().object();
  QCOMPARE(model[QLatin1String("name")].toString(), QStringLiteral("mae_vit_small"));
  QCOMPARE(model[QLatin1String("parameters")].toInt(), 21879052);
  const QJsonArray first = model[QLatin1String("state")][0].toArray();
  QCOMPARE(first, (QJsonArray{QStringLiteral("cls_token"), QJsonArray{1, 1, 384}}));
  QCOMPARE(mimir(words("models vit_smal")).code, 2);
  QCOMPARE(mimir(words("models vit_small,patch=2")).code, 2);
  QCOMPARE(mimir(words("models vit_small,patch_size=5")).code, 2);
  QCOMPARE(mimir(words("models vit_small,depth=-1")).code, 2);
}

void CliTest::PresetsPrintTheirRecipe() {
  QVERIFY(mimir(words("presets")).out.contains("cifar10-laptop"));
  QVERIFY(mimir(words("presets demo")).out.contains("[pretrain]"));
  const QJsonObject demo = mimir(words("presets demo --json")).json().object();
  QCOMPARE(demo[QLatin1String("name")].toString(), QStringLiteral("demo"));
  const QJsonValue recipe = demo[QLatin1String("recipe")];
  QCOMPARE(recipe[QLatin1String("finetune")][QLatin1String("attack")][QLatin1String("epsilon")].toDouble(), 8.0 / 255);
  QCOMPARE(mimir(words("presets ./missing.toml")).code, 3);
}

void CliTest::SelftestWantsAtLeastOneFile() {
  const QTemporaryDir folder;
  const Answer answer = mimir({QStringLiteral("selftest"), QStringLiteral("--reference"), folder.path()});
  QCOMPARE(answer.code, 3);
  QVERIFY2(answer.err.contains("no reference file") && answer.err.count('\n') == 1, answer.err);
}

void CliTest::SelftestKnowsADamagedFile() {
  const QTemporaryDir folder;
  QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("training")));
  QFile file(folder.filePath(QStringLiteral("training/hsic.safetensors")));
  QVERIFY(file.open(QIODevice::WriteOnly) && file.write("not a safetensors document") > 0);
  file.close();
  const Answer answer =
      mimir({QStringLiteral("selftest"), QStringLiteral("--json"), QStringLiteral("--reference"), folder.path()});
  QVERIFY(answer.code != 0);
  const QJsonArray files = answer.json().object()[QLatin1String("files")].toArray();
  QCOMPARE(files.size(), 1);
  QCOMPARE(files[0][QLatin1String("name")].toString(), QStringLiteral("training/hsic.safetensors"));
  QCOMPARE(files[0][QLatin1String("agrees")], QJsonValue(false));
}

void CliTest::DoctorNamesACureForEachProblem() {
  const QTemporaryDir folder;
  const Answer good =
      mimir({QStringLiteral("doctor"), QStringLiteral("--json"), QStringLiteral("--workspace"), folder.path()});
  const QJsonObject all = good.json().object();
  QVERIFY(all.contains(QLatin1String("ok")));
  QStringList ids;
  for (const QJsonValue& check : all[QLatin1String("checks")].toArray()) {
    for (const char* key : {"id", "label", "state", "value", "unit", "cure"}) {
      QVERIFY2(check.toObject().contains(QLatin1String(key)), key);
    }
    ids += check[QLatin1String("id")].toString();
    QCOMPARE(check[QLatin1String("state")].toString() == QLatin1String("ok"),
             check[QLatin1String("cure")].toString().isEmpty());
  }
  for (const char* id : {"version", "libtorch", "devices", "threads", "cpu", "blas", "gemm", "workspace", "disk"}) {
    QVERIFY2(ids.contains(QLatin1String(id)), id);
  }

  QFile file(folder.filePath(QStringLiteral("file")));
  QVERIFY(file.open(QIODevice::WriteOnly));
  const Answer bad = mimir({QStringLiteral("doctor"), QStringLiteral("--workspace"), file.fileName()});
  QCOMPARE(bad.code, 5);
  QVERIFY2(bad.out.contains("choose another folder"), bad.out);
}

void CliTest::NumbersHaveADotInAnyLocale() {
  const auto german = [](const char* line) {
    return mimir(words(line), {{QStringLiteral("LC_ALL"), QStringLiteral("de_DE.UTF-8")}});
  };
  QCOMPARE(german("describe").out, mimir(words("describe")).out);
}

QTEST_GUILESS_MAIN(CliTest)
#include "cli_test.moc"
