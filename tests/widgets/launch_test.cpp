#include <QAbstractSpinBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/widgets/describe_fixture.h"
#include "widgets/form/elided_label.h"
#include "widgets/form/message_strip.h"
#include "widgets/form/recipe_form.h"
#include "widgets/panels/launch/draft_store.h"
#include "widgets/panels/launch/estimate.h"
#include "widgets/panels/launch/first_start.h"
#include "widgets/panels/launch/launch_panel.h"
#include "widgets/session/session.h"

using namespace mimir;

namespace {

QString q(const char* text) { return QString::fromUtf8(text); }

void save_picture(QWidget& widget, const char* name) {
  const QString folder = qEnvironmentVariable("MIMIR_TEST_PICTURES");
  if (!folder.isEmpty()) widget.grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
}

/// Every widget that takes the focus by Tab has a name to be read out.
QStringList nameless(const QWidget& root) {
  QStringList found;
  for (const QWidget* widget : root.findChildren<QWidget*>()) {
    const bool stop = (widget->focusPolicy() & Qt::TabFocus) && !widget->focusProxy();
    const bool spoken = !widget->accessibleName().isEmpty() || (qobject_cast<const QAbstractButton*>(widget) && !qobject_cast<const QAbstractButton*>(widget)->text().isEmpty());
    if (stop && !spoken && widget->isVisibleTo(&root)) found << q(widget->metaObject()->className()) + QLatin1String(" in ") + q(widget->parentWidget()->metaObject()->className());
  }
  return found;
}

}  // namespace

class LaunchTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setApplicationName(q("mimir-launch-test"));
    theme_.apply(*qApp);
    write(recipe_, kRecipe, false);
    // describe, doctor, train --dry-run and train --detach, as the real one answers them.
    QByteArray description(kDescription);
    description.replace("PRESET_PATH", recipe_.toUtf8());
    write(folder_.filePath(q("describe.json")), description, false);
    write(folder_.filePath(q("mimir")), R"sh(#!/bin/sh
cd "$(dirname "$0")"
echo "$@" >> log
case "$*" in
  describe*) cat describe.json ;;
  doctor*) echo '{"ok": true, "checks": [{"id": "disk", "label": "Free disk", "state": "warning", "value": 2.5, "unit": "GiB", "cure": "make room"}]}' ;;
  *--dry-run*mask_ratio=0.99*|*mask_ratio=0.99*--dry-run*) echo '{"problems": [{"field": "pretrain.mask_ratio", "severity": "error", "message": "it leaves no patch visible"}], "stages": [], "command": "", "recipe": {}}'; exit 2 ;;
  *--dry-run*) echo '{"problems": [], "stages": [{"name": "pretrain", "epochs": 4, "steps": 24}, {"name": "evaluate", "epochs": null, "steps": null}], "command": "", "recipe": {}}' ;;
  bench*) trap 'echo stopped > stopped; exit 130' TERM
    case "$*" in
      *epochs=5*) echo 'Measuring pretrain, stage 1 of 2' >&2; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done; exit 1 ;;
      *epochs=6*) echo '{"stages": [{"name": "pretrain", "seconds": -1}], "memory_mb": 100}' ;;
      *epochs=7*) echo 'mimir: the data set is missing: /data/none' >&2; exit 3 ;;
      *) echo '{"stages": [{"name": "pretrain", "steps": 24, "seconds": 754, "memory_mb": 512}, {"name": "evaluate", "steps": null, "images": 500, "seconds": 41, "memory_mb": 300}], "seconds": 795, "memory_mb": 512}' ;;
    esac ;;
  *broken*) echo first line >&2; echo 'mimir: the disk is full' >&2; exit 5 ;;
  *--detach*) echo '{"event": "run", "id": "abc123", "path": "/tmp/x-abc123"}' ;;
