// Without a mouse: a run chosen in History, attacked in Attack Lab, looked into in Attention, and a figure of a step of its path
// written, with the real program.
#include <QAbstractItemView>
#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QProcess>
#include <QTest>
#include <QTimer>

#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/widgets/window_fixture.h"
#include "widgets/image/map_grid.h"
#include "widgets/image/patch_view.h"
#include "widgets/panels/attack_lab/attack_lab_panel.h"
#include "widgets/panels/attention/attention_row.h"

using namespace mimir;
using namespace mimir::test;

namespace {

constexpr int kPatience = 120'000;  // ms; the machine may be busy
constexpr int kMostTabs = 120;

constexpr const char* kTiny = R"(
[data]
name = "demo"
train_images = 60
test_images = 40
[finetune]
epochs = 1
batch_size = 30
validation_images = 0
[finetune.attack]
num_steps = 4
)";

bool wait_for(const std::function<bool()>& done) { return QTest::qWaitFor(done, kPatience); }

/// Whoever gets what is typed now. There is no window manager here that gives the focus back when a popup closes.
QWidget* target() {
  const QWidget* active = QApplication::activeWindow();
  if (!QApplication::activePopupWidget() && (!active || !active->isVisible())) {
    QWidget* window = QApplication::activeModalWidget();
    for (QWidget* each : QApplication::topLevelWidgets()) {
      if (!window && qobject_cast<MainWindow*>(each)) window = each;
    }
    QApplication::setActiveWindow(window);
  }
  if (QWidget* popup = QApplication::activePopupWidget()) return popup->focusWidget() ? popup->focusWidget() : popup;
  return QApplication::focusWidget() ? QApplication::focusWidget() : QApplication::activeWindow();
}

/// What a screen reader calls it; of a combo box that is its label and not its choice.
QString name_of(QWidget* widget) {
  if (widget && !widget->accessibleName().isEmpty()) return widget->accessibleName();
  QAccessibleInterface* said = widget ? QAccessible::queryAccessibleInterface(widget) : nullptr;
  return said ? said->text(QAccessible::Name) : QString();
}

void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(target(), key, modifiers); }

/// By Tab alone to what a screen reader calls so; else the names that were met.
QString tab_to(const QString& name) {
  QStringList way;
  for (int i = 0; i < kMostTabs; ++i) {
    way += name_of(QApplication::focusWidget());
    if (way.last() == name) return {};
    press(Qt::Key_Tab);
  }
  return name + QStringLiteral(" is not among\n") + way.join(QLatin1Char('\n'));
}

QByteArray content(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Takes what the dialog that Ctrl+E opens proposes.
void take_proposal() {
  auto* poll = new QTimer(qApp);
  QObject::connect(poll, &QTimer::timeout, poll, [poll] {
    auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
    if (!dialog || !qobject_cast<QLineEdit*>(dialog->focusWidget())) return;
    poll->deleteLater();
    QTest::keyClick(dialog->focusWidget(), Qt::Key_Return);
  });
  poll->start(50);
}

}  // namespace

class KeysTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    theme_.apply(*qApp);
    QVERIFY(QDir::setCurrent(folder("")));  // where dialogs begin
    QFile recipe(folder("tiny.toml"));
    QVERIFY(recipe.open(QIODevice::WriteOnly));
    recipe.write(QByteArray(kTiny) + kTinyModel);
    recipe.close();
    for (const QString& name : {QStringLiteral("first"), QStringLiteral("second")}) {
      QProcess train;
      train.start(Program::find(), {QStringLiteral("train"), recipe.fileName(), QStringLiteral("--name"), name, QStringLiteral("--quiet"), QStringLiteral("--workspace"), folder("workspace")});
      QVERIFY(train.waitForFinished(kPatience));
      QVERIFY2(train.exitCode() == 0, train.readAllStandardError());
    }
  }

  void FromHistoryThroughAttackLabAndAttentionToAFigure() {
    Desk desk(theme_, Workspace(folder("workspace").toStdString()), QStringLiteral("history"));
    QVERIFY(desk.ready());

    // The second row of the table, which is the older run, and the palette's command for it.
    QCOMPARE(tab_to(QStringLiteral("Runs")), QString());
    press(Qt::Key_Home, Qt::ControlModifier);
    press(Qt::Key_Down);
    const QString run = desk.session.library().runs().back().id;
    press(Qt::Key_K, Qt::ControlModifier);
    QTest::keyClicks(target(), QStringLiteral("Open in Attack Lab"));
    press(Qt::Key_Return);
    QVERIFY(wait_for([&] { return desk.window.place() == QStringLiteral("attack-lab"); }));
    QCOMPARE(desk.session.run(), run);
    auto& lab = *dynamic_cast<AttackLabPanel*>(desk.window.panel());
    QVERIFY(wait_for([&] { return lab.result() && lab.settled(); }));
    QVERIFY2(lab.isAncestorOf(QApplication::focusWidget()), QApplication::focusWidget() ? QApplication::focusWidget()->metaObject()->className() : "nothing has the focus");

    // A picture that is answered wrongly.
    QCOMPARE(tab_to(QStringLiteral("Which images, in which order")), QString());
    press(Qt::Key_Down);
    QCOMPARE(static_cast<QComboBox*>(QApplication::focusWidget())->currentText(), QStringLiteral("Wrong"));
    QVERIFY(wait_for([&] { return lab.settled(); }));
    QCOMPARE(tab_to(QStringLiteral("Pictures of the data set")), QString());
    auto* list = static_cast<QAbstractItemView*>(QApplication::focusWidget());
    QVERIFY(list->model()->rowCount() > 1);
    const std::int64_t before = desk.session.image().index;
    press(Qt::Key_Right);
    press(Qt::Key_Return);
    QVERIFY(desk.session.image().index != before);
    press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(wait_for([&] { return lab.settled() && lab.result()->image().at("index") == desk.session.image().index; }));
    QVERIFY(lab.result()->image().at("prediction") != lab.result()->image().at("label"));

    // Along its path, from the list and from the scrubber.
    const int last = lab.walk()->last();
    QVERIFY(last > 2);
    QCOMPARE(lab.step(), last);
    press(Qt::Key_Comma);
    QCOMPARE(lab.step(), last - 1);
    press(Qt::Key_Period);
    QCOMPARE(lab.step(), last);
    QCOMPARE(tab_to(QStringLiteral("Step of the attack")), QString());
    press(Qt::Key_Home);
    QCOMPARE(lab.step(), 0);
    press(Qt::Key_End);
    QCOMPARE(lab.step(), last);
    press(Qt::Key_Home);
    press(Qt::Key_Period);
    press(Qt::Key_Period);
    QCOMPARE(lab.step(), 2);

    // Its figure, and what makes it again, bit for bit.
    const QString svg = folder("") + QStringLiteral("attack-%1-step-2.svg").arg(desk.session.image().index), again = folder("again.svg");
    take_proposal();
    press(Qt::Key_E, Qt::ControlModifier);
    QVERIFY(wait_for([&] { return !content(svg).isEmpty() && lab.settled(); }));
    QVERIFY(content(svg).contains(QStringLiteral("Shown: step 2 of %1").arg(last).toUtf8()));
    QCOMPARE(tab_to(QStringLiteral("Copy the command that makes what is shown, up to its step")), QString());
    press(Qt::Key_Space);
    const QString command = QApplication::clipboard()->text();
    QVERIFY2(command.startsWith(QStringLiteral("mimir attack ")) && command.contains(QStringLiteral("--step 2")), qPrintable(command));
    QProcess shell;
    shell.start(QStringLiteral("sh"), {QStringLiteral("-c"), Program::find() + command.mid(5) + QStringLiteral(" --quiet --figure ") + again});
    QVERIFY(shell.waitForFinished(kPatience));
    QVERIFY2(shell.exitCode() == 0, shell.readAllStandardError());
    QVERIFY(content(svg) == content(again));

    // Another way from there.
    QCOMPARE(tab_to(QStringLiteral("Branch here")), QString());
    press(Qt::Key_Space);
    QVERIFY(QApplication::activePopupWidget());
    press(Qt::Key_Down);  // the objective: cross-entropy
    press(Qt::Key_Tab);
    press(Qt::Key_Tab);
    press(Qt::Key_3);
    press(Qt::Key_Tab);
    press(Qt::Key_Return);
    QVERIFY(!QApplication::activePopupWidget());
    QVERIFY(wait_for([&] { return lab.result()->branch && lab.settled(); }));
    QCOMPARE(lab.result()->branch_step, 2);
    QCOMPARE(lab.walk()->last(), 3);

    // The same picture in Attention, clean against adversarial.
    press(Qt::Key_5, Qt::ControlModifier);
    QCOMPARE(desk.window.place(), QStringLiteral("attention"));
    QWidget& attention = *desk.window.panel();
    auto* grid = attention.findChild<MapGrid*>();
    auto* row = attention.findChild<AttentionRow*>();
    QVERIFY(wait_for([&] { return dynamic_cast<Panel&>(attention).settled() && grid->maps() && !row->view(Side::adversarial).picture().isNull(); }));
    QVERIFY(row->view(Side::clean).picture() != row->view(Side::adversarial).picture());
    QCOMPARE(tab_to(name_of(grid)), QString());
    const int layer = grid->row();
    press(Qt::Key_Up);
    QCOMPARE(grid->row(), layer - 1);
    press(Qt::Key_Right);
    QCOMPARE(grid->column(), 1);
    press(Qt::Key_Return);
    QVERIFY(QApplication::focusWidget() == &row->view(Side::clean));
    press(Qt::Key_Right);
    QCOMPARE(row->view(Side::clean).cursor(), 1);
    const QString map = folder("attention.svg");
    take_proposal();
    press(Qt::Key_E, Qt::ControlModifier);
    QVERIFY(wait_for([&] { return content(map).contains("Attention, clean and adversarial"); }));
  }

  void TabGoesThroughAttackLabAsItIsRead() {
    Desk desk(theme_, Workspace(folder("workspace").toStdString()), QStringLiteral("attack-lab"));
    QVERIFY(desk.ready());
    auto& lab = *dynamic_cast<AttackLabPanel*>(desk.window.panel());
    QVERIFY(wait_for([&] { return lab.result() && lab.settled(); }));
    QCOMPARE(tab_to(QStringLiteral("Attack")), QString());
    QStringList way;
    for (int i = 0; i < kMostTabs && lab.isAncestorOf(QApplication::focusWidget()); ++i, press(Qt::Key_Tab)) way += name_of(QApplication::focusWidget());
    QStringList wanted{QStringLiteral("Attack"), QStringLiteral("Epsilon"), QStringLiteral("Epsilon, by levels"), QStringLiteral("Objective"), QStringLiteral("Target class"), QStringLiteral("Seed"),
                       QStringLiteral("Checkpoint"), QStringLiteral("Second model"), QStringLiteral("Step of the attack"), QStringLiteral("Only images of this class"), QStringLiteral("Pictures of the data set")};
    QStringList met;
    for (const QString& name : way) {
      if (wanted.contains(name)) met += name;
    }
    QVERIFY2(met == wanted, qPrintable(way.join(QLatin1Char('\n'))));
    QVERIFY2(!way.contains(QStringLiteral("Attack Lab")), "the place itself is a stop without a sign of it");
    QVERIFY2(!way.contains(QString()), qPrintable(way.join(QLatin1Char('\n'))));
  }

 private:
  QString folder(const char* name) const { return QString::fromStdString((folder_.path() / name).string()); }

  TemporaryFolder folder_;
  Theme theme_;
};

int main(int argc, char** argv) {
  QStandardPaths::setTestModeEnabled(true);
  qputenv("MIMIR_PROGRAM", MIMIR_PROGRAM_PATH);
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("mimir-keys-test"));
  KeysTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "keys_test.moc"
