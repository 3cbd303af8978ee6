#include <QTest>
#include <QTemporaryDir>
#include <nlohmann/json.hpp>

#include "core/base/schema.h"
#include "widgets/form/form_model.h"
#include "widgets/form/number_text.h"

#include "tests/widgets/describe_fixture.h"

using namespace mimir;

namespace {

QString q(const char* text) { return QString::fromUtf8(text); }

}  // namespace

class FormTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    auto parsed = parse_form_schema(nlohmann::json::parse(kDescription));
    QVERIFY(parsed);
    schema_ = *parsed;
    QVERIFY(folder_.isValid());
    file_ = folder_.filePath(q("demo.toml"));
    QFile file(file_);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(kRecipe);
  }

  void TheSchemaIsReadFromTheDescription() {
    QCOMPARE(schema_.fields.size(), std::size_t(15));
    const FieldSchema* epsilon = schema_.find(q("pretrain.attack.epsilon"));
    QVERIFY(epsilon);
    QCOMPARE(epsilon->label(), q("attack.epsilon"));
    QCOMPARE(epsilon->section(), q("pretrain"));
    QVERIFY(epsilon->on_unit_scale());
    QVERIFY(!epsilon->parameter.maximum);
    QCOMPARE(range_text(*epsilon), q("0 or more · default 8/255 · MIMIR, Sec. 5"));
    QCOMPARE(range_text(*schema_.find(q("pretrain.mask_ratio"))), q("0 to 0.999 · default 0.75 · He et al. 2022"));
    QCOMPARE(schema_.find(q("data.name"))->parameter.choices.size(), std::size_t(3));
    QVERIFY(schema_.find(q("pretrain.norm_pix_loss"))->parameter.advanced);
    QCOMPARE(schema_.find(q("seed"))->section(), q("compute"));
    QCOMPARE(schema_.preset(q("demo"))->title, q("Drawn pictures"));
  }

  void AnotherVersionsDescriptionIsRefusedInWords() {
    for (const char* text : {"{}", R"({"schema": [{"table": "data", "key": "x", "type": "matrix", "default": 0}], "presets": []})",
                             R"({"schema": [{"table": "", "key": "x", "type": "int", "default": "many"}], "presets": []})"}) {
      const auto parsed = parse_form_schema(nlohmann::json::parse(text));
      QVERIFY(!parsed);
      QCOMPARE(parsed.error().code, ErrorCode::mismatch);
    }
  }

  void NumbersAreReadAsPeopleTypeThem_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("value");
    QTest::newRow("fraction") << q("8/255") << 8.0 / 255;
    QTest::newRow("power") << q(" 1e-4 ") << 1e-4;
    QTest::newRow("product") << q("2*8/255") << 16.0 / 255;
    QTest::newRow("brackets") << q("(1 + 3) / 4") << 1.0;
    QTest::newRow("sign") << q("-(2-5)") << 3.0;
    QTest::newRow("left first") << q("8-4-2") << 2.0;
  }
  void NumbersAreReadAsPeopleTypeThem() {
    QFETCH(QString, text);
    QFETCH(double, value);
    QVERIFY(evaluate_number(text));
    QCOMPARE(*evaluate_number(text), value);
  }

  void WhatIsNoNumberIsNone() {
    for (const char* text : {"", "abc", "8/", "1e", "(1", "1)", "1/0", "0,5", "--", "8 255x", "1e400"}) QVERIFY2(!evaluate_number(q(text)), text);
  }

  void TextsBecomeWhatARecipeSpells() {
    const auto canonical = [&](const char* path, const char* text) { return canonical_text(*schema_.find(q(path)), q(text)).value_or(q("none")); };
    QCOMPARE(canonical("pretrain.attack.epsilon", "8/255"), q("8/255"));
    QCOMPARE(canonical("pretrain.mask_ratio", "3/4*1"), q("0.75"));
    QCOMPARE(canonical("pretrain.epochs", "4*100"), q("400"));
    QCOMPARE(canonical("pretrain.epochs", "1.5"), q("none"));
    QCOMPARE(canonical("evaluate.attacks", "natural, pgd-20,"), q("natural,pgd-20"));
    QCOMPARE(canonical("pretrain.norm_pix_loss", "perhaps"), q("none"));
  }

  void AMistypedEpsilonIsNoticed() {
    const FieldSchema& epsilon = *schema_.find(q("pretrain.attack.epsilon"));
    for (const char* text : {"8/225", "8/256", "8 / 55", "8/2555", "8/525", "8"}) QVERIFY2(likely_fraction(epsilon, q(text)) == q("8/255"), text);
    for (const char* text : {"8/255", "0.031", "1/2", "1", "0", "8/3"}) QVERIFY2(!likely_fraction(epsilon, q(text)), text);
    QVERIFY(!likely_fraction(*schema_.find(q("pretrain.mask_ratio")), q("8/225")));
  }

  void OnlyWhatMeansSomethingElseIsAChange() {
    FormModel model(schema_, draft());
    model.set_text(q("pretrain.attack.epsilon"), q("16/510"));
    QVERIFY(!model.changed(q("pretrain.attack.epsilon")));
    model.set_text(q("pretrain.epochs"), q("3"));
    QVERIFY(model.changed(q("pretrain.epochs")));
    QCOMPARE(model.changes(q("pretrain")), 1);
    model.revert(q("pretrain.epochs"));
    QVERIFY(!model.changed(q("pretrain.epochs")));
    QCOMPARE(model.text(q("pretrain.epochs")), q("4"));
  }

  void TypingIsOneStepOfUndo() {
    FormModel model(schema_, draft());
    for (const char* text : {"1", "12", "120"}) model.set_text(q("pretrain.epochs"), q(text));
    model.end_edit();
    model.set_text(q("pretrain.epochs"), q("7"));
    model.set_stage(q("evaluate"), false);
    QCOMPARE(model.undo_stack().count(), 3);
    model.undo_stack().undo();
    QVERIFY(model.draft().has_stage(q("evaluate")));
    model.undo_stack().undo();
    QCOMPARE(model.text(q("pretrain.epochs")), q("120"));
    model.undo_stack().undo();
    QCOMPARE(model.text(q("pretrain.epochs")), q("4"));
    QVERIFY(model.draft().set.empty());
  }

  void TypeAndRangeAreCheckedAtOnce() {
    FormModel model(schema_, draft());
    QVERIFY(model.problems().empty());
    model.set_text(q("pretrain.mask_ratio"), q("3"));
    QVERIFY(model.has_errors());
    QCOMPARE(model.problem_of(q("pretrain.mask_ratio"))->message, q("3 is above 0.999, the largest value"));
    model.set_text(q("pretrain.epochs"), q("many"));
    model.set_text(q("data.name"), q("cifar11"));
    QCOMPARE(model.problems().size(), std::size_t(3));
    QCOMPARE(model.problems().front().field, q("data.name"));
    QCOMPARE(model.problem_count(q("pretrain")), 2);
    model.set_stage(q("pretrain"), false);  // what will not run cannot be wrong
    QCOMPARE(model.problems().size(), std::size_t(1));
  }

  void AMistypedEpsilonIsAWarningWithItsFix() {
    FormModel model(schema_, draft());
    model.set_text(q("pretrain.attack.epsilon"), q("8/225"));
    QVERIFY(!model.has_errors());
    const FormProblem* problem = model.problem_of(q("pretrain.attack.epsilon"));
    QVERIFY(problem && problem->severity == Severity::warning);
    QCOMPARE(problem->message, q("8/225 = 0.0356. Did you mean 8/255?"));
    model.set_text(problem->field, problem->fix);
    QVERIFY(model.problems().empty());
  }

  void WhatTheTrainerFoundStaysUntilTheFieldIsEdited() {
    FormModel model(schema_, draft());
    model.set_checked({{q("data.path"), Severity::error, q("needs its folder"), {}}, {q("model"), Severity::error, q("does not fit"), {}}});
    QCOMPARE(model.problem_count(q("model")), 1);
    QCOMPARE(model.problem_count(q("data")), 1);
    model.set_text(q("data.path"), q("/data"));
    QVERIFY(!model.problem_of(q("data.path")));
    QCOMPARE(model.problem_count(q("model")), 1);
  }

  void ConditionsHideWhatHasNoEffect() {
    FormModel model(schema_, draft());
    const FieldSchema& alpha = *schema_.find(q("pretrain.information.alpha"));
    QVERIFY(!model.applies(alpha));
    model.set_text(q("pretrain.information.estimator"), q("renyi"));
    QVERIFY(model.applies(alpha));
  }

  void TheCommandSaysExactlyWhatWasChanged() {
    RecipeDraft d = draft();
    QCOMPARE(d.arguments(schema_), QStringList{q("demo")});
    d.set_text(*schema_.find(q("pretrain.epochs")), q("2*3"));
    d.set_text(*schema_.find(q("pretrain.attack.epsilon")), q("4/255"));
    d.set_text(*schema_.find(q("evaluate.images")), q("7"));
    d.set_stage(q("evaluate"), false);
    QCOMPARE(d.arguments(schema_), (QStringList{q("demo"), q("--set"), q("evaluate=none"), q("--set"), q("pretrain.epochs=6"), q("--set"), q("pretrain.attack.epsilon=4/255")}));
  }

  void AStageThatTheBaseLacksIsOpenedByOneOfItsFields() {
    RecipeDraft d = draft();
    d.set_stage(q("finetune"), true);
    QCOMPARE(d.arguments(schema_), (QStringList{q("demo"), q("--set"), q("finetune.epochs=10")}));
    QVERIFY(d.resolved(schema_)->finetune);
  }

  void TheRecipeIsWhatTheBasePlusTheCommandGives() {
    RecipeDraft d = draft();
    d.set_text(*schema_.find(q("pretrain.attack.epsilon")), q("4/255"));
    d.set_text(*schema_.find(q("evaluate.attacks")), q("natural, fgsm"));
    d.set_text(*schema_.find(q("pretrain.norm_pix_loss")), q("false"));
    const auto recipe = d.resolved(schema_);
    QVERIFY(recipe);
    Recipe expected = *parse_recipe(kRecipe, "fixture");
    expected.pretrain->attack.epsilon = 4.0 / 255;
    expected.pretrain->norm_pix_loss = false;
    expected.evaluate->attacks = {"natural", "fgsm"};
    QVERIFY(*recipe == expected);
    const auto again = parse_recipe(write_recipe(*recipe), "written");
    QVERIFY(again && *again == expected);
    d.set_text(*schema_.find(q("pretrain.epochs")), q("many"));
    QVERIFY(!d.resolved(schema_));
  }

  void ADraftIsKeptAsTyped() {
    RecipeDraft d = draft();
    d.set_text(*schema_.find(q("pretrain.epochs")), q("1e"));
    d.set_stage(q("evaluate"), false);
    const auto again = draft_from_json(draft_json(d));
    QVERIFY(again);
    QVERIFY(again->set == d.set && again->stages == d.stages && again->base_recipe == d.base_recipe);
    QVERIFY(!draft_from_json(nlohmann::json::parse(R"({"base": "x", "base_file": "/nowhere/x.toml", "set": {}, "stages": {}})")));
    QVERIFY(!draft_from_json(nlohmann::json::parse(R"({"base": 3})")));
  }

 private:
  RecipeDraft draft() const { return *open_draft(q("demo"), file_); }

  FormSchema schema_;
  QTemporaryDir folder_;
  QString file_;
};

QTEST_MAIN(FormTest)
#include "form_test.moc"
