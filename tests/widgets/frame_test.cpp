#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QAction>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QListView>
#include <QMenuBar>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <QUndoStack>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "widgets/form/message_strip.h"
#include "widgets/frame/benchmarks.h"
#include "widgets/frame/command_palette.h"
#include "widgets/frame/context_row.h"
#include "widgets/frame/main_window.h"
#include "widgets/frame/messages.h"
#include "widgets/frame/rail.h"
#include "widgets/session/run_words.h"
#include "widgets/frame/status_row.h"
#include "widgets/frame/toast.h"
#include "widgets/frame/ui_watch.h"
#include "widgets/panels/panel.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"

using namespace mimir;

namespace {

int panels_made = 0;
int starts = 0;
int saves = 0;

/// Stands for the panels that others write.
class TestPanel : public QWidget, public Panel {
 public:
  explicit TestPanel(Session& session) {
    ++panels_made;
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* card = new Card(session.theme(), QStringLiteral("Test"));
    auto* empty = new EmptyState(session.theme(), QLatin1String("flask"), QStringLiteral("Nothing is training"), QStringLiteral("Start the demo to see curves within five seconds."));
    empty->add_button(QStringLiteral("Start the demo"), EmptyState::Kind::primary);
    card->body()->addWidget(empty);
    column->addWidget(card);
    auto* pause = new QAction(QStringLiteral("Pause"), this);
    pause->setEnabled(false);
    auto* start = new QAction(QStringLiteral("Start"), this);
    start->setProperty("kind", QStringLiteral("primary"));
    start->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
    QObject::connect(start, &QAction::triggered, this, [] { ++starts; });
    actions_ = {pause, start};
    save_ = new QAction(QStringLiteral("Save the test"), this);
    save_->setToolTip(QStringLiteral("Saves the test"));
    QObject::connect(save_, &QAction::triggered, this, [] { ++saves; });
  }
  QList<QAction*> actions() const override { return actions_; }
  QAction* save_action() const override { return save_; }

 private:
  QList<QAction*> actions_;
  QAction* save_;
};

const bool registered = add_panel({"test-first", "First test", "flask", 0, [](Session& session) -> QWidget* { return new TestPanel(session); }, "A tip for the first test."}) &&
                        add_panel({"test-bare", "Bare test", "flask", 8, [](Session&) -> QWidget* { return new QWidget; }}) &&
                        add_panel({"test-last", "Last test", "grid", 9, [](Session& session) -> QWidget* { return new TestPanel(session); }});

RunEntry made_run(const QString& id, const QString& name, RunStatus status) {
  RunEntry run{id, RunFolder("/nowhere/2026-11-25-" + name.toStdString() + "-" + id.toStdString()), {}, {}, 0, {}, {}, {}, {}, {}};
  run.condition.status = status;
  run.condition.stage = "pretrain";
  run.heartbeat = HeartbeatRow{.time = 1000, .stage = "pretrain", .epoch = 248, .step = 62, .total = 100, .rate = 1245, .eta = 6120, .memory = 400};
  return run;
}

void save_picture(QWidget& widget, const char* name) {
  const QString folder = qEnvironmentVariable("MIMIR_TEST_PICTURES");
  if (!folder.isEmpty()) widget.grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
}

/// A session over a workspace of its own, and the window of it.
struct Desk {
  explicit Desk(Theme& theme, const QString& place = QStringLiteral("test-first"), bool remembers = false)
      : session(theme, Workspace(folder.path().toStdString() + "/workspace")) {
    state = remembers ? folder.path() + QStringLiteral("/settings/window.json") : QString();
    open(place);
  }
  void open(const QString& place) {
    window = std::make_unique<MainWindow>(session, WindowOptions{state, place, {}});
    window->resize(1600, 1000);
    window->show();
    window->activateWindow();
  }
  QTemporaryDir folder;
  QString state;
  Session session;
  std::unique_ptr<MainWindow> window;
};

QAction* action(const Desk& desk, const char* text) {
  for (QAction* each : desk.window->findChildren<QAction*>())
    if (each->text() == QString::fromUtf8(text)) return each;
  return nullptr;
}

bool usable(const Desk& desk) { return QTest::qWaitForWindowActive(desk.window.get()); }

}  // namespace

class FrameTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    theme_.set_appearance(Appearance::dark);
    theme_.apply(*qApp);
  }

  void APlaceIsMadeWhenItIsFirstOpened() {
    panels_made = 0;
    Desk desk(theme_);
    QCOMPARE(desk.window->place(), QStringLiteral("test-first"));
    QCOMPARE(panels_made, 1);
    QVERIFY(desk.window->open_place(QStringLiteral("test-last")));
    QVERIFY(desk.window->open_place(QStringLiteral("test-first")));
    QCOMPARE(panels_made, 2);
    QVERIFY(!desk.window->open_place(QStringLiteral("nowhere")));
    QCOMPARE(desk.window->place(), QStringLiteral("test-first"));
    desk.session.open_place(QStringLiteral("test-last"));
    QCOMPARE(desk.window->place(), QStringLiteral("test-last"));
  }

  void TheKeyboardChoosesAPlace() {
    Desk desk(theme_);
    QVERIFY(usable(desk));
    QTest::keyClick(desk.window.get(), Qt::Key_9, Qt::ControlModifier);
    QCOMPARE(desk.window->place(), QStringLiteral("test-last"));
    auto items = desk.window->findChildren<RailItem*>();
    QCOMPARE(items.size(), static_cast<qsizetype>(panels().size()));
    RailItem* last = items.back();
    QVERIFY(last->isChecked());
    last->setFocus(Qt::TabFocusReason);
    QTest::keyClick(last, Qt::Key_Up);
    QVERIFY(desk.window->place() != QStringLiteral("test-last"));
  }

  void ThePlacesActionsAreButtonsAndInTheRunMenu() {
    Desk desk(theme_);
    starts = 0;
    QPushButton* start = nullptr;
    for (auto* button : desk.window->findChildren<ContextRow*>().front()->findChildren<QPushButton*>())
      if (button->text() == QLatin1String("Start")) start = button;
    QVERIFY(start && start->isVisible());
    QCOMPARE(start->property("kind").toString(), QStringLiteral("primary"));
    QTest::mouseClick(start, Qt::LeftButton);
    QCOMPARE(starts, 1);
    desk.window->resize(1200, 740);
    QTRY_VERIFY(!start->isVisible());
  }

  void ATipStandsAboveItsPlaceUntilItIsDismissedForGood() {
    const auto tip = [](const Desk& desk) {
      for (auto* strip : desk.window->findChildren<MessageStrip*>())
        if (strip->isVisible() && strip->text() == QLatin1String("A tip for the first test.")) return strip;
      return static_cast<MessageStrip*>(nullptr);
    };
    Desk desk(theme_, QStringLiteral("test-first"), true);
    QVERIFY(usable(desk));
    QVERIFY(tip(desk));
    QCOMPARE(tip(desk)->accessibleName(), QStringLiteral("A tip for the first test."));
    save_picture(*desk.window, "tip-dark");
    QVERIFY(desk.window->open_place(QStringLiteral("test-last")));
    QVERIFY(!tip(desk));  // it has none
    QVERIFY(desk.window->open_place(QStringLiteral("test-first")));
    auto* button = tip(desk)->findChild<QPushButton*>();
    button->setFocus(Qt::TabFocusReason);
    QCOMPARE(QApplication::focusWidget(), button);
    QTest::keyClick(button, Qt::Key_Space);
    QVERIFY(!tip(desk));
    desk.window->close();
    desk.window.reset();
    desk.open(QStringLiteral("test-first"));
    QVERIFY(usable(desk));
    QVERIFY(!tip(desk));
    action(desk, "First steps")->trigger();
    QVERIFY(desk.window->open_place(QStringLiteral("test-first")));
    QVERIFY(tip(desk));
    // Where nothing is remembered, as for pictures, nothing is shown once.
    Desk forgetful(theme_);
    QVERIFY(usable(forgetful));
    QVERIFY(!tip(forgetful));
  }

  void CtrlSSavesWhatThePlaceHasAndElsewhereSaysWhyNot() {
    Desk desk(theme_);
    QVERIFY(usable(desk));
    saves = 0;
    QAction* save = action(desk, "Save…");
    QVERIFY(save && save->isEnabled());
    QCOMPARE(save->toolTip(), QStringLiteral("Saves the test"));
    QTest::keyClick(desk.window.get(), Qt::Key_S, Qt::ControlModifier);
    QCOMPARE(saves, 1);
    dynamic_cast<const Panel*>(desk.window->panel())->save_action()->setEnabled(false);
    QVERIFY(!save->isEnabled());
    QCOMPARE(save->toolTip(), QStringLiteral("There is nothing to save here yet"));
    QVERIFY(desk.window->open_place(QStringLiteral("test-bare")));
    QVERIFY(!save->isEnabled());
    QCOMPARE(save->toolTip(), QStringLiteral("This place has nothing to save"));
    QTest::keyClick(desk.window.get(), Qt::Key_S, Qt::ControlModifier);
    QCOMPARE(saves, 1);
  }

  void ThePaletteGoesToAPlace() {
    Desk desk(theme_);
    QVERIFY(usable(desk));
    CommandPalette& palette = desk.window->palette_field();
    QTest::keyClick(desk.window.get(), Qt::Key_K, Qt::ControlModifier);
    QVERIFY(palette.isVisible());
    auto* field = palette.findChild<QLineEdit*>();
    QCOMPARE(QApplication::focusWidget(), field);
    save_picture(*desk.window, "palette-dark");
    QTest::keyClicks(field, QStringLiteral("last te"));
    QTest::keyClick(field, Qt::Key_Return);
    QVERIFY(!palette.isVisible());
    QCOMPARE(desk.window->place(), QStringLiteral("test-last"));
    QTest::keyClick(desk.window.get(), Qt::Key_K, Qt::ControlModifier);
    QTest::keyClick(field, Qt::Key_Escape);
    QVERIFY(!palette.isVisible());
  }

  void ThePaletteDoesActions() {
    Desk desk(theme_);
    QVERIFY(usable(desk));
    QTest::keyClick(desk.window.get(), Qt::Key_K, Qt::ControlModifier);
    auto* field = desk.window->palette_field().findChild<QLineEdit*>();
    QTest::keyClicks(field, QStringLiteral("> switch light"));
    QVERIFY(theme_.dark());
    QTest::keyClick(field, Qt::Key_Return);
    QVERIFY(!theme_.dark());
    QTest::keyClick(desk.window.get(), Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(theme_.dark());
  }

  void ThePaletteAnswersTenThousandRunsInTime() {
    PaletteModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    std::vector<PaletteModel::Entry> entries;
    for (int i = 0; i < 10000; ++i) entries.push_back({PaletteModel::Kind::run, QString::number(i), QStringLiteral("cifar10-hsic-%1 · seed %2").arg(i).arg(i % 3), {}, {}, {}, 0, {}, {}});
    entries.push_back({PaletteModel::Kind::place, QStringLiteral("monitor"), QStringLiteral("Monitor"), {}, {}, {}, 0, {}, {}});
    model.set_entries(entries);
    qint64 best = 1000;
    for (int i = 0; i < 5; ++i) {
      QElapsedTimer clock;
      clock.start();
      model.look_for(QStringLiteral("hsic 77 s"));
      best = std::min(best, clock.elapsed());
    }
    qInfo("an answer over 10 000 runs: %lld ms", static_cast<long long>(best));
    int rows = 0;
    for (int row = 0; row < model.rowCount(); ++row) rows += model.entry(row) ? 1 : 0;
    QCOMPARE(rows, PaletteModel::kRowsAtMost);
    model.look_for(QStringLiteral("mntr"));
    QCOMPARE(model.entry(model.next_entry(0, 1))->text, QStringLiteral("Monitor"));
    model.look_for(QStringLiteral("# monitor"));
    QCOMPARE(model.rowCount(), 0);
    model.look_for(QStringLiteral("zzzz"));
    QCOMPARE(model.rowCount(), 0);
  }

  void WhatWasUsedLastStandsFirst() {
    PaletteModel model;
    model.set_entries({{PaletteModel::Kind::place, QStringLiteral("a"), QStringLiteral("Alpha"), {}, {}, {}, 0, {}, {}},
                       {PaletteModel::Kind::place, QStringLiteral("b"), QStringLiteral("Beta"), {}, {}, {}, 0, {}, {}}});
    model.look_for({});
    QCOMPARE(model.entry(1)->id, QStringLiteral("a"));
    model.remember(*model.entry(2));
    model.look_for({});
    QCOMPARE(model.data(model.index(0), Qt::DisplayRole).toString(), QStringLiteral("Recent"));
    QCOMPARE(model.entry(1)->id, QStringLiteral("b"));
  }

  void ABetterMatchScoresHigher() {
    const auto score = [](const char* query, const char* text) { return fuzzy_score(QString::fromLatin1(query).split(QLatin1Char(' ')), QString::fromLatin1(text)); };
    QVERIFY(score("mon", "monitor") > score("mon", "salmon"));
    QVERIFY(score("mon", "salmon") > score("mon", "make one"));
    QVERIFY(score("undo mask", "mask, undo") > score("undo mask", "undo m a s k"));
    QVERIFY(!score("xyz", "monitor"));
    QVERIFY(!score("mon xyz", "monitor"));
  }

  void SettingsSurviveAndDamageIsForgiven() {
    const QTemporaryDir folder;
    const QString path = folder.path() + QStringLiteral("/deep/window.json");
    const SavedState state{.appearance = Appearance::light, .tips = {QStringLiteral("monitor")}, .place = QStringLiteral("history"), .geometry = QByteArray("\x01\x00\xff", 3),
                           .recent = {QStringLiteral("place:a")}, .workspace = QStringLiteral("/w"), .run = QStringLiteral("k7"), .shown = {QStringLiteral("k7"), QStringLiteral("k8")},
                           .views = {{QStringLiteral("history"), QJsonObject{{QStringLiteral("widths"), QJsonObject{{QStringLiteral("name"), 222}}}}}}};
    QVERIFY(state.write(path));
    QVERIFY(SavedState::read(path) == state);
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write("{\"place\": 7, \"appearance\": \"pink\", \"shown\": \"no list\"");
    file.close();
    QVERIFY(SavedState::read(path) == SavedState());
    QVERIFY(SavedState::read(folder.path()) == SavedState());
  }

  void TheWindowComesBackWhereItWas() {
    Desk desk(theme_, {}, true);
    QVERIFY(desk.window->open_place(QStringLiteral("test-last")));
    desk.window->set_appearance(Appearance::light);
    QCoreApplication::processEvents();
    desk.window->close();
    QCOMPARE(SavedState::read(desk.state).place, QStringLiteral("test-last"));
    QCOMPARE(SavedState::read(desk.state).appearance, Appearance::light);
    desk.window.reset();
    desk.open({});
    QCOMPARE(desk.window->place(), QStringLiteral("test-last"));
    theme_.set_appearance(Appearance::dark);
  }

  void ARunOfTheWorkspaceIsSelectedAndNamed() {
    Desk desk(theme_);
    const Recipe recipe;
    QVERIFY(desk.session.library().workspace().create_run("hsic one", recipe, nlohmann::json::object()).has_value());
    Desk* shown = &desk;
    QTRY_VERIFY_WITH_TIMEOUT(!shown->session.library().runs().empty(), 10000);
    QTRY_VERIFY(desk.window->ready());
    const QString id = desk.session.library().runs().front().id;
    if (desk.session.run().isEmpty()) desk.session.select_run(id);  // it came after the first list
    QVERIFY(desk.window->findChild<RunChip*>()->accessibleName().contains(QStringLiteral("hsic")));
    QVERIFY(run_called(desk.session.library().runs(), QStringLiteral("last")) != nullptr);
    QVERIFY(run_called(desk.session.library().runs(), id.left(3)) != nullptr);
    QVERIFY(run_called(desk.session.library().runs(), QStringLiteral("nobody")) == nullptr);
  }

  void MessagesStandAtTheBottomThreeAtMost() {
    Desk desk(theme_);
    for (int i = 0; i < 5; ++i) desk.session.say(QStringLiteral("Message %1").arg(i));
    QTRY_COMPARE(desk.window->findChildren<Toast*>().size(), 3);
    auto toasts = desk.window->findChildren<Toast*>();
    std::sort(toasts.begin(), toasts.end(), [](const Toast* a, const Toast* b) { return a->y() < b->y(); });
    QCOMPARE(toasts.front()->accessibleName(), QStringLiteral("Message 2"));
    QCOMPARE(toasts.back()->accessibleName(), QStringLiteral("Message 4"));
    for (const Toast* toast : toasts) QVERIFY(desk.window->rect().contains(toast->geometry()));
    QVERIFY(!toasts[0]->geometry().intersects(toasts[1]->geometry()));
  }

  void TheBellsListGivesEachMessageTheLinesItTakes() {
    MessageModel messages;
    messages.add(QStringLiteral("hsic goes on from its last checkpoint"), {}, Tone::neutral);
    messages.add(QStringLiteral("hsic diverged. The loss or its gradient is not finite at step 2 of pretrain; pretrain-last holds the last good weights: lower the learning rate."), {},
                 Tone::danger);
    Bell bell(theme_, messages, nullptr);
    bell.show();
    bell.click();
    auto* list = bell.findChild<QListView*>();
    QTRY_VERIFY(list && list->isVisible());
    const QRect first = list->visualRect(messages.index(0, 0)), second = list->visualRect(messages.index(1, 0));
    const int line = QFontMetrics(theme_.font(font::kLabel)).height();
    QVERIFY2(first.height() > second.height() + line && first.height() < second.height() + 4 * line, qPrintable(QString::number(first.height())));
    QCOMPARE(second.bottom(), list->viewport()->height() - 5);
    QCOMPARE(first.width(), list->viewport()->width());
  }

  void UndoTakesBackWhatAPanelDid() {
    Desk desk(theme_);
    QVERIFY(usable(desk));
    desk.session.undo().push(new QUndoCommand(QStringLiteral("mask of 3 patches")));
    QCOMPARE(desk.session.undo().index(), 1);
    QTest::keyClick(desk.window.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(desk.session.undo().index(), 0);
    QTest::keyClick(desk.window.get(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(desk.session.undo().index(), 1);
  }

  void TheRunAtWorkStandsBelowThePlaces() {
    Rail rail(theme_, panels());
    rail.resize(176, 700);
    rail.show();
    auto* card = rail.findChild<RunningCard*>();
    QVERIFY(!card->isVisible());
    const RunEntry run = made_run(QStringLiteral("k7w9aa"), QStringLiteral("hsic-1e-4"), RunStatus::running);
    rail.show_running(&run, 1, 3);
    rail.set_count(QStringLiteral("test-first"), 3, true);
    rail.set_place(QStringLiteral("test-first"));
    QVERIFY(card->isVisible());
    QVERIFY2(card->accessibleName().contains(QStringLiteral("62 %")), qPrintable(card->accessibleName()));
    QVERIFY2(card->accessibleName().contains(QStringLiteral("1 h 42 min")), qPrintable(card->accessibleName()));
    QSignalSpy chosen(&rail, &Rail::running_chosen);
    QTest::mouseClick(card, Qt::LeftButton);
    QCOMPARE(chosen.size(), 1);
    save_picture(rail, "rail-dark");
    rail.set_narrow(true);
    QCOMPARE(rail.width(), size::kRailNarrow);
    save_picture(rail, "rail-narrow");
    rail.show_running(nullptr, 0, 0);
    QVERIFY(!card->isVisible());
  }

  void TheStatusLineTellsTheAgeOfTheHeartbeat() {
    StatusRow row(theme_, QStringLiteral("/data/mimir"));
    QCOMPARE(row.live_words(1000), QStringLiteral("Nothing is running"));
    const RunEntry run = made_run(QStringLiteral("k7w9aa"), QStringLiteral("hsic-1e-4"), RunStatus::running);
    row.show_runs(128, &run);
    QVERIFY(row.live_words(1012).contains(QStringLiteral("12 s ago")));
    QVERIFY(row.live_words(1042).startsWith(QStringLiteral("last heard 42 s")));
  }

  void EveryFocusableWidgetHasAName() {
    Desk desk(theme_);
    desk.session.say(QStringLiteral("A message"));
    QTest::keyClick(desk.window.get(), Qt::Key_K, Qt::ControlModifier);
    int checked = 0;
    for (QWidget* widget : desk.window->findChildren<QWidget*>()) {
      if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus) continue;
      QAccessibleInterface* said = QAccessible::queryAccessibleInterface(widget);
      QVERIFY2(said && !said->text(QAccessible::Name).isEmpty(), widget->metaObject()->className());
      ++checked;
    }
    QVERIFY(checked >= 6);
  }

  void NothingIsCutInASmallWindow() {
    Desk desk(theme_);
    for (const QSize size : {QSize(1120, 720), QSize(1280, 800), QSize(1600, 1000)}) {
      desk.window->resize(size);
      QCoreApplication::processEvents();
      QCOMPARE(desk.window->size(), size);
      for (QWidget* widget : desk.window->findChildren<QWidget*>()) {
        if (!widget->isVisible()) continue;
        const QRect area(widget->mapTo(desk.window.get(), QPoint()), widget->size());
        QVERIFY2(desk.window->rect().contains(area), widget->metaObject()->className());
      }
      QCOMPARE(desk.window->findChild<Rail*>()->narrow(), size.width() < 1440);
      save_picture(*desk.window, qPrintable(QStringLiteral("window-dark-%1").arg(size.width())));
    }
  }

  void ASwitchOfTheThemeChangesTheWindow() {
    Desk desk(theme_);
    QVERIFY(usable(desk));
    const QImage dark = desk.window->grab().toImage();
    desk.window->set_appearance(Appearance::light);
    QCoreApplication::processEvents();
    const QImage light = desk.window->grab().toImage();
    save_picture(*desk.window, "window-light");
    QCOMPARE(dark.pixelColor(300, 980), Theme::colour(kDarkTokens.canvas));
    QCOMPARE(light.pixelColor(300, 980), Theme::colour(kLightTokens.canvas));
    desk.window->palette_field().open({}, QStringLiteral("#"));
    save_picture(*desk.window, "palette-light");
    theme_.set_appearance(Appearance::dark);
  }

  void TheWatchSeesABlockedThread() {
    UiWatch watch;
    watch.start();
    turn_for(50);
    const double calm = watch.longest_ms();
    QTimer::singleShot(0, this, [] { QThread::msleep(200); });
    turn_for(50);
    QVERIFY2(watch.longest_ms() >= 180, qPrintable(QString::number(watch.longest_ms())));
    QVERIFY(calm < watch.longest_ms());
  }

  void EveryBenchmarkOfTheFrameMeasures() {
    Desk desk(theme_);
    QTRY_VERIFY(desk.window->ready());
    BenchmarkContext context{desk.session, *desk.window};
    QStringList names;
    for (const Benchmark& benchmark : benchmarks()) {
      names += QString::fromStdString(benchmark.name);
      if (benchmark.name != "place_switch_ms" && benchmark.name != "theme_switch_ms") continue;
      const auto value = benchmark.measure(context);
      QVERIFY(value && *value > 0);
    }
    for (const char* name : {"crosshair_6_plots_ms", "first_point_ms", "idle_cpu_share", "million_paint_ms", "nan_visible_share", "palette_10k_ms", "place_switch_ms", "redraw_20x100k_ms",
                             "table_10k_ms", "theme_switch_ms", "ui_stall_max_ms"})
      QVERIFY2(names.contains(QLatin1String(name)), name);
    QVERIFY(std::is_sorted(names.begin(), names.end()));
    QCOMPARE(desk.window->place(), QStringLiteral("test-first"));
    QVERIFY(theme_.dark());
  }

  void TheDesktopFilesAreValid() {
    const QString packaging = QStringLiteral(MIMIR_SOURCE_DIR "/packaging/");
    int checked = 0;
    for (const auto& [program, arguments] : {std::pair{QStringLiteral("desktop-file-validate"), QStringList{packaging + QStringLiteral("mimir-workbench.desktop")}},
                                            std::pair{QStringLiteral("appstreamcli"), QStringList{QStringLiteral("validate"), QStringLiteral("--no-net"), packaging + QStringLiteral("mimir-workbench.metainfo.xml")}}}) {
      const QString found = QStandardPaths::findExecutable(program);
      if (found.isEmpty()) continue;
      QProcess process;
      process.setProcessChannelMode(QProcess::MergedChannels);
      process.start(found, arguments);
      QVERIFY(process.waitForFinished());
      QVERIFY2(process.exitCode() == 0, process.readAll().constData());
      ++checked;
    }
    if (checked < 2) QSKIP("desktop-file-validate or appstreamcli is not here");
  }

 private:
  Theme theme_;
};

QTEST_MAIN(FrameTest)
#include "frame_test.moc"
