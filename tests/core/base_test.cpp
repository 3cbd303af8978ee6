#include <QTest>

#include "core/base/draws.h"
#include "core/base/metrics.h"
#include "core/base/schema.h"
#include "core/base/text.h"

using namespace mimir;

class BaseTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void PhiloxGivesItsPublishedAnswers();
  void DrawsDoNotDependOnHowABatchIsSplit();
  void NormalDrawsHaveUnitVariance();
  void OrderIsAPermutation();
  void NumbersMayBeFractionsAndNothingElse();
  void RecipeSurvivesARoundTrip();
  void UnknownKeyNamesTheNearest();
  void EpsilonOfEightIsRefusedWithTheHint();
  void SettingAFieldAddsItsStage();
  void EveryFieldHasAUnitAndAHelp();
  void RelationsBetweenFieldsAreChecked();
};

void BaseTest::PhiloxGivesItsPublishedAnswers() {
  const auto same = [](PhiloxBlock a, PhiloxBlock b) { return std::equal(a.word, a.word + 4, b.word); };
  QVERIFY(same(philox4x32({{0, 0, 0, 0}}, 0, 0), {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}));
  QVERIFY(same(philox4x32({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u), {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}));
  QVERIFY(same(philox4x32({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0),
               {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}));
}

void BaseTest::DrawsDoNotDependOnHowABatchIsSplit() {
  const PhiloxDraws draws(7);
  const DrawKey key{Purpose::mask, 3, 1, 0};
  const std::vector<std::int64_t> ids = {5, 2, 9};
  std::vector<float> whole(3 * 7), one(7);
  draws.uniform(key, ids, whole);
  draws.uniform(key, std::span(ids).subspan(1, 1), one);
  QVERIFY(std::equal(one.begin(), one.end(), whole.begin() + 7));
  draws.uniform({Purpose::mask, 4, 1, 0}, std::span(ids).subspan(1, 1), one);
  QVERIFY(!std::equal(one.begin(), one.end(), whole.begin() + 7));
}

void BaseTest::NormalDrawsHaveUnitVariance() {
  std::vector<float> values(40001);
  const std::vector<std::int64_t> ids = {0};
  PhiloxDraws(1).normal({Purpose::pgd}, ids, values);
  double sum = 0, squares = 0;
  for (const float v : values) sum += v, squares += double(v) * v;
  const double mean = sum / values.size();
  QVERIFY(std::abs(mean) < 0.02);
  QVERIFY(std::abs(squares / values.size() - 1) < 0.03);
}

void BaseTest::OrderIsAPermutation() {
  const PhiloxDraws draws(1);
  auto order = draws.order({Purpose::order, 0}, 1000);
  QVERIFY(order != draws.order({Purpose::order, 1}, 1000));
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 1000; ++i) QCOMPARE(order[i], i);
}

void BaseTest::NumbersMayBeFractionsAndNothingElse() {
  QCOMPARE(*parse_number("8/255"), 8.0 / 255);
  QCOMPARE(*parse_number(" 1e-3 "), 1e-3);
  QVERIFY(!parse_number("8/0"));
  QVERIFY(!parse_number("1.5x"));
  QVERIFY(!parse_number("1,5"));
  QVERIFY(!parse_number(""));
}

void BaseTest::RecipeSurvivesARoundTrip() {
  Recipe recipe;
  recipe.title = "a \"quoted\" title\nof two lines";
  recipe.pretrain.emplace().attack.epsilon = 0.1234567890123;
  recipe.finetune.emplace();
  recipe.evaluate.emplace().attacks = {"natural", "pgd-7"};
  const std::string text = write_recipe(recipe);
  const auto back = parse_recipe(text, "test");
  QVERIFY2(back.has_value(), back ? "" : back.error().message.c_str());
  QVERIFY(*back == recipe);
  QCOMPARE(write_recipe(*back), text);
  QVERIFY(text.find("epsilon = \"8/255\"") != std::string::npos);
}

void BaseTest::UnknownKeyNamesTheNearest() {
  const auto recipe = parse_recipe("[pretrain]\nmask_ration = 0.5\n", "mine.toml");
  QVERIFY(!recipe);
  QCOMPARE(recipe.error().code, ErrorCode::usage);
  QVERIFY2(recipe.error().message.find("pretrain.mask_ratio") != std::string::npos, recipe.error().message.c_str());
  QVERIFY(!parse_recipe("[pretrian]\nepochs = 1\n", "mine.toml"));
  QVERIFY(!parse_recipe("[pretrain\n", "mine.toml"));
  QVERIFY(!parse_recipe("[pretrain]\nepochs = \"many\"\n", "mine.toml"));
}

void BaseTest::EpsilonOfEightIsRefusedWithTheHint() {
  auto recipe = *parse_recipe("[finetune.attack]\nepsilon = 8\n", "mine.toml");
  const auto problems = validate(recipe);
  QVERIFY(!problems.empty());
  QCOMPARE(problems[0].field, std::string("finetune.attack.epsilon"));
  QVERIFY(problems[0].message.find("8/255") != std::string::npos);
  recipe.finetune->attack.norm = "l2";
  QVERIFY(validate(recipe).empty());
}

void BaseTest::SettingAFieldAddsItsStage() {
  Recipe recipe;
  QVERIFY(set_field(recipe, "pretrain.attack.epsilon", "6.5/255"));
  QVERIFY(write_recipe(recipe).find("\"6.5/255\"") != std::string::npos);
  QVERIFY(set_field(recipe, "pretrain.attack.epsilon", "0.1"));  // 25.5/255
  QVERIFY(write_recipe(recipe).find("epsilon = 0.1\n") != std::string::npos);
  QVERIFY(set_field(recipe, "pretrain.attack.epsilon", "4/255"));
  QCOMPARE(recipe.pretrain->attack.epsilon, 4.0 / 255);
  QVERIFY(set_field(recipe, "pretrain", "none"));
  QVERIFY(!recipe.pretrain);
  QVERIFY(!set_field(recipe, "pretrain.attack.epsilo", "4/255"));
  QVERIFY(!set_field(recipe, "finetune.epochs", "1.5"));
}

void BaseTest::EveryFieldHasAUnitAndAHelp() {
  for (const Field& field : recipe_schema()) {
    QVERIFY2(!field.parameter.unit.empty() && !field.parameter.help.empty(), field.path().c_str());
  }
  for (const MetricInfo& metric : known_metrics()) QVERIFY2(!metric.unit.empty() && !metric.help.empty(), metric.name.c_str());
  QVERIFY_EXCEPTION_THROWN(metric_info("pretrain/nothing"), std::logic_error);
  QCOMPARE(metric_info("evaluate/pgd-20/robust_accuracy").direction, std::string("up"));
}

void BaseTest::RelationsBetweenFieldsAreChecked() {
  Recipe recipe;
  QVERIFY(!validate(recipe).empty());  // no stage
  recipe.pretrain.emplace();
  QVERIFY(validate(recipe).empty());
  recipe.model.patch_size = 5;
  QCOMPARE(validate(recipe)[0].field, std::string("model.patch_size"));
  recipe.model.patch_size = 16;
  recipe.pretrain->mask_ratio = 0.9;
  QCOMPARE(validate(recipe)[0].field, std::string("pretrain.mask_ratio"));
  recipe = {};
  recipe.finetune.emplace().method = "pgdd";
  const auto problems = validate(recipe, {{"methods", {"natural", "pgd"}}});
  QCOMPARE(problems.size(), std::size_t(1));
  QVERIFY(problems[0].message.find("did you mean \"pgd\"") != std::string::npos);
}

QTEST_APPLESS_MAIN(BaseTest)
#include "base_test.moc"
