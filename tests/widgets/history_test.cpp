#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QUndoStack>
#include <nlohmann/json.hpp>

#include "core/store/run_writer.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "widgets/panels/history/fact_list.h"
#include "widgets/panels/history/history_panel.h"
#include "widgets/panels/history/run_detail.h"
#include "widgets/panels/history/run_facts.h"
#include "widgets/panels/history/views_list.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/table/run_table.h"

using namespace mimir;
using test::TemporaryFolder;

namespace {

RunFolder make_run(const Workspace& workspace, std::string_view name, double created, double epsilon = 8.0 / 255) {
  Recipe recipe;
  recipe.pretrain = PretrainRecipe();
  recipe.pretrain->attack.epsilon = epsilon;
  return workspace.create_run(name, recipe, {{"created", created}, {"argv", {"mimir", "train", "my recipe.toml"}}, {"host", "here"}}).value();
}

void finish(const RunFolder& run, SegmentState state = SegmentState::finished) {
  const auto writer = std::move(RunWriter::open(run, {"pretrain"}).value());
  writer->begin_segment("pretrain", 0, 3);
  for (int step = 0; step < 3; ++step) writer->scalar("pretrain/loss", step, 1.0 / (step + 1));
  writer->message(Level::warning, "slow", "this is slow");
  writer->checkpoint("pretrain", 3, "last", "checkpoints/pretrain-last.safetensors");
  if (state == SegmentState::finished) writer->end_segment(state);
  else writer->end_segment(state, Error{ErrorCode::diverged, "the loss is not finite", {}});
  QVERIFY_OK(writer->close());
}

/// Three runs: first (finished), second (diverged, twice the epsilon), third (queued).
struct Place {
  TemporaryFolder folder;
  Workspace workspace{folder.path()};
  RunFolder first = make_run(workspace, "first", 1'764'000'000), second = make_run(workspace, "second", 1'764'010'000, 16.0 / 255),
            third = make_run(workspace, "third", 1'764'020'000);
  Theme theme;
  std::unique_ptr<Session> session;
  std::unique_ptr<HistoryPanel> panel;

  Place() {
    finish(first);
    finish(second, SegmentState::failed);
    session = std::make_unique<Session>(theme, workspace);
    panel = std::make_unique<HistoryPanel>(*session);
    panel->resize(1280, 720);
    panel->show();
    table().setFocus();
  }
  bool ready() { return session->library().complete() && table().model()->rowCount() == 3; }
  RunTable& table() { return *panel->findChild<RunTable*>(); }
  RunDetail& detail() { return *panel->findChild<RunDetail*>(); }
  void select(std::initializer_list<RunFolder> runs) {
    QStringList ids;
    for (const RunFolder& run : runs) ids.push_back(QString::fromStdString(run.id()));
    table().select_ids(ids);
  }
  const Annotations& annotations(const RunFolder& run) { return session->library().find(QString::fromStdString(run.id()))->annotations; }
  FactList* section(const char* name) {
    for (FactList* list : panel->findChildren<FactList*>()) {
      if (list->accessibleName() == QLatin1String(name)) return list;
    }
    return nullptr;
  }
};

const FactList::Fact* fact(const std::vector<FactList::Fact>& facts, const char* name) {
  for (const auto& fact : facts) {
    if (fact.name == QLatin1String(name)) return &fact;
  }
  return nullptr;
}

}  // namespace

class HistoryTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void TheDetailShowsAllOfTheChosenRun();
  void OfTwoRunsTheDifferencesAreMarked();
  void AStarIsSetByKeyAndTakenBack();
  void TrashHidesAndUndoBringsBack();
  void TagsAreEditedForAllSelected();
  void ANewNameIsAskedForInTheBar();
  void TheNoteSavesItself();
  void ViewsCountAndChoose();
  void ReturnOpensMonitorWithTheRun();
  void EveryControlHasAName();
  void TheTableFollowsTheRunThatIsLookedAt();
  void AHiddenTableWaitsUntilItIsSeen();
  void OpenInMonitorIsOfferedOnce();
  void ADivergedRunIsResumedFromTheBar();
  void ARunIsOpenedInOtherPlaces();
  void TheColumnsComeBackAsTheyWereLeft();
  void TheDetailDrawsTheCurveOfTheRun();
  void WhatHasNoRoomBesideTheTableEndsInDotsAndIsItsTooltip();
  void AValueWithoutRoomStandsBelowItsName();
};

