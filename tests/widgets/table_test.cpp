#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QJsonArray>
#include <QLineEdit>
#include <QListWidget>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "widgets/format.h"
#include "widgets/table/column_chooser.h"
#include "widgets/table/run_table.h"

using namespace mimir;
using test::TemporaryFolder;

namespace {

RunEntry make_entry(int number, const char* name, std::map<std::string, double> metrics = {}) {
  RunEntry entry{.id = QStringLiteral("id%1").arg(number, 4, 10, QLatin1Char('0')), .folder = RunFolder("/nowhere/2026-11-25-folder-id"), .condition = {},
                 .annotations = {}, .recipe = {}, .metrics = std::move(metrics), .stages = {}, .heartbeat = {}, .problem = {}, .revision = 0};
  entry.condition.status = RunStatus::finished;
  entry.annotations.name = name;
  entry.created = 1000 + number;
  static std::uint64_t revision = 0;
  entry.revision = ++revision;
  return entry;
}

RunColumn metric(const char* name) { return {ColumnKind::metric, name}; }

QStringList names(const QAbstractItemModel& model, int column) {
  QStringList names;
  for (int row = 0; row < model.rowCount(); ++row) names.push_back(model.index(row, column).data().toString());
  return names;
}

void touch(RunEntry& entry) { entry.revision += 1'000'000; }

}  // namespace

class TableTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ModelsKeepTheirPromisesThroughRefreshes();
  void OnlyWhatChangedIsSaidToHaveChanged();
  void MissingStandsLastEitherWayAndNanIsSaid();
  void FurtherKeysDecideWhereTheFirstIsEqual();
  void ViewsAndWordsFilter();
  void TheBestValueFollowsTheMetricsDirection();
  void ARecipeIsQuotedAndSortedByItsNumber();
  void SelectionAndScrollStayAtTheirRuns();
  void AClickedHeadingSortsAndShiftAddsAKey();
  void CopiedRowsAreATableWithHeadings();
  void TypingJumpsToAName();
  void ColumnsAreChosenBySearchAndPreset();
  void AClickOnTheStarSaysWhichRun();
  void ColumnsKnowTheirIds();
  void TheViewComesBackAsItWasLeft();
  void ACurveIsReadWhenItIsLookedAtAndDrawnInTheRunsColour();
  void ASparklineBreaksWhereAValueIsNotFinite();
  void TenThousandRunsAreSorted();
};

