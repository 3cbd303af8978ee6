// What the window does around its places: drawers, panes, back and forward, messages, notifications.
#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QDateTime>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "core/store/run_writer.h"
#include "tests/widgets/fake_desktop.h"
#include "widgets/frame/context_row.h"
#include "widgets/frame/desktop_notifications.h"
#include "widgets/frame/input_filter.h"
#include "widgets/frame/main_window.h"
#include "widgets/frame/messages.h"
#include "widgets/frame/rail.h"
#include "widgets/panels/panel.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"

using namespace mimir;

namespace {

/// Stands for the panels that others write.
class TestPanel : public QWidget, public Panel {
 public:
  explicit TestPanel(Session& session) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    auto* column = new QVBoxLayout;
    row->addLayout(column, 1);
    side_ = new Card(session.theme(), QStringLiteral("Side"));
    side_->setFixedWidth(300);
    auto* inside = new QPushButton(QStringLiteral("Inside"));
    side_->body()->addWidget(inside);
    row->addWidget(side_);
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
    actions_ = {pause, start};
  }
  QList<QAction*> actions() const override { return actions_; }
  QList<QWidget*> side_columns() const override { return {side_}; }
  void show_part(const QString& part) override { this->part = part; }
  QString part;

 private:
  QList<QAction*> actions_;
  Card* side_;
};

const bool registered = add_panel({"test-first", "First test", "flask", 0, [](Session& session) -> QWidget* { return new TestPanel(session); }}) &&
                        add_panel({"test-last", "Last test", "grid", 9, [](Session& session) -> QWidget* { return new TestPanel(session); }});

void save_picture(QWidget& widget, const char* name) {
  const QString folder = qEnvironmentVariable("MIMIR_TEST_PICTURES");
  if (!folder.isEmpty()) widget.grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
}

/// A session over a workspace of its own, and the window of it.
struct Desk {
  explicit Desk(Theme& theme, const QString& place = QStringLiteral("test-first"), bool remembers = false, std::optional<QDBusConnection> bus = {})
      : bus(std::move(bus)), session(theme, Workspace(folder.path().toStdString() + "/workspace")) {
    state = remembers ? folder.path() + QStringLiteral("/settings/window.json") : QString();
    open(place);
  }
  void open(const QString& place) {
    window = std::make_unique<MainWindow>(session, WindowOptions{state, place, {}, bus});
    window->resize(1600, 1000);
    window->show();
    window->activateWindow();
  }
  std::optional<QDBusConnection> bus;
  QTemporaryDir folder;
  QString state;
  Session session;
  std::unique_ptr<MainWindow> window;
};

bool usable(const Desk& desk) { return QTest::qWaitForWindowActive(desk.window.get()); }

}  // namespace

class WindowTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    theme_.set_appearance(Appearance::dark);
    theme_.apply(*qApp);
  }

  void F9HidesTheSideColumnAndInANarrowWindowOpensItAsADrawer() {
    Desk desk(theme_);
    QVERIFY(usable(desk));
    QWidget* side = dynamic_cast<Panel*>(desk.window->panel())->side_columns().front();
    QVERIFY(side->isVisible());
    const int wide = desk.window->panel()->findChild<EmptyState*>()->width();
    QTest::keyClick(desk.window.get(), Qt::Key_F9);
    QVERIFY(!side->isVisible());
    QTRY_VERIFY(desk.window->panel()->findChild<EmptyState*>()->width() > wide);
    desk.window->open_place(QStringLiteral("test-last"));
    QVERIFY(dynamic_cast<Panel*>(desk.window->panel())->side_columns().front()->isVisible());  // each place has its own
    desk.window->open_place(QStringLiteral("test-first"));
    QVERIFY(!side->isVisible());
    QTest::keyClick(desk.window.get(), Qt::Key_F9);
    QVERIFY(side->isVisible());

    desk.window->resize(1200, 800);
    QTRY_VERIFY(!side->isVisible());
    QWidget* panel = desk.window->panel();
    QVERIFY(!panel->isAncestorOf(side));
    QToolButton* button = nullptr;
    for (auto* each : desk.window->findChild<ContextRow*>()->findChildren<QToolButton*>())
      if (each->accessibleName() == QLatin1String("Side column")) button = each;
    QVERIFY(button && button->isVisible() && !button->isChecked());
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(side->isVisible() && button->isChecked());
    QCOMPARE(side->mapTo(desk.window.get(), QPoint(side->width(), 0)).x() + 8, panel->mapTo(desk.window.get(), QPoint(panel->width(), 0)).x());
    QVERIFY(side->isAncestorOf(QApplication::focusWidget()));
    save_picture(*desk.window, "drawer");
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    QVERIFY(!side->isVisible());
    QTest::keyClick(desk.window.get(), Qt::Key_F9);
    QVERIFY(side->isVisible());

    desk.window->resize(1600, 1000);
    QTRY_VERIFY(panel->isAncestorOf(side));
    QVERIFY(side->isVisible() && !button->isVisible());
    QTRY_COMPARE(side->geometry().right(), panel->width() - 1);
  }

  void F6WalksThroughThePanes() {
    Desk desk(theme_);
    QVERIFY(usable(desk));
    auto* rail = desk.window->findChild<Rail*>();
    auto* context = desk.window->findChild<ContextRow*>();
    const auto cards = desk.window->panel()->findChildren<Card*>();
    const auto focus_in = [](QWidget* pane) { return pane->isAncestorOf(QApplication::focusWidget()); };
    desk.window->findChildren<RailItem*>().front()->setFocus(Qt::TabFocusReason);
    QVERIFY(focus_in(rail));
    QTest::keyClick(desk.window.get(), Qt::Key_F6);
    QVERIFY(focus_in(context));
    QList<QWidget*> seen;
    for (int i = 0; i < 2; ++i) {
      QTest::keyClick(desk.window.get(), Qt::Key_F6);
      for (Card* card : cards)
        if (focus_in(card)) seen += card;
    }
    QCOMPARE(seen.size(), 2);
    QVERIFY(seen[0] != seen[1]);
    QTest::keyClick(desk.window.get(), Qt::Key_F6);
    QVERIFY(focus_in(rail));
    QTest::keyClick(desk.window.get(), Qt::Key_F6, Qt::ShiftModifier);
    QVERIFY(focus_in(seen[1]));
    QTest::keyClick(desk.window.get(), Qt::Key_F6, Qt::ShiftModifier);
    QVERIFY(focus_in(seen[0]));
  }

  void AltLeftGoesBackThroughPlacesAndRuns() {
    Desk desk(theme_);
    const Recipe recipe;
    const auto first = desk.session.library().workspace().create_run("one", recipe, {{"created", 1000}});
    const auto second = desk.session.library().workspace().create_run("two", recipe, {{"created", 2000}});
    QVERIFY(first && second);
    const QString one = QString::fromStdString(first->id()), two = QString::fromStdString(second->id());
    QTRY_VERIFY_WITH_TIMEOUT(desk.window->ready() && desk.session.library().runs().size() == 2, 10000);
    QVERIFY(usable(desk));
    const auto go_to = [&](const QString& run, const char* place) {
      desk.session.select_run(run);
      desk.window->open_place(QLatin1String(place));
      QTest::qWait(1);
    };
    go_to(one, "test-first");
    go_to(two, "test-last");  // together one step
    QTest::keyClick(desk.window.get(), Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(desk.window->place(), QStringLiteral("test-first"));
    QCOMPARE(desk.session.run(), one);
    QTest::keyClick(desk.window.get(), Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(desk.window->place(), QStringLiteral("test-last"));
    QCOMPARE(desk.session.run(), two);
    QTest::keyClick(desk.window.get(), Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(desk.session.run(), two);
    QTest::keyClick(desk.window.get(), Qt::Key_Left, Qt::AltModifier);
    go_to(two, "test-first");  // what lay ahead is forgotten
    QTest::keyClick(desk.window.get(), Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(desk.window->place(), QStringLiteral("test-first"));
    SelectionTrail trail;
    for (int i = 0; i < 300; ++i) trail.note({QString::number(i), {}});
    int back = 0;
    while (trail.go(-1)) ++back;
    QCOMPARE(back, static_cast<int>(SelectionTrail::kAtMost) - 1);
  }

  void APlaceShowsAPartOfItself() {
    Desk desk(theme_);
    QVERIFY(desk.window->open_place(QStringLiteral("test-last/corner")));
    QCOMPARE(desk.window->place(), QStringLiteral("test-last"));
    QCOMPARE(dynamic_cast<TestPanel*>(desk.window->panel())->part, QStringLiteral("corner"));
    QVERIFY(!desk.window->open_place(QStringLiteral("nowhere/corner")));
  }

  void TheBellKeepsWhatWasSaid() {
    Desk desk(theme_);
    auto* bell = desk.window->findChild<Bell*>();
    auto* model = desk.window->findChild<MessageModel*>();
    const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    desk.session.say(QStringLiteral("First"));
    desk.session.say(QStringLiteral("Second, and a sentence that is long enough to need more than the one line that a list would give it"));
    QCOMPARE(model->unread(), 2);
    QVERIFY(bell->accessibleName().contains(QLatin1Char('2')));
    QTest::mouseClick(bell, Qt::LeftButton);
    QWidget* popup = QApplication::activePopupWidget();
    QVERIFY(popup);
    auto* list = popup->findChild<QListView*>();
    QCOMPARE(list->model()->rowCount(), 2);
    QVERIFY(list->model()->index(0, 0).data().toString().startsWith(QStringLiteral("Second")));
    QVERIFY(list->visualRect(list->model()->index(0, 0)).height() > list->visualRect(list->model()->index(1, 0)).height());
    QCOMPARE(model->unread(), 0);
    save_picture(*popup, "bell");
    popup->close();
    for (int i = 0; i < 250; ++i) model->add(QString::number(i));
    QCOMPARE(model->rowCount(), MessageModel::kAtMost);
    QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("249"));
  }

  void SingleLettersCanBeTurnedOff() {
    QWidget window;
    auto* column = new QVBoxLayout(&window);
    auto* plain = new QPushButton(QStringLiteral("Plain"));
    auto* text = new QLineEdit;
    column->addWidget(plain);
    column->addWidget(text);
    QAction star(QStringLiteral("Star"));
    star.setShortcut(Qt::Key_S);
    window.addAction(&star);
    int starred = 0;
    connect(&star, &QAction::triggered, &window, [&] { ++starred; });
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    InputFilter filter(&window);
    plain->setFocus();
    QTest::keyClick(plain, Qt::Key_S);
    QCOMPARE(starred, 1);
    filter.set_letters(false);
    QTest::keyClick(plain, Qt::Key_S);
    QCOMPARE(starred, 1);
    text->setFocus();
    QTest::keyClicks(text, QStringLiteral("stars"));
    QCOMPARE(text->text(), QStringLiteral("stars"));
    filter.set_letters(true);
    plain->setFocus();
    QTest::keyClick(plain, Qt::Key_S);
    QCOMPARE(starred, 2);
  }

  void ASettingAloneIsWritten() {
    Desk desk(theme_, {}, true);
    desk.window->close();
    desk.window.reset();
    desk.open({});
    for (const char* name : {"Desktop notifications", "Single letters"}) {
      for (QAction* action : desk.window->findChildren<QAction*>())
        if (action->text() == QLatin1String(name)) action->trigger();
    }
    desk.window->close();
    QVERIFY(!SavedState::read(desk.state).notifications);
    QVERIFY(!SavedState::read(desk.state).letters);
  }

  void TheDesktopIsToldOfRunsThatEnd() {
    test::FakeDesktop desktop;
    Desk desk(theme_, QStringLiteral("test-first"), false, desktop.bus());
    const auto run = [&](const char* name, double created) {
      Recipe recipe;
      recipe.pretrain = PretrainRecipe();
      return desk.session.library().workspace().create_run(name, recipe, {{"created", created}}).value();
    };
    const auto end = [](const RunFolder& folder, SegmentState state) {
      const auto writer = std::move(RunWriter::open(folder, {"pretrain"}).value());
      writer->begin_segment("pretrain", 0, 1);
      if (state == SegmentState::finished) writer->end_segment(state);
      else if (state == SegmentState::stopped) writer->end_segment(state, Error{ErrorCode::stopped, "by you", {}});
      else writer->end_segment(state, Error{ErrorCode::diverged, "the loss is <not> finite", {}});
      QVERIFY(writer->close().has_value());
    };
    const double now = QDateTime::currentMSecsSinceEpoch() / 1e3;
    const RunFolder done = run("done", now), wild = run("wild", now + 1), halted = run("halted", now + 2);
    const RunFolder old = run("old", 1000);
    end(old, SegmentState::finished);
    QTRY_VERIFY_WITH_TIMEOUT(desk.window->ready() && desk.session.library().runs().size() == 4, 10000);
    QTRY_COMPARE_WITH_TIMEOUT(desk.session.library().find(QString::fromStdString(old.id()))->condition.status, RunStatus::finished, 10000);
    end(done, SegmentState::finished);
    QTRY_COMPARE_WITH_TIMEOUT(desktop.shown().size(), std::size_t(1), 10000);
    QCOMPARE(desktop.shown()[0].title, QStringLiteral("done finished"));
    QCOMPARE(desktop.shown()[0].hints.value(QStringLiteral("urgency")).toInt(), 1);
    end(halted, SegmentState::stopped);  // somebody asked for it
    end(wild, SegmentState::failed);
    QTRY_COMPARE_WITH_TIMEOUT(desktop.shown().size(), std::size_t(2), 10000);
    QCOMPARE(desktop.shown()[1].title, QStringLiteral("wild diverged"));
    QCOMPARE(desktop.shown()[1].text, QStringLiteral("The loss is &lt;not&gt; finite."));
    QCOMPARE(desktop.shown()[1].hints.value(QStringLiteral("urgency")).toInt(), 2);
    QVERIFY(desktop.shown()[1].id != desktop.shown()[0].id);
    QTRY_COMPARE_WITH_TIMEOUT(desk.session.library().find(QString::fromStdString(halted.id()))->condition.status, RunStatus::stopped, 10000);
    QCOMPARE(desktop.shown().size(), std::size_t(2));
    auto* messages = desk.window->findChild<MessageModel*>();
    QCOMPARE(messages->rowCount(), 2);
    QVERIFY(messages->index(0, 0).data().toString().startsWith(QStringLiteral("wild diverged")));

    desktop.click(desktop.shown()[0].id);
    QTRY_COMPARE(desk.window->place(), QStringLiteral("monitor"));
    QCOMPARE(desk.session.run(), QString::fromStdString(done.id()));

    for (QAction* action : desk.window->findChildren<QAction*>())
      if (action->text() == QLatin1String("Desktop notifications")) action->trigger();
    end(run("silent", now + 3), SegmentState::finished);
    QTRY_COMPARE_WITH_TIMEOUT(messages->rowCount(), 3, 10000);
    QCOMPARE(desktop.shown().size(), std::size_t(2));
  }

  void WithoutABusNotificationsAreSilent() {
    DesktopNotifications notifications(QDBusConnection(QStringLiteral("no such bus")));
    notifications.notify(QStringLiteral("run"), QStringLiteral("Title"), QStringLiteral("Text"), false);
  }

 private:
  Theme theme_;
};

QTEST_MAIN(WindowTest)
#include "window_test.moc"