esac
)sh", true);
    qputenv("MIMIR_PROGRAM", folder_.filePath(q("mimir")).toUtf8());
  }
  void init() {
    QDir(QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + q("/drafts")).removeRecursively();
    QFile::remove(folder_.filePath(q("log")));
    QFile::remove(folder_.filePath(q("stopped")));
    session_ = std::make_unique<Session>(theme_, Workspace(folder_.filePath(q("workspace")).toStdString()));
    panel_ = std::make_unique<LaunchPanel>(*session_);
    panel_->resize(1400, 900);
    panel_->show();
    QVERIFY(QTest::qWaitForWindowActive(panel_.get()));
    QVERIFY(QTest::qWaitFor([this] { return panel_->at_first_start(); }));
  }
  void cleanup() {
    panel_.reset();
    session_.reset();
  }

  void ThePanelIsAPlaceOfTheWindow() {
    const auto& all = panels();
    QVERIFY(std::any_of(all.begin(), all.end(), [](const PanelEntry& entry) { return q(entry.id) == q("launch") && entry.position == 1; }));
  }

  void AnEmptyWorkspaceBeginsWithThreeWaysAndTheMachine() {
    QStringList verbs;
    for (auto* button : panel_->first_start()->findChildren<QPushButton*>()) verbs << button->text();
    QVERIFY(verbs.contains(q("Watch the demo")) && verbs.contains(q("Choose a recipe…")) && verbs.contains(q("Open a workspace…")));
    QVERIFY(QTest::qWaitFor([this] {
      const auto labels = panel_->first_start()->findChildren<ElidedLabel*>();
      return std::any_of(labels.begin(), labels.end(), [](const ElidedLabel* label) { return label->full_text() == q("2.5 GiB"); });
    }));
    QVERIFY(log().contains(q("doctor --workspace %1").arg(folder_.filePath(q("workspace")))));
    QCOMPARE(nameless(*panel_->first_start()).join(q(", ")), QString());
  }

  void WatchTheDemoStartsItAndOpensMonitor() {
    QSignalSpy place(session_.get(), &Session::place_wanted), run(session_.get(), &Session::run_selected);
    press(q("Watch the demo"));
    QVERIFY(place.wait());
    QCOMPARE(place.front().front().toString(), q("monitor"));
    QCOMPARE(run.front().front().toString(), q("abc123"));
    QVERIFY(log().contains(q("train demo --name demo --workspace %1 --detach --json").arg(folder_.filePath(q("workspace")))));
  }

  void ControlsOfAColumnBeginAtOnePlace_data() {
    QTest::addColumn<int>("width");
    for (const int width : {1100, 1208, 1400, 1410, 1700}) QTest::addRow("%d", width) << width;
  }
  void ControlsOfAColumnBeginAtOnePlace() {
    QFETCH(int, width);
    to_form();
    panel_->resize(width, 900);
    panel_->form()->set_level(FormFilter::Level::all);
    panel_->form()->set_open_sections(form_sections());
    QTest::qWait(0);
    QCoreApplication::processEvents();
    for (const FormSection* section : panel_->form()->sections()) {
      std::map<int, std::set<int>> places;  // of controls, by the left end of their column
      for (FieldRow* row : section->rows()) {
        if (row->isVisible()) places[row->x()].insert(row->editor().mapTo(row, QPoint()).x());
      }
      for (const auto& [column, lefts] : places) QVERIFY2(lefts.size() == 1, qPrintable(section->section()));
    }
  }

  void TheFormComesBackAsItWasLeft() {
    to_form();
    enter(q("pretrain.epochs"), q("7"));  // which unfolds its section
    QVERIFY(QTest::qWaitFor([this] { return panel_->recipes()->current_kind() == RecipeList::Kind::draft; }));
    panel_->form()->set_open_sections({q("data"), q("compute")});
    panel_->form()->set_level(FormFilter::Level::all);
    const QString draft = panel_->recipes()->current_key();
    LaunchPanel later(*session_);
    QVERIFY(QTest::qWaitFor([&] { return later.form() != nullptr; }));
    QCOMPARE(later.recipes()->current_key(), draft);
    QCOMPARE(later.model()->text(q("pretrain.epochs")), q("7"));
    QCOMPARE(later.form()->open_sections(), (QStringList{q("data"), q("compute")}));
    QCOMPARE(later.form()->level(), FormFilter::Level::all);
    // A draft that is gone since is no reason not to begin.
    QDir(QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + q("/drafts")).removeRecursively();
    LaunchPanel without(*session_);
    QVERIFY(QTest::qWaitFor([&] { return without.form() != nullptr; }));
    QCOMPARE(without.recipes()->current_kind(), RecipeList::Kind::preset);
  }

  void EveryTypeOfFieldGoesThroughItsControl_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("text");
    QTest::newRow("int") << q("pretrain.epochs") << q("12");
    QTest::newRow("number") << q("pretrain.mask_ratio") << q("0.5");
    QTest::newRow("fraction") << q("pretrain.attack.epsilon") << q("4/255");
    QTest::newRow("bool") << q("pretrain.norm_pix_loss") << q("false");
    QTest::newRow("choice") << q("pretrain.information.estimator") << q("none");
    QTest::newRow("text") << q("compute.device") << q("cpu");
    QTest::newRow("path") << q("data.path") << q("/data/cifar");
    QTest::newRow("list") << q("evaluate.attacks") << q("natural, fgsm");
  }
  void EveryTypeOfFieldGoesThroughItsControl() {
    QFETCH(QString, path);
    QFETCH(QString, text);
    to_form();
    FieldEditor& editor = panel_->form()->row(path)->editor();
    const QString before = editor.text();
    enter(path, text);
    QCOMPARE(panel_->model()->text(path), text);
    QVERIFY(panel_->model()->changed(path));
    panel_->model()->undo_stack().undo();
    QCOMPARE(editor.text(), before);
  }

  void OneCanTypeOverAValueThatBeginsAlike() {
    to_form();
    auto* line = panel_->form()->row(q("pretrain.mask_ratio"))->editor().findChild<QLineEdit*>();
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, q("0.750"));  // on the way it means what the preset says
    QCOMPARE(line->text(), q("0.750"));
    QTest::keyClicks(line, q("1"));
    QCOMPARE(panel_->model()->text(q("pretrain.mask_ratio")), q("0.7501"));
  }

  void TheWheelScrollsAndChangesNothing() {
    to_form();
    for (const char* path : {"pretrain.epochs", "pretrain.information.estimator"}) {
      FieldEditor& editor = panel_->form()->row(q(path))->editor();
      QWidget* control = editor.findChild<QComboBox*>() ? static_cast<QWidget*>(editor.findChild<QComboBox*>()) : editor.findChild<QAbstractSpinBox*>();
      control->setFocus();
      const QString before = editor.text();
      QWheelEvent wheel(QPointF(5, 5), control->mapToGlobal(QPointF(5, 5)), {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
      QCoreApplication::sendEvent(control, &wheel);
      QCOMPARE(editor.text(), before);
    }
  }

  void ArrowsStepWholeNumbersWithinTheirRange() {
    to_form();
    auto* spin = panel_->form()->row(q("pretrain.epochs"))->editor().findChild<QAbstractSpinBox*>();
    for (int i = 0; i < 9; ++i) QTest::keyClick(spin, Qt::Key_Down);
    QCOMPARE(panel_->model()->text(q("pretrain.epochs")), q("1"));
    QTest::keyClick(spin, Qt::Key_Up);
    QCOMPARE(panel_->model()->text(q("pretrain.epochs")), q("2"));
  }

  void AMistypedEpsilonIsMendedWithOneClick() {
    to_form();
    enter(q("pretrain.attack.epsilon"), q("8/225"));
    FieldRow* row = panel_->form()->row(q("pretrain.attack.epsilon"));
    auto* strip = row->findChild<MessageStrip*>();
    QVERIFY(strip->isVisible());
    QVERIFY(panel_->outcome()->start().isEnabled());  // a warning is no obstacle
    QTest::mouseClick(strip->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(row->editor().text(), q("8/255"));
    QVERIFY(!strip->isVisible());
    QVERIFY(!panel_->model()->changed(q("pretrain.attack.epsilon")));
  }

  void ErrorsStopTheStartAndF8WalksThroughThem() {
    to_form();
    enter(q("pretrain.epochs"), q("0"));
    enter(q("evaluate.images"), q("some"));
    QVERIFY(!panel_->outcome()->start().isEnabled());
    QVERIFY(panel_->outcome()->start().toolTip().contains(q("pretrain.epochs")));
    panel_->recipes()->setFocus();
    for (const char* path : {"pretrain.epochs", "evaluate.images", "pretrain.epochs"}) {
      QTest::keyClick(panel_.get(), Qt::Key_F8);
      QVERIFY2(panel_->form()->row(q(path))->editor().isAncestorOf(QApplication::focusWidget()), path);
    }
  }

  void TheTrainersCheckMarksTheField() {
    to_form();
    enter(q("pretrain.mask_ratio"), q("0.99"));
    QVERIFY(QTest::qWaitFor([this] { return panel_->model()->has_errors(); }));
    QCOMPARE(panel_->model()->problem_of(q("pretrain.mask_ratio"))->message, q("it leaves no patch visible"));
    enter(q("pretrain.mask_ratio"), q("0.6"));
    QVERIFY(!panel_->model()->has_errors());
  }

  void FiltersNarrowTheForm() {
    to_form();
    RecipeForm& form = *panel_->form();
    QVERIFY(form.row(q("pretrain.norm_pix_loss"))->isHidden());
    form.set_level(FormFilter::Level::all);
    QVERIFY(!form.row(q("pretrain.norm_pix_loss"))->isHidden());
    QVERIFY(form.row(q("pretrain.information.alpha"))->isHidden());  // of another estimator
    enter(q("pretrain.epochs"), q("9"));
    form.set_level(FormFilter::Level::changed);
    QVERIFY(!form.row(q("pretrain.epochs"))->isHidden());
    QVERIFY(form.row(q("pretrain.mask_ratio"))->isHidden());
    QVERIFY(form.sections()[0]->isHidden());
    form.focus_search();
    QTest::keyClicks(QApplication::focusWidget(), q("patches"));  // of the help, and of an advanced field
    QVERIFY(!form.row(q("pretrain.norm_pix_loss"))->isHidden());
    QVERIFY(form.row(q("pretrain.epochs"))->isHidden());
  }

  void AStageIsSwitchedOffAndTheCommandSaysSo() {
    to_form();
    panel_->model()->set_stage(q("evaluate"), false);
    QVERIFY(panel_->form()->row(q("evaluate.images"))->isHidden());
    QVERIFY(panel_->outcome()->command().startsWith(q("mimir train demo --set evaluate=none --name demo")));
    panel_->model()->set_stage(q("pretrain"), false);
    QVERIFY(!panel_->outcome()->start().isEnabled());
  }

  void KeyboardAloneChangesAndStarts() {
    to_form();
    panel_->recipes()->setFocus();
    for (int i = 0; i < 60 && !panel_->form()->row(q("pretrain.epochs"))->editor().isAncestorOf(QApplication::focusWidget()); ++i) {
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    QTest::keyClicks(QApplication::focusWidget(), q("6"));  // Tab has selected all of it
    QCOMPARE(panel_->model()->text(q("pretrain.epochs")), q("6"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(panel_->model()->text(q("pretrain.epochs")), q("4"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(panel_->model()->text(q("pretrain.epochs")), q("6"));
    QSignalSpy place(session_.get(), &Session::place_wanted);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(place.wait());
    QVERIFY(log().contains(q("--set pretrain.epochs=6 --name demo")));
  }

  void AFailedStartShowsTheTrainersLastLines() {
    to_form();
    panel_->outcome()->name().setText(q("broken"));
    panel_->start();
    QVERIFY(QTest::qWaitFor([&] { return !failure().isEmpty(); }));
    QVERIFY(failure().contains(q("The disk is full")));
    const auto labels = panel_->outcome()->findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) { return label->text().contains(q("first line")); }));
    QVERIFY(panel_->outcome()->start().isEnabled());
  }

  void ADraftIsKeptAsItIsTyped() {
    to_form();
    enter(q("pretrain.epochs"), q("7"));
    QVERIFY(QTest::qWaitFor([this] { return panel_->recipes()->current_kind() == RecipeList::Kind::draft; }));
    panel_ = std::make_unique<LaunchPanel>(*session_);
    QVERIFY(QTest::qWaitFor([this] { return panel_->model() != nullptr; }));
    QVERIFY(!panel_->at_first_start());
    const auto drafts = DraftStore().list();
    QCOMPARE(drafts.size(), std::size_t(1));
    panel_->recipes()->set_current(RecipeList::Kind::preset, q("demo"));
    Q_EMIT panel_->recipes()->chosen(RecipeList::Kind::draft, drafts.front().id);
    QCOMPARE(panel_->model()->text(q("pretrain.epochs")), q("7"));
  }

  void EveryStopOfTheKeyboardIsNamed() {
    to_form();
    panel_->form()->set_level(FormFilter::Level::all);
    QCOMPARE(nameless(*panel_).join(q(", ")), QString());
  }

  void TimeComesFromTheLastSimilarRun() {
    Recipe recipe = *parse_recipe(kRecipe, "fixture");
    RunEntry run{q("a"), RunFolder("/w/runs/2026-01-01-first-a"), {}, {}, 0, {}, {{"pretrain/images_per_second", 100}}, {}, {}, {}};
    for (const Field& field : recipe_schema()) {
      if (field.present(recipe)) run.recipe[field.path()] = format_value(field.get(recipe));
    }
    const auto estimate = estimate_stage(recipe, "pretrain", 24, {run});
    QVERIFY(estimate);
    QCOMPARE(estimate->seconds, 24 * 64 / 100.0);
    QCOMPARE(estimate->run, q("first"));
    QVERIFY(!estimate_stage(recipe, "pretrain", std::nullopt, {run}));
    QVERIFY(!estimate_stage(recipe, "finetune", 24, {run}));
    recipe.pretrain->batch_size = 32;  // the same work per image
    QVERIFY(estimate_stage(recipe, "pretrain", 24, {run}));
    recipe.model.depth = 3;
    QVERIFY(!estimate_stage(recipe, "pretrain", 24, {run}));
  }

  void AnAttackOfOtherLengthScalesTheTimeAndIsSaid() {
    Recipe recipe = *parse_recipe(kRecipe, "fixture");
    recipe.pretrain->attack.num_steps = 1;
    RunEntry run = run_of(recipe, "first", "a");
    run.metrics = {{"pretrain/images_per_second", 100}};
    recipe.pretrain->attack.num_steps = 3;
    const auto scaled = estimate_stage(recipe, "pretrain", 24, {run});
    QVERIFY(scaled && scaled->scaled);
    QCOMPARE(scaled->seconds, 2 * 24 * 64 / 100.0);  // four passes for two
    RunEntry older = run_of(recipe, "older", "b");
    older.metrics = {{"pretrain/images_per_second", 40}};
    const auto exact = estimate_stage(recipe, "pretrain", 24, {run, older});  // the like one, though it is older
    QVERIFY(exact && !exact->scaled);
    QCOMPARE(exact->run, q("older"));
  }

  void MemoryAndDiskComeFromARunThatTrainedAlike() {
    Recipe recipe = *parse_recipe(kRecipe, "fixture");
    QTemporaryDir folder;
    RunEntry run = run_of(recipe, "first", "a");
    run.folder = RunFolder((folder.path() + q("/2026-01-01-first-a")).toStdString());
    QVERIFY(QDir(folder.path()).mkpath(q("2026-01-01-first-a/checkpoints")));
    write(folder.filePath(q("2026-01-01-first-a/checkpoints/x")), QByteArray(5000, 'x'), false);
    write(folder.filePath(q("2026-01-01-first-a/run.db")), QByteArray(3000, 'x'), false);
    run.metrics = {{"pretrain/memory", 300}};
    run.heartbeat.emplace();
    run.heartbeat->memory = 200;
    QCOMPARE(estimate_memory(recipe, {run})->bytes, 300.0 * 1024 * 1024);
    QVERIFY(!run_of_like_size(recipe, {run}));  // it is not done
    run.condition.status = RunStatus::finished;
    QVERIFY(run_of_like_size(recipe, {run}));
    DiskUse disk(folder.path().toStdString());
    QSignalSpy changed(&disk, &DiskUse::changed);
    QVERIFY(!disk.of(run));
    QVERIFY(changed.wait());
    QCOMPARE(*disk.of(run), 8000.0);
    QVERIFY(*disk.free_bytes() > 0);
    recipe.pretrain->batch_size = 32;  // fewer images at a time
    QVERIFY(!estimate_memory(recipe, {run}));
    QVERIFY(run_of_like_size(recipe, {run}));
    recipe.evaluate->attacks = {"natural"};  // trains alike
    QVERIFY(run_of_like_size(recipe, {run}));
    recipe.model.depth = 3;
    QVERIFY(!run_of_like_size(recipe, {run}));
  }

  void WhatTheNumbersStandOnIsSaid() {
    to_form();
    QVERIFY(QTest::qWaitFor([this] { return shows(q("What it takes is not known until a recipe like it has run once on this machine, or this one is measured.")); }));
  }

  void AMeasurementTellsTimeAndMemoryOfTheRecipe() {
    to_form();
    QVERIFY(QTest::qWaitFor([this] { return shows(q("time unknown")); }));
    press(q("Measure on this machine"));
    QVERIFY(QTest::qWaitFor([this] { return shows(q("12 min 34 s")); }));
    QVERIFY(shows(q("41 s")) && shows(q("about 13 min 15 s")));
    QVERIFY(!shows(q("time unknown")));
    QVERIFY(shown_with(q("Measured on this machine at ")));
    save_picture(*panel_, "measured");
    QVERIFY(shown_with(q("537 MB of ")));  // 512 MiB
    QVERIFY(log().contains(q("bench recipe demo --json")));
    QVERIFY(QDir(folder_.filePath(q("workspace/runs"))).isEmpty());
    // What is changed since has not been measured, and says so; taken back, it has.
    enter(q("pretrain.epochs"), q("9"));
    QVERIFY(QTest::qWaitFor([this] { return shown_with(q("The recipe has been changed since it was measured.")); }));
    QVERIFY(QTest::qWaitFor([this] { return !shows(q("12 min 34 s")) && shows(q("time unknown")); }));
    QCOMPARE(panel_->outcome()->measure().text(), q("Measure again"));
    save_picture(*panel_, "changed-since");
    panel_->model()->undo_stack().undo();
    QVERIFY(QTest::qWaitFor([this] { return shows(q("12 min 34 s")); }));
    // The seed changes nothing that takes time.
    panel_->model()->set_text(q("seed"), q("3"));
    QVERIFY(QTest::qWaitFor([this] { return panel_->model()->changed(q("seed")) && shows(q("12 min 34 s")); }));
  }

  void AMeasurementIsCancelledAndMayCleanUp() {
    to_form();
    enter(q("pretrain.epochs"), q("5"));
    QVERIFY(QTest::qWaitFor([this] { return panel_->settled(); }));
    press(q("Measure on this machine"));
    QVERIFY(QTest::qWaitFor([this] { return shows(q("Measuring pretrain, stage 1 of 2")); }));
    save_picture(*panel_, "measuring");
    press(q("Cancel"));
    QVERIFY(QTest::qWaitFor([this] { return panel_->outcome()->measure().text() == q("Measure on this machine"); }));
    QVERIFY(QFile::exists(folder_.filePath(q("stopped"))));
    QVERIFY(failure().isEmpty());
    QVERIFY(QTest::qWaitFor([this] { return shows(q("time unknown")); }));
  }

  void AMeasurementThatFailsSaysWhyInASentence_data() {
    QTest::addColumn<QString>("epochs");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("nonsense") << q("6") << q("It could not be measured: mimir bench recipe answered without stages, times and memory; is it of another version?");
    QTest::newRow("its own sentence") << q("7") << q("It could not be measured: the data set is missing: /data/none");
  }
  void AMeasurementThatFailsSaysWhyInASentence() {
    QFETCH(QString, epochs);
    QFETCH(QString, sentence);
    to_form();
    enter(q("pretrain.epochs"), epochs);
    QVERIFY(QTest::qWaitFor([this] { return panel_->settled(); }));
    press(q("Measure on this machine"));
    QVERIFY(QTest::qWaitFor([this] { return !failure().isEmpty(); }));
    QCOMPARE(failure(), sentence);
    save_picture(*panel_, "not-measured");
    QVERIFY(panel_->outcome()->start().isEnabled());  // it may run all the same
    enter(q("pretrain.epochs"), q("8"));
    QVERIFY(QTest::qWaitFor([this] { return failure().isEmpty(); }));
  }

  void WhatIsWrongIsNotMeasured() {
    to_form();
    enter(q("pretrain.epochs"), q("0"));
    QVERIFY(!panel_->outcome()->measure().isEnabled());
    QVERIFY(panel_->outcome()->measure().toolTip().contains(q("pretrain.epochs")));
  }

 private:
  QString failure() const {
    for (const MessageStrip* strip : panel_->outcome()->findChildren<MessageStrip*>()) {
      if (strip->isVisible()) return strip->text();
    }
    return {};
  }
  bool shown_with(const QString& part) const {
    const auto labels = panel_->outcome()->findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->isVisible() && label->text().contains(part); });
  }
  bool shows(const QString& sentence) const {
    const auto labels = panel_->outcome()->findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->isVisible() && label->text() == sentence; });
  }
  static RunEntry run_of(const Recipe& recipe, const char* name, const char* id) {
    RunEntry run{q(id), RunFolder(std::string("/w/runs/2026-01-01-") + name + "-" + id), {}, {}, 0, {}, {}, {}, {}, {}};
    for (const Field& field : recipe_schema()) {
      if (field.present(recipe)) run.recipe[field.path()] = format_value(field.get(recipe));
    }
    for (const std::string& stage : stage_names(recipe)) run.stages.push_back({stage, 100, StageState::finished, 1.0, 2.0});
    return run;
  }
  static void write(const QString& path, const QByteArray& bytes, bool executable) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) qFatal("no temporary folder");
    file.write(bytes);
    file.close();
    if (executable) file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  }
  QString log() const {
    QFile file(folder_.filePath(q("log")));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
  }
  void press(const QString& verb) {
    for (auto* button : panel_->findChildren<QPushButton*>()) {
      if (button->text() == verb) return button->click();
    }
    QFAIL("no such button");
  }
  void to_form() {
    press(q("Choose a recipe…"));
    QVERIFY(panel_->form()->isVisible());
  }
  void enter(const QString& path, const QString& text) {
    panel_->form()->show_field(path);
    FieldEditor& editor = panel_->form()->row(path)->editor();
    if (auto* combo = editor.findChild<QComboBox*>()) {
      combo->setCurrentText(text);
      return;
    }
    auto* line = editor.findChild<QLineEdit*>();
    line->selectAll();
    QTest::keyClicks(line, text);
    QTest::keyClick(line, Qt::Key_Return);
  }

  Theme theme_;
  QTemporaryDir folder_;
  QString recipe_ = folder_.filePath(QStringLiteral("demo.toml"));
  std::unique_ptr<Session> session_;
  std::unique_ptr<LaunchPanel> panel_;
};

QTEST_MAIN(LaunchTest)
#include "launch_test.moc"