void HistoryTest::TheDetailShowsAllOfTheChosenRun() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.second});
  QTRY_VERIFY(place.section("Events") && !place.section("Events")->facts().empty());
  QCOMPARE(place.section("Events")->facts()[0].name, QStringLiteral("this is slow"));
  QVERIFY(place.section("Events")->facts()[0].marked);
  QCOMPARE(place.section("Checkpoints")->facts().size(), std::size_t(1));
  QVERIFY(fact(place.section("Environment")->facts(), "host"));
  const RunEntry& run = *place.session->library().find(QString::fromStdString(place.second.id()));
  QCOMPARE(status_reason(run, 0), QStringLiteral("the loss is not finite"));
  const auto record = place.session->library().record(run.id);
  QCOMPARE(run_command(run, record.get()), QStringLiteral("mimir train 'my recipe.toml'"));
  QVERIFY(run_command(run, nullptr).endsWith(QStringLiteral("/recipe.toml")));
  const auto figures = main_figures(run);
  QCOMPARE(figures.size(), std::size_t(1));
  QCOMPARE(figures[0].value, QStringLiteral("0.3333"));
}

void HistoryTest::OfTwoRunsTheDifferencesAreMarked() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.second, place.first});
  QCOMPARE(place.section("Recipe")->facts().size(), std::size_t(1));
  const auto facts = place.section("Recipe")->facts();
  QCOMPARE(facts[0].name, QStringLiteral("pretrain.attack.epsilon"));
  QVERIFY(facts[0].marked && facts[0].value == QStringLiteral("16/255") && facts[0].tip.contains(QStringLiteral("8/255")));
  place.select({place.first});
  QVERIFY(!fact(place.section("Recipe")->facts(), "pretrain.attack.epsilon"));  // the default
  for (auto* button : place.detail().findChildren<QPushButton*>()) {
    if (button->isCheckable()) button->click();
  }
  const auto all = place.section("Recipe")->facts();
  QVERIFY(all.size() > 40);
  QVERIFY(fact(all, "pretrain.attack.epsilon") && !fact(all, "pretrain.attack.epsilon")->marked);
}

void HistoryTest::AStarIsSetByKeyAndTakenBack() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.first, place.second});
  QTest::keyClick(&place.table(), Qt::Key_S);
  QTRY_VERIFY(place.annotations(place.first).star && place.annotations(place.second).star);
  QVERIFY(!place.annotations(place.third).star);
  place.session->undo().undo();
  QTRY_VERIFY(!place.annotations(place.first).star && !place.annotations(place.second).star);
  place.session->undo().redo();
  QTRY_VERIFY(place.annotations(place.first).star);
}

void HistoryTest::TrashHidesAndUndoBringsBack() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.first});
  QTest::keyClick(&place.table(), Qt::Key_Delete);
  QTRY_COMPARE(place.table().model()->rowCount(), 2);
  QVERIFY(read_annotations(place.first)->trash);
  QVERIFY(std::filesystem::exists(place.first.database()));
  QCOMPARE(place.session->undo().undoText(), QStringLiteral("move of a run to trash"));
  place.session->undo().undo();
  QTRY_COMPARE(place.table().model()->rowCount(), 3);
}