void TableTest::ModelsKeepTheirPromisesThroughRefreshes() {
  RunTableModel model;
  RunFilterModel filter(model);
  QAbstractItemModelTester source(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  QAbstractItemModelTester proxy(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.set_columns({{ColumnKind::name, {}}, metric("pretrain/loss")}, {});
  std::vector<RunEntry> runs;
  for (int i = 0; i < 9; ++i) runs.push_back(make_entry(i, "run", {{"pretrain/loss", i}}));
  model.set_runs(runs);
  QCOMPARE(filter.rowCount(), 9);
  runs.erase(runs.begin() + 3, runs.begin() + 6);
  runs.erase(runs.begin());
  runs.push_back(make_entry(20, "fresh"));
  runs[1].annotations.trash = true;
  touch(runs[1]);
  model.set_runs(runs);
  QCOMPARE(model.rowCount(), 6);
  QCOMPARE(filter.rowCount(), 5);  // one is in the trash
  for (const RunEntry& run : runs) QCOMPARE(model.id(model.row_of(run.id)), run.id);
  filter.set_view(RunView::trash);
  QCOMPARE(filter.rowCount(), 1);
  model.set_runs({});
  QCOMPARE(model.rowCount(), 0);
}

void TableTest::OnlyWhatChangedIsSaidToHaveChanged() {
  RunTableModel model;
  std::vector<RunEntry> runs;
  for (int i = 0; i < 5; ++i) runs.push_back(make_entry(i, "run"));
  model.set_columns({{ColumnKind::name, {}}}, runs);
  QSignalSpy changed(&model, &QAbstractItemModel::dataChanged), reset(&model, &QAbstractItemModel::modelReset);
  model.set_runs(runs);
  QCOMPARE(changed.size(), 0);
  runs[2].annotations.name = "renamed";
  touch(runs[2]);
  model.set_runs(runs);
  QCOMPARE(changed.size(), 1);
  QCOMPARE(changed[0][0].toModelIndex().row(), 2);
  QCOMPARE(changed[0][1].toModelIndex().row(), 2);
  QCOMPARE(model.index(2, 0).data().toString(), QStringLiteral("renamed"));
  QCOMPARE(reset.size(), 0);
}

void TableTest::MissingStandsLastEitherWayAndNanIsSaid() {
  RunTableModel model;
  RunFilterModel filter(model);
  const std::vector<RunEntry> runs = {make_entry(0, "none"), make_entry(1, "nan", {{"pretrain/loss", std::nan("")}}),
                                      make_entry(2, "low", {{"pretrain/loss", 0.25}}), make_entry(3, "high", {{"pretrain/loss", 0.5}})};
  model.set_columns({{ColumnKind::name, {}}, metric("pretrain/loss")}, runs);
  filter.set_keys({{QStringLiteral("metric:pretrain/loss"), Qt::AscendingOrder}});
  QCOMPARE(names(filter, 0).join(QLatin1Char(' ')), QStringLiteral("low high nan none"));
  filter.set_keys({{QStringLiteral("metric:pretrain/loss"), Qt::DescendingOrder}});
  QCOMPARE(names(filter, 0).join(QLatin1Char(' ')), QStringLiteral("high low nan none"));
  QCOMPARE(names(filter, 1).join(QLatin1Char(' ')), QStringLiteral("0.50000 0.25000 NaN —"));
}

void TableTest::FurtherKeysDecideWhereTheFirstIsEqual() {
  RunTableModel model;
  RunFilterModel filter(model);
  const std::vector<RunEntry> runs = {make_entry(0, "b", {{"pretrain/loss", 1}}), make_entry(1, "a", {{"pretrain/loss", 2}}),
                                      make_entry(2, "c", {{"pretrain/loss", 1}}), make_entry(3, "c", {{"pretrain/loss", 1}})};
  model.set_columns({{ColumnKind::name, {}}, metric("pretrain/loss"), {ColumnKind::started, {}}}, runs);
  const auto ids = [&] {
    QStringList ids;
    for (int row = 0; row < filter.rowCount(); ++row) ids.push_back(filter.index(row, 0).data(RunTableModel::kId).toString().last(1));
    return ids.join(QString());
  };
  filter.set_keys({{QStringLiteral("metric:pretrain/loss"), Qt::AscendingOrder}, {QStringLiteral("name"), Qt::DescendingOrder}});
  QCOMPARE(ids(), QStringLiteral("3201"));  // equal in both: the newer first
  filter.set_keys({{QStringLiteral("recipe:not.shown"), Qt::AscendingOrder}, {QStringLiteral("name"), Qt::AscendingOrder}});
  QCOMPARE(ids(), QStringLiteral("1032"));
}

void TableTest::ViewsAndWordsFilter() {
  RunTableModel model;
  RunFilterModel filter(model);
  std::vector<RunEntry> runs;
  for (int i = 0; i < 6; ++i) runs.push_back(make_entry(i, "plain"));
  runs[0].condition.status = RunStatus::running;
  runs[1].condition.status = RunStatus::failed;
  runs[1].condition.code = "diverged";
  runs[2].condition.status = RunStatus::lost;
  runs[3].annotations.star = true;
  runs[3].annotations.note = "Robust Overfitting near epoch 80";
  runs[3].annotations.tags = {"paper"};
  runs[4].annotations.trash = true;
  runs[4].annotations.star = true;
  runs[5].problem = "run.db is damaged";
  model.set_columns({{ColumnKind::name, {}}}, runs);
  const std::pair<RunView, int> counts[] = {{RunView::all, 5}, {RunView::running, 1}, {RunView::queue, 0}, {RunView::starred, 1}, {RunView::needs_look, 3}, {RunView::trash, 1}};
  for (const auto& [view, count] : counts) {
    filter.set_view(view);
    QCOMPARE(filter.rowCount(), count);
    QCOMPARE(model.count(view), count);
  }
  filter.set_view(RunView::all);
  filter.set_text(QStringLiteral("  overfitting PAPER "));
  QCOMPARE(filter.rowCount(), 1);
  QCOMPARE(filter.index(0, 0).data(RunTableModel::kId).toString(), QStringLiteral("id0003"));
  filter.set_text(QStringLiteral("overfitting missing"));
  QCOMPARE(filter.rowCount(), 0);
  filter.set_text({});
  filter.set_tag(QStringLiteral("paper"));
  QCOMPARE(filter.rowCount(), 1);
  QCOMPARE(model.tags().value(QStringLiteral("paper")), 1);
}

void TableTest::TheBestValueFollowsTheMetricsDirection() {
  RunTableModel model;
  std::vector<RunEntry> runs = {make_entry(0, "a", {{"pretrain/loss", 0.5}, {"finetune/robust_accuracy", 0.4}, {"pretrain/learning_rate", 1}}),
                                make_entry(1, "b", {{"pretrain/loss", 0.2}, {"finetune/robust_accuracy", 0.5162}}),
                                make_entry(2, "c", {{"pretrain/loss", 0.1}})};
  runs[2].annotations.trash = true;
  model.set_columns({metric("pretrain/loss"), metric("finetune/robust_accuracy"), metric("pretrain/learning_rate"), metric("made/up")}, runs);
  const auto best = [&](int row, int column) { return model.index(row, column).data(RunTableModel::kBest).toBool(); };
  QVERIFY(!best(0, 0) && best(1, 0) && !best(2, 0));
  QVERIFY(!best(0, 1) && best(1, 1));
  QVERIFY(!best(0, 2));
  QCOMPARE(model.index(1, 1).data().toString(), QStringLiteral("51.62"));
  QCOMPARE(model.index(0, 3).data().toString(), kMissing);
}

void TableTest::ARecipeIsQuotedAndSortedByItsNumber() {
  RunTableModel model;
  RunFilterModel filter(model);
  std::vector<RunEntry> runs;
  const char* epsilons[] = {"8/255", "16/255", "0.05"};
  for (int i = 0; i < 3; ++i) {
    runs.push_back(make_entry(i, "run"));
    runs.back().recipe["pretrain.attack.epsilon"] = epsilons[i];
  }
  model.set_columns({{ColumnKind::recipe, "pretrain.attack.epsilon"}}, runs);
  filter.set_keys({{QStringLiteral("recipe:pretrain.attack.epsilon"), Qt::AscendingOrder}});
  QCOMPARE(names(filter, 0).join(QLatin1Char(' ')), QStringLiteral("8/255 0.05 16/255"));
}

void TableTest::SelectionAndScrollStayAtTheirRuns() {
  Theme theme;
  RunTable table(theme);
  table.resize(700, 300);
  table.show();
  std::vector<RunEntry> runs;
  for (int i = 0; i < 100; ++i) runs.push_back(make_entry(i, "run"));
  table.set_runs(runs);
  table.select_ids({QStringLiteral("id0050"), QStringLiteral("id0048")});
  QCOMPARE(table.current_id(), QStringLiteral("id0050"));
  table.verticalScrollBar()->setValue(40 * size::kTableRow + 5);
  const auto top = [&] { return table.model()->index(table.rowAt(0), 0).data(RunTableModel::kId).toString(); };
  const QString before = top();
  for (int i = 200; i < 220; ++i) runs.push_back(make_entry(i, "newer"));
  runs.erase(runs.begin(), runs.begin() + 10);
  table.set_runs(runs);
  QCOMPARE(top(), before);
  QCOMPARE(table.rowViewportPosition(table.rowAt(0)), -5);
  QCOMPARE(table.selected_ids(), (QStringList{QStringLiteral("id0050"), QStringLiteral("id0048")}));
  QCOMPARE(table.current_id(), QStringLiteral("id0050"));
  table.set_preset(ColumnPreset::everything);
  QCOMPARE(table.selected_ids(), (QStringList{QStringLiteral("id0050"), QStringLiteral("id0048")}));
}

void TableTest::AClickedHeadingSortsAndShiftAddsAKey() {
  Theme theme;
  RunTable table(theme);
  table.resize(900, 300);
  table.set_runs(std::vector<RunEntry>{make_entry(0, "b"), make_entry(1, "a")});
  table.show();
  const auto click = [&](const char* column, Qt::KeyboardModifiers modifiers) {
    const QHeaderView* header = table.horizontalHeader();
    const int section = table.runs().column_of(QString::fromLatin1(column));
    QTest::mouseClick(header->viewport(), Qt::LeftButton, modifiers, QPoint(header->sectionViewportPosition(section) + 20, 10));
  };
  click("name", Qt::NoModifier);
  QCOMPARE(table.filter().keys(), (std::vector<RunFilterModel::Key>{{QStringLiteral("name"), Qt::AscendingOrder}}));
  QCOMPARE(names(*table.model(), 1).join(QString()), QStringLiteral("ab"));
  click("name", Qt::NoModifier);
  QCOMPARE(names(*table.model(), 1).join(QString()), QStringLiteral("ba"));
  click("status", Qt::ShiftModifier);
  QCOMPARE(table.filter().keys().size(), std::size_t(2));
  QCOMPARE(table.filter().keys()[1].column, QStringLiteral("status"));
  click("status", Qt::NoModifier);
  QCOMPARE(table.filter().keys().size(), std::size_t(1));
}

void TableTest::CopiedRowsAreATableWithHeadings() {
  Theme theme;
  RunTable table(theme);
  const std::vector<RunEntry> runs = {make_entry(0, "first", {{"pretrain/loss", 0.5}}), make_entry(1, "sec\tond")};
  table.set_runs(runs);
  table.set_columns({{ColumnKind::name, {}}, {ColumnKind::status, {}}, metric("pretrain/loss")});
  table.horizontalHeader()->moveSection(2, 0);
  table.selectAll();
  QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
  QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("Loss, pre-training\tName\tStatus\n—\tsec ond\tFinished\n0.50000\tfirst\tFinished\n"));
}

void TableTest::TypingJumpsToAName() {
  Theme theme;
  RunTable table(theme);
  table.set_runs(std::vector<RunEntry>{make_entry(4, "alpha"), make_entry(3, "beta"), make_entry(2, "beast"), make_entry(1, "gamma")});
  table.show();
  QTest::keyClicks(&table, QStringLiteral("bea"));
  QCOMPARE(table.current_id(), QStringLiteral("id0002"));
  QTest::qWait(QApplication::keyboardInputInterval() + 50);
  QTest::keyClicks(&table, QStringLiteral("b"));
  QCOMPARE(table.current_id(), QStringLiteral("id0003"));  // the next behind it, from the top again
}

void TableTest::ColumnsAreChosenBySearchAndPreset() {
  Theme theme;
  RunTable table(theme);
  std::vector<RunEntry> runs = {make_entry(0, "a", {{"pretrain/loss", 1}}), make_entry(1, "b")};
  runs[0].recipe = {{"seed", "0"}, {"pretrain.epochs", "5"}};
  runs[1].recipe = {{"seed", "1"}, {"pretrain.epochs", "5"}};
  table.set_runs(runs);
  table.show();
  table.set_preset(ColumnPreset::recipe);
  QVERIFY(table.runs().column_of(QStringLiteral("recipe:seed")) >= 0);             // differs
  QCOMPARE(table.runs().column_of(QStringLiteral("recipe:pretrain.epochs")), -1);  // does not
  table.choose_columns(table.horizontalHeader());
  auto* chooser = table.findChild<ColumnChooser*>();
  QVERIFY(chooser);
  chooser->findChild<QLineEdit*>()->setText(QStringLiteral("epo"));
  auto* list = chooser->findChild<QListWidget*>();
  QListWidgetItem* only = nullptr;
  for (int row = 0; row < list->count(); ++row) {
    if (list->item(row)->isHidden()) continue;
    QVERIFY(!only);
    only = list->item(row);
  }
  QVERIFY(only && only->checkState() == Qt::Unchecked);
  only->setCheckState(Qt::Checked);
  QVERIFY(table.runs().column_of(QStringLiteral("recipe:pretrain.epochs")) >= 0);
  only->setCheckState(Qt::Unchecked);
  QCOMPARE(table.runs().column_of(QStringLiteral("recipe:pretrain.epochs")), -1);
}

void TableTest::AClickOnTheStarSaysWhichRun() {
  Theme theme;
  RunTable table(theme);
  table.resize(700, 200);
  table.set_runs(std::vector<RunEntry>{make_entry(0, "a"), make_entry(1, "b")});
  table.show();
  QSignalSpy star(&table, &RunTable::star_clicked);
  QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, table.visualRect(table.model()->index(1, 0)).center());
  QCOMPARE(star.size(), 1);
  QCOMPARE(star[0][0].toString(), QStringLiteral("id0000"));
}

