#include <QTest>
#include <filesystem>

#include "core/base/schema.h"
#include "core/store/files.h"

using namespace mimir;

/// Every recipe in experiments/ is one that can run.
class PresetsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void EveryPresetParsesAndIsValid_data();
  void EveryPresetParsesAndIsValid();
  void PublishedRatesComeOutAsPublished();
  void ARateThatHasNoEffectIsSaid();
};

namespace {

const std::filesystem::path kFolder = MIMIR_EXPERIMENTS_DIR;

Recipe read(const char* name) {
  const auto path = kFolder / (std::string(name) + ".toml");
  return parse_recipe(read_text(path).value(), path.string()).value();
}

}  // namespace

void PresetsTest::EveryPresetParsesAndIsValid_data() {
  QTest::addColumn<QString>("path");
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".toml") continue;
    QTest::newRow(entry.path().stem().c_str()) << QString::fromStdString(entry.path().string());
  }
}

void PresetsTest::EveryPresetParsesAndIsValid() {
  QFETCH(QString, path);
  const auto text = read_text(path.toStdString());
  QVERIFY(text.has_value());
  QVERIFY2(text->find("# Source: ") != std::string::npos, "it states no source");
  QVERIFY2(text->find("# Expected: ") != std::string::npos, "it states no expected result");
  const auto recipe = parse_recipe(*text, path.toStdString());
  QVERIFY2(recipe.has_value(), recipe ? "" : recipe.error().message.c_str());
  QVERIFY(!recipe->title.empty());
  for (const Problem& problem : validate(*recipe)) QFAIL((problem.field + ": " + problem.message).c_str());
  QVERIFY(*parse_recipe(write_recipe(*recipe), "again") == *recipe);
}

void PresetsTest::PublishedRatesComeOutAsPublished() {
  const auto rate = [](const OptimisationRecipe& stage) {
    return stage.base_learning_rate * static_cast<double>(stage.batch_size * stage.accumulate) / 256;
  };
  const Recipe cifar = read("paper-cifar10-vit-small");
  QCOMPARE(rate(*cifar.pretrain), 3.0e-4);
  QCOMPARE(rate(*cifar.finetune), 0.025);
  const Recipe imagenet = read("paper-imagenet-vit-small");
  QCOMPARE(rate(*imagenet.pretrain), 1.2e-3);
  QCOMPARE(rate(*imagenet.finetune), 4e-3);
}

void PresetsTest::ARateThatHasNoEffectIsSaid() {
  Recipe demo = read("demo");
  QVERIFY(demo.pretrain->learning_rate > 0);
  demo.pretrain->base_learning_rate = 0.1;
  const auto problems = validate(demo);
  QCOMPARE(problems.size(), std::size_t(1));
  QCOMPARE(problems[0].field, std::string("pretrain.base_learning_rate"));
  QVERIFY(problems[0].severity == Severity::warning);
  demo.pretrain->learning_rate = 0;
  QVERIFY(validate(demo).empty());
}

QTEST_APPLESS_MAIN(PresetsTest)
#include "presets_test.moc"