void HistoryTest::TagsAreEditedForAllSelected() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.session->library().annotate(QString::fromStdString(place.first.id()), [](Annotations& a) { a.tags = {"mine", "old"}; });
  place.session->library().annotate(QString::fromStdString(place.second.id()), [](Annotations& a) { a.tags = {"old"}; });
  QTRY_COMPARE(place.annotations(place.second).tags.size(), std::size_t(1));
  place.select({place.first, place.second});
  QTest::keyClick(&place.table(), Qt::Key_T);
  auto* field = qobject_cast<QLineEdit*>(QApplication::focusWidget());
  QVERIFY(field);
  QCOMPARE(field->text(), QStringLiteral("old"));  // what both have
  field->setText(QStringLiteral("paper, best ,paper"));
  QTest::keyClick(field, Qt::Key_Return);
  QTRY_COMPARE(place.annotations(place.second).tags, (std::vector<std::string>{"paper", "best"}));
  QTRY_COMPARE(place.annotations(place.first).tags, (std::vector<std::string>{"mine", "paper", "best"}));
}

void HistoryTest::ANewNameIsAskedForInTheBar() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.third});
  QTest::keyClick(&place.table(), Qt::Key_F2);
  auto* field = qobject_cast<QLineEdit*>(QApplication::focusWidget());
  QVERIFY(field);
  QTest::keyClicks(field, QStringLiteral("best so far"));  // letters are no shortcuts here
  QTest::keyClick(field, Qt::Key_Escape);
  QTest::qWait(50);
  QCOMPARE(place.annotations(place.third).name, std::string());
  QTest::keyClick(&place.table(), Qt::Key_F2);
  QTest::keyClicks(field, QStringLiteral("best so far"));
  QTest::keyClick(field, Qt::Key_Return);
  QTRY_COMPARE(place.annotations(place.third).name, std::string("best so far"));
  QVERIFY(!place.annotations(place.third).star);
  QCOMPARE(QApplication::focusWidget(), &place.table());
}

void HistoryTest::TheNoteSavesItself() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.first});
  auto* note = place.detail().findChild<QPlainTextEdit*>();
  note->setFocus();
  QTest::keyClicks(note, QStringLiteral("seen"));
  QTRY_COMPARE(place.annotations(place.first).note, std::string("seen"));
  QTest::keyClicks(note, QStringLiteral(" twice"));
  place.select({place.second});  // before the time is up
  QCOMPARE(note->toPlainText(), QString());
  QTRY_COMPARE(place.annotations(place.first).note, std::string("seen twice"));
  QCOMPARE(place.annotations(place.second).note, std::string());
  place.session->undo().undo();
  QTRY_COMPARE(place.annotations(place.first).note, std::string());  // one command for all of the typing
}

void HistoryTest::ViewsCountAndChoose() {
  Place place;
  QTRY_VERIFY(place.ready());
  auto* views = place.panel->findChild<ViewsList*>();
  const auto choose = [&](const char* text) {
    const auto found = views->findItems(QString::fromLatin1(text), Qt::MatchExactly);
    if (!found.isEmpty()) views->setCurrentItem(found.front());
    return place.table().model()->rowCount();
  };
  QCOMPARE(choose("Needs a look"), 1);
  QCOMPARE(choose("Queue"), 1);
  QCOMPARE(choose("Trash"), 0);
  QCOMPARE(choose("All runs"), 3);
  place.session->library().annotate(QString::fromStdString(place.first.id()), [](Annotations& a) { a.tags = {"paper"}; });
  QTRY_VERIFY(!views->findItems(QStringLiteral("paper"), Qt::MatchExactly).isEmpty());
  QCOMPARE(choose("paper"), 1);
  place.session->library().annotate(QString::fromStdString(place.first.id()), [](Annotations& a) { a.tags = {}; });
  QTRY_COMPARE(place.table().model()->rowCount(), 3);  // the tag is gone: all runs
}

void HistoryTest::ReturnOpensMonitorWithTheRun() {
  Place place;
  QTRY_VERIFY(place.ready());
  QSignalSpy opened(place.session.get(), &Session::place_wanted);
  place.select({place.first});
  QCOMPARE(place.session->run(), QString());  // looking is not choosing
  QTest::keyClick(&place.table(), Qt::Key_Return);
  QCOMPARE(opened.size(), 1);
  QCOMPARE(opened[0][0].toString(), QStringLiteral("monitor"));
  QCOMPARE(place.session->run(), QString::fromStdString(place.first.id()));
}