void TableTest::ColumnsKnowTheirIds() {
  std::vector<RunEntry> runs = {make_entry(0, "a", {{"pretrain/loss", 1}, {"evaluate/robust_accuracy", 0.5}})};
  runs[0].recipe = {{"seed", "0"}, {"pretrain.attack.epsilon", "8/255"}};
  const auto columns = possible_columns(runs);
  QVERIFY(std::find(columns.begin(), columns.end(), RunColumn{ColumnKind::curve, "pretrain/loss"}) != columns.end());
  QVERIFY(std::find(columns.begin(), columns.end(), RunColumn{ColumnKind::curve, "evaluate/robust_accuracy"}) == columns.end());  // one value is no curve
  for (const RunColumn& column : columns) QCOMPARE(RunColumn::parse(column.id()), std::optional(column));
  for (const char* wrong : {"", "metric", "metric:", "name:x", "unheard"}) QVERIFY(!RunColumn::parse(QLatin1String(wrong)));
}

void TableTest::TheViewComesBackAsItWasLeft() {
  Theme theme;
  const std::vector<RunEntry> runs = {make_entry(0, "a", {{"pretrain/loss", 1}}), make_entry(1, "b", {{"pretrain/loss", 2}})};
  RunTable table(theme);
  table.set_runs(runs);
  QSignalSpy changed(&table, &RunTable::view_changed);
  table.set_columns({{ColumnKind::name, {}}, {ColumnKind::status, {}}, metric("pretrain/loss")});
  QCOMPARE(changed.size(), 0);  // not by the user
  table.horizontalHeader()->moveSection(2, 0);
  table.horizontalHeader()->resizeSection(0, 222);  // of the name
  Q_EMIT table.horizontalHeader()->sectionClicked(2);
  QVERIFY(changed.size() >= 3);
  const QJsonObject view = table.view();

  RunTable later(theme);
  later.restore_view(view);
  later.set_runs(runs);
  QCOMPARE(later.view(), view);
  QCOMPARE(later.runs().columns(), (std::vector<RunColumn>{metric("pretrain/loss"), {ColumnKind::name, {}}, {ColumnKind::status, {}}}));
  QCOMPARE(later.columnWidth(1), 222);
  QCOMPARE(names(*later.model(), 1), (QStringList{QStringLiteral("b"), QStringLiteral("a")}));  // what is larger first
  later.restore_view({{QStringLiteral("columns"), QJsonArray{QStringLiteral("no such")}}, {QStringLiteral("widths"), 7}});
  QCOMPARE(later.view(), view);
}