void HistoryTest::EveryControlHasAName() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.first});
  for (const QWidget* widget : place.panel->findChildren<QWidget*>()) {
    if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible()) continue;
    const QAccessibleInterface* face = QAccessible::queryAccessibleInterface(const_cast<QWidget*>(widget));
    QVERIFY2(face && !face->text(QAccessible::Name).isEmpty(), qPrintable(QString::fromLatin1(widget->metaObject()->className()) + widget->objectName()));
  }
}

void HistoryTest::TheTableFollowsTheRunThatIsLookedAt() {
  Place place;
  QTRY_VERIFY(place.ready());
  QVERIFY(place.table().selected_ids().isEmpty());
  const QString id = QString::fromStdString(place.second.id());
  place.session->select_run(id);
  QCOMPARE(place.table().selected_ids(), QStringList{id});
  HistoryPanel later(*place.session);  // a place is made when it is first opened
  QCOMPARE(later.findChild<RunTable*>()->selected_ids(), QStringList{id});
}

void HistoryTest::AHiddenTableWaitsUntilItIsSeen() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.panel->hide();
  const RunFolder fourth = make_run(place.workspace, "fourth", 1'764'030'000);
  const QString id = QString::fromStdString(fourth.id());
  QTRY_VERIFY(place.session->library().find(id));
  place.session->select_run(id);
  QCOMPARE(place.table().model()->rowCount(), 3);
  place.panel->show();
  QCOMPARE(place.table().model()->rowCount(), 4);
  QCOMPARE(place.table().selected_ids(), QStringList{id});
}

void HistoryTest::OpenInMonitorIsOfferedOnce() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.first});
  int offered = 0;
  for (const auto* button : place.panel->findChildren<QPushButton*>()) offered += button->isVisible() && button->text() == QStringLiteral("Open in Monitor") ? 1 : 0;
  for (const QAction* action : place.panel->actions()) offered += action->isVisible() && action->text() == QStringLiteral("Open in Monitor") ? 1 : 0;
  QCOMPARE(offered, 1);
}

void HistoryTest::ADivergedRunIsResumedFromTheBar() {
  const TemporaryFolder program;
  const QString path = QString::fromStdString((program.path() / "mimir").string());
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write("#!/bin/sh\necho 'mimir: the loss would not be finite again' >&2\nexit 6\n");
  file.setPermissions(QFile::ReadOwner | QFile::ExeOwner);
  file.close();
  qputenv("MIMIR_PROGRAM", path.toUtf8());
  Place place;
  qunsetenv("MIMIR_PROGRAM");
  QTRY_VERIFY(place.ready());
  const auto resume = [&]() -> QPushButton* {
    for (auto* button : place.panel->findChildren<QPushButton*>()) {
      if (button->isVisible() && button->text() == QStringLiteral("Resume")) return button;
    }
    return nullptr;
  };
  place.select({place.first});  // finished
  QVERIFY(!resume());
  place.select({place.third});  // has not begun
  QVERIFY(!resume());
  place.select({place.second});
  QVERIFY(resume());
  QSignalSpy said(place.session.get(), &Session::message_wanted);
  QTest::keyClick(resume(), Qt::Key_Space);
  QTRY_COMPARE(said.size(), 1);
  QCOMPARE(said[0][0].toString(), QStringLiteral("second does not go on: the loss would not be finite again"));
  QTRY_VERIFY(resume() && resume()->isEnabled());
  place.select({place.second, place.first});
  QVERIFY(!resume());
}

void HistoryTest::ARunIsOpenedInOtherPlaces() {
  Place place;
  QTRY_VERIFY(place.ready());
  place.select({place.second});
  QSignalSpy places(place.session.get(), &Session::place_wanted), again(place.session.get(), &Session::run_again_wanted);
  const auto trigger = [&](const char* text) {
    for (QAction* action : place.panel->findChildren<QAction*>()) {
      if (action->text() == QString::fromUtf8(text)) return action->trigger();
    }
    QFAIL(text);
  };
  for (const auto& [text, name] : {std::pair{"Open in Reconstruction", "reconstruction"}, std::pair{"Open in Attack Lab", "attack-lab"}, std::pair{"Open in Attention", "attention"}}) {
    trigger(text);
    QCOMPARE(places.takeLast()[0].toString(), QLatin1String(name));
    QCOMPARE(place.session->run(), QString::fromStdString(place.second.id()));
  }
  trigger("Run again with…");
  QCOMPARE(places.takeLast()[0].toString(), QStringLiteral("launch"));
  QCOMPARE(again.size(), 1);
  QCOMPARE(again[0][0].toString(), QString::fromStdString(place.second.id()));
  QCOMPARE(again[0][1].toString(), QStringLiteral("pretrain.base_learning_rate"));  // it diverged there
}

void HistoryTest::TheColumnsComeBackAsTheyWereLeft() {
  Place place;
  QTRY_VERIFY(place.ready());
  QSignalSpy changed(place.session.get(), &Session::views_changed);
  place.table().horizontalHeader()->moveSection(2, 1);
  QVERIFY(changed.size() > 0);
  const QJsonObject view = place.table().view();
  HistoryPanel later(*place.session);
  QCOMPARE(later.findChild<RunTable*>()->view(), view);
}

void HistoryTest::TheDetailDrawsTheCurveOfTheRun() {
  Place place;
  QTRY_VERIFY(place.ready());
  auto* curve = place.detail().findChild<MetricPlot*>();
  QVERIFY(!curve->isVisible());
  place.select({place.first});
  QTRY_VERIFY(curve->isVisible());
  QCOMPARE(curve->series(QString::fromStdString(place.first.id()))->size(), std::size_t(3));
  place.select({place.third});  // nothing recorded
  QVERIFY(!curve->isVisible());
}

void HistoryTest::WhatHasNoRoomBesideTheTableEndsInDotsAndIsItsTooltip() {
  Place place;
  QTRY_VERIFY(place.ready());
  const QString name = QStringLiteral("a run with a rather long name, as sweeps make them, seed 12");
  place.session->library().annotate(QString::fromStdString(place.first.id()), [name](Annotations& annotations) { annotations.name = name.toStdString(); });
  place.select({place.second, place.first});
  const auto shown = [&](const QString& begin) -> const QLabel* {
    for (const auto* label : place.detail().findChildren<QLabel*>()) {
      if (label->isVisible() && label->text().startsWith(begin)) return label;
    }
    return nullptr;
  };
  const QString than = QStringLiteral("differs from ") + name;
  QTRY_VERIFY(shown(QStringLiteral("differs from a")));
  const QLabel* caption = shown(QStringLiteral("differs from a"));
  QVERIFY(caption->text().endsWith(QChar(0x2026)));
  QVERIFY(caption->fontMetrics().horizontalAdvance(caption->text()) <= caption->width());
  QCOMPARE(caption->toolTip(), than);
}

void HistoryTest::AValueWithoutRoomStandsBelowItsName() {
  Theme theme;
  FactList list(theme, QStringLiteral("Recipe"));
  const auto height = [&](const QString& name, const QString& value) {
    list.set_facts({{name, value}});
    return list.heightForWidth(240);
  };
  const int line = height(QStringLiteral("seed"), QStringLiteral("1"));
  const QString title = QStringLiteral("MIMIR on drawn figures, in minutes");
  QCOMPARE(height(QStringLiteral("an event that has a rather long message"), QStringLiteral("12:00")), line);
  const int below = height(QStringLiteral("title"), title);
  QVERIFY(below > line);
  // Written whole, in the room that it asks for.
  list.resize(240, below);
  const QImage shown = list.grab().toImage();
  list.set_facts({{QStringLiteral("title"), QString(title).replace(QStringLiteral("drawn"), QStringLiteral("other"))}});
  QVERIFY(list.grab().toImage() != shown);
  QCOMPARE(height(QStringLiteral("path"), QString(4000, QLatin1Char('x'))), height(QStringLiteral("path"), QString(400, QLatin1Char('x'))));  // loses its middle
}

QTEST_MAIN(HistoryTest)
#include "history_test.moc"