void TableTest::ACurveIsReadWhenItIsLookedAtAndDrawnInTheRunsColour() {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.pretrain.emplace();
  const RunFolder run = Workspace(folder.path()).create_run("falls", recipe, nlohmann::json::object()).value();
  {
    const auto writer = std::move(RunWriter::open(run, {"pretrain"}).value());
    writer->begin_segment("pretrain", 0, 500);
    for (int step = 0; step < 500; ++step) writer->scalar("pretrain/loss", step, step == 499 ? std::nan("") : 500.0 - step);
    writer->end_segment(SegmentState::failed, Error{ErrorCode::diverged, "not finite", {}});
    QVERIFY_OK(writer->close());
  }
  std::vector<RunEntry> runs = {make_entry(0, "falls", {{"pretrain/loss", std::nan("")}})};
  runs[0].folder = run;
  runs[0].annotations.colour = "1";
  Theme theme;
  theme.apply(*qobject_cast<QApplication*>(QCoreApplication::instance()));
  RunTable table(theme);
  table.set_columns({{ColumnKind::name, {}}, {ColumnKind::curve, "loss"}});
  table.set_runs(runs);
  table.resize(500, 120);
  table.show();
  const QModelIndex cell = table.model()->index(0, 1);
  QTRY_VERIFY(cell.data(RunTableModel::kCurve).value<std::shared_ptr<const Sparkline>>() != nullptr);
  const auto curve = cell.data(RunTableModel::kCurve).value<std::shared_ptr<const Sparkline>>();
  QCOMPARE(curve->first, 500.0);
  QCOMPARE(curve->problems, std::vector<double>{1.0});
  QCOMPARE(curve->lines.size(), std::size_t(1));
  QCOMPARE(cell.data(Qt::AccessibleTextRole).toString(), QStringLiteral("from 500 to NaN, not finite in between"));
  const QImage picture = table.viewport()->grab().toImage();
  const QRect area = table.visualRect(cell);
  int line = 0, marks = 0;
  for (int y = area.top(); y <= area.bottom(); ++y) {
    for (int x = area.left(); x <= area.right(); ++x) {
      line += picture.pixelColor(x, y) == theme.run_colour(1) ? 1 : 0;
      marks += picture.pixelColor(x, y) == Theme::colour(theme.tokens().danger) ? 1 : 0;
    }
  }
  QVERIFY(line > 10);
  QVERIFY(marks > 8);
}

void TableTest::ASparklineBreaksWhereAValueIsNotFinite() {
  const Sparkline line = make_sparkline({{0, 1}, {10, 3}, {20, std::nan("")}, {30, 2}, {40, 2}});
  QCOMPARE(line.lines.size(), std::size_t(2));
  QCOMPARE(line.lines[0].back(), QPointF(0.25, 1));
  QCOMPARE(line.lines[1].front(), QPointF(0.75, 0.5));
  QCOMPARE(line.problems, std::vector<double>{0.5});
  QCOMPARE(make_sparkline({{5, 7}}).lines[0].front(), QPointF(0, 0.5));  // flat and alone: in the middle
  QVERIFY(make_sparkline({}).empty());
}

void TableTest::TenThousandRunsAreSorted() {
  std::vector<RunEntry> runs;
  for (int i = 0; i < 10'000; ++i) {
    runs.push_back(make_entry(i, "run", {{"pretrain/loss", (i * 7919) % 10'007}}));
    runs.back().recipe["seed"] = std::to_string(i % 5);
  }
  RunTableModel model;
  RunFilterModel filter(model);
  model.set_columns(preset_columns(ColumnPreset::everything, runs), runs);
  QElapsedTimer clock;
  clock.start();
  filter.set_keys({{QStringLiteral("metric:pretrain/loss"), Qt::AscendingOrder}});
  QCOMPARE(filter.index(0, 0).data(RunTableModel::kId).toString(), runs[0].id);  // it sorts when it is asked
  const auto sorted = clock.restart();
  filter.set_text(QStringLiteral("id00"));
  QCOMPARE(filter.rowCount(), 100);
  const auto filtered = clock.restart();
  runs[17].metrics["pretrain/loss"] = -1;
  touch(runs[17]);
  model.set_runs(runs);
  qInfo("10 000 runs: sorted in %lld ms, filtered in %lld ms, one of them refreshed in %lld ms", static_cast<long long>(sorted),
        static_cast<long long>(filtered), static_cast<long long>(clock.elapsed()));
  QCOMPARE(filter.index(0, 0).data(RunTableModel::kId).toString(), QStringLiteral("id0017"));
}

QTEST_MAIN(TableTest)
#include "table_test.moc"
