// A person's ways through the window, with the real trainer: by mouse and keys, and with processes killed.
#include <signal.h>

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QLineEdit>
#include <QMenu>
#include <QProcess>
#include <QPushButton>
#include <QTest>
#include <algorithm>
#include <cstdio>
#include <optional>

#include "core/store/run_reader.h"
#include "core/store/trainer_lock.h"
#include "tests/support/child_process.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/widgets/fake_desktop.h"
#include "tests/widgets/window_fixture.h"
#include "widgets/form/field_editor.h"
#include "widgets/form/field_row.h"
#include "widgets/form/message_strip.h"
#include "widgets/form/recipe_form.h"
#include "widgets/frame/context_row.h"
#include "widgets/frame/rail.h"
#include "widgets/image/picture_view.h"
#include "widgets/panels/launch/launch_panel.h"
#include "widgets/panels/monitor/condition_strip.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/session/run_words.h"
#include "widgets/table/run_table.h"

using namespace mimir;
using namespace mimir::test;

namespace {

constexpr int kPatience = 120'000;  // ms; the machine may be busy

QString q(const char* text) { return QString::fromUtf8(text); }

/// The demo of this test: the shipped one's name, and seconds instead of minutes.
constexpr const char* kTinyDemo = R"(# Source: this test
title = "Drawn pictures, in seconds"
[data]
name = "demo"
train_images = 160
test_images = 40
[pretrain]
epochs = 2
batch_size = 32
warmup_epochs = 0.5
probe_images = 4
[pretrain.attack]
epsilon = "8/255"
[finetune]
epochs = 2
batch_size = 32
warmup_epochs = 0.5
validation_images = 20
[finetune.attack]
num_steps = 2
[evaluate]
attacks = ["natural", "pgd-3"]
images = 20
)";

bool wait_for(const std::function<bool()>& done, int ms = kPatience) { return QTest::qWaitFor(done, ms); }

QPushButton* button(QWidget& in, const QString& text) {
  for (auto* each : in.findChildren<QPushButton*>())
    if (each->isVisible() && each->text() == text) return each;
  return nullptr;
}

bool press(QWidget& in, const char* text) {
  QPushButton* found = nullptr;
  if (!wait_for([&] { return (found = button(in, q(text))) && found->isEnabled(); })) return false;
  QTest::mouseClick(found, Qt::LeftButton);
  return true;
}

LaunchPanel& launch(MainWindow& window) { return *dynamic_cast<LaunchPanel*>(window.panel()); }

/// Finds the field by typing into the form's search, then types the value into it.
bool enter(MainWindow& window, const char* path, const char* value) {
  RecipeForm& form = *launch(window).form();
  QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &window, Qt::Key_F, Qt::ControlModifier);
  auto* search = qobject_cast<QLineEdit*>(QApplication::focusWidget());
  if (!search) return false;
  search->selectAll();
  QTest::keyClicks(search, q(path).section(QLatin1Char('.'), -1));
  FieldRow* row = form.row(q(path));
  auto* line = row->editor().findChild<QLineEdit*>();
  if (!line || !wait_for([&] { return line->isVisible(); })) return false;
  form.show_field(q(path));
  line->setFocus(Qt::TabFocusReason);
  line->selectAll();
  QTest::keyClicks(line, q(value));
  QTest::keyClick(line, Qt::Key_Tab);
  return true;
}

std::vector<Point> points_of(const RunFolder& run, const char* metric) {
  RunReader reader(run);
  return reader.points(metric).value_or(std::vector<Point>());
}

std::size_t shown_points(Session& session, const QString& run, const char* metric) {
  const auto record = session.library().record(run);
  const auto found = record ? record->points.find(metric) : decltype(record->points.end())();
  return record && found != record->points.end() ? found->second.size() : 0;
}

bool painted(MainWindow& window) {
  for (MetricPlot* plot : window.panel()->findChildren<MetricPlot*>()) {
    for (const PlotCurve& curve : plot->data().curves)
      if (plot->isVisible() && !curve.series.empty() && plot->redraws() > 0) return true;
  }
  return false;
}

RunStatus status(Session& session, const QString& id) {
  const RunEntry* run = session.library().find(id);
  return run ? run->condition.status : RunStatus::queued;
}

/// With drafts an empty workspace is no first start.
void forget_drafts() { QDir(QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + q("/drafts")).removeRecursively(); }

/// In a process of its own: a window in which a run is launched by keys; tells what it sees, and then stays until it is
/// killed.
int drive(const char* workspace) {
  Theme theme;
  theme.apply(*qApp);
  Desk desk(theme, Workspace(workspace), q("launch"));
  if (!desk.ready() || !press(desk.window, "Choose a recipe…")) return 3;
  if (!enter(desk.window, "pretrain.epochs", "5000") || !enter(desk.window, "pretrain.attack.epsilon", "8/225")) return 4;
  auto* warning = launch(desk.window).form()->row(q("pretrain.attack.epsilon"))->findChild<MessageStrip*>();
  std::printf("warning %s\n", qPrintable(warning->isVisible() ? warning->text() : QString()));
  if (!wait_for([&] { return launch(desk.window).settled() && launch(desk.window).outcome()->start().isEnabled(); })) return 5;
  QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &desk.window, Qt::Key_Return, Qt::ControlModifier);
  if (!wait_for([&] { return desk.window.place() == q("monitor"); })) return 6;
  if (!wait_for([&] { return painted(desk.window); })) return 7;
  std::printf("run %s\n", qPrintable(desk.session.run()));
  std::fflush(stdout);
  return QApplication::exec();
}

/// The trainer of a run; ended, whatever happens, with the object.
class Trainer {
 public:
  explicit Trainer(RunFolder run) : run_(std::move(run)) {}
  ~Trainer() { kill(); }
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  bool alive() const { return inspect_trainer(run_).held; }
  void kill() {
    const TrainerState state = inspect_trainer(run_);
    if (state.held && state.info && state.info->pid > 0) ::kill(static_cast<pid_t>(state.info->pid), SIGKILL);
  }

 private:
  RunFolder run_;
};

}  // namespace

class WalkTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme_.apply(*qApp); }
  void init() { forget_drafts(); }

  /// Walk-through 1.
  void TheFirstTenMinutes() {
    const TemporaryFolder home;
    FakeDesktop desktop;
    Desk desk(theme_, Workspace(home.path()), {}, {1600, 1000}, desktop.bus());
    QVERIFY(desk.ready());
    QCOMPARE(desk.window.place(), q("launch"));
    QElapsedTimer clock;
    QVERIFY(press(desk.window, "Watch the demo"));
    clock.start();
    QVERIFY(wait_for([&] { return desk.window.place() == q("monitor"); }));
    QVERIFY(wait_for([&] { return painted(desk.window); }));
    qInfo("the first curve stood %lld ms after the click", static_cast<long long>(clock.elapsed()));
    const QString id = desk.session.run();
    const Trainer trainer(desk.session.library().find(id)->folder);
    // Every place shows something of it, by a click on the rail.
    for (RailItem* item : desk.window.findChildren<RailItem*>()) {
      QTest::mouseClick(item, Qt::LeftButton);
      const QString place = desk.window.place();
      if (place == q("reconstruction")) {
        QVERIFY(wait_for([&] {
          const auto pictures = desk.window.panel()->findChildren<PictureView*>();
          return std::any_of(pictures.begin(), pictures.end(), [](const PictureView* each) { return each->isVisible(); });
        }));
      } else if (place == q("history")) {
        QVERIFY(wait_for([&] { return desk.window.panel()->findChild<RunTable*>()->model()->rowCount() == 1; }));
      } else if (place == q("launch")) {
        QVERIFY(!launch(desk.window).at_first_start() && launch(desk.window).form()->isVisible());
      } else if (place == q("monitor")) {
        QVERIFY(painted(desk.window));
      }
    }
    QCOMPARE(desk.window.place(), q("history"));
    QVERIFY(wait_for([&] { return status(desk.session, id) == RunStatus::finished; }));
    QVERIFY(wait_for([&] { return !desktop.shown().empty(); }));
    QVERIFY2(desktop.shown().back().title.contains(q("demo finished")), qPrintable(desktop.shown().back().title));
    QVERIFY2(desktop.shown().back().text.contains(q("robust accuracy")), qPrintable(desktop.shown().back().text));
    desktop.click(desktop.shown().back().id);
    QVERIFY(wait_for([&] { return desk.window.place() == q("monitor"); }));
  }

  /// Walk-through 2, and the kill of the window.
  void StartAndSurvive() {
    const TemporaryFolder home;
    ChildProcess window({"--drive", home.path().string()});
    std::string said = line_of(window);
    said += "\n" + line_of(window);
    QVERIFY2(said.find("8/255") != std::string::npos, said.c_str());
    QVERIFY2(said.find("\nrun ") != std::string::npos, said.c_str());
    const QString id = QString::fromStdString(said.substr(said.find("\nrun ") + 5));
    const Workspace workspace(home.path());
    const auto run = workspace.find_run(id.toStdString());
    QVERIFY_OK(run);
    const Trainer trainer(*run);
    window.kill();

    // The training goes on, and with the value that was typed.
    const std::size_t before = points_of(*run, "pretrain/loss").size();
    QVERIFY(wait_for([&] { return points_of(*run, "pretrain/loss").size() > before + 5; }));
    QVERIFY(trainer.alive());
    QVERIFY(std::abs(run->read_recipe()->pretrain->attack.epsilon - 8.0 / 225) < 1e-9);

    // A new window: the same run, the same curve, no gap.
    Desk desk(theme_, workspace, q("monitor"));
    QVERIFY(desk.ready());
    QCOMPARE(desk.session.run(), id);
    QCOMPARE(status(desk.session, id), RunStatus::running);
    QVERIFY(wait_for([&] { return shown_points(desk.session, id, "pretrain/loss") > before + 5 && painted(desk.window); }));
    const PointSeries shown = desk.session.library().record(id)->points.at("pretrain/loss");
    const auto recorded = points_of(*run, "pretrain/loss");
    QVERIFY(recorded.size() >= shown.size());
    for (std::size_t i = 0; i < shown.size(); ++i) {
      QCOMPARE(shown[i].step, recorded[i].step);
      QCOMPARE(shown[i].value, recorded[i].value);
      if (i > 0) QCOMPARE(shown[i].step - shown[i - 1].step, std::int64_t(1));
    }

    // Stop after this epoch, by the button's menu.
    auto* stop = button(*desk.window.findChild<ContextRow*>(), q("Stop…"));
    QVERIFY(stop && stop->isEnabled() && stop->menu());
    stop->menu()->actions().front()->trigger();
    QVERIFY(wait_for([&] { return status(desk.session, id) == RunStatus::stopped; }));
    QVERIFY(wait_for([&] { return desk.window.panel()->findChild<ConditionStrip*>()->isVisible(); }));
    QVERIFY(ConditionStrip::sentence(*desk.session.library().find(id), 0).contains(q("resume")));
    const std::int64_t last = points_of(*run, "pretrain/loss").back().step;

    // Resumed, the curve goes on as a new segment.
    QProcess resume;
    resume.start(Program::find(), {q("resume"), id, q("--workspace"), QString::fromStdString(home.path().string()), q("--quiet")});
    QVERIFY(wait_for([&] {
      const auto record = desk.session.library().record(id);
      return record && record->segments.size() == 2 && shown_points(desk.session, id, "pretrain/loss") > static_cast<std::size_t>(last) + 4;
    }));
    const auto series = desk.session.library().record(id)->points.at("pretrain/loss");
    std::size_t first = 0;
    while (series[first].segment == series.front().segment) ++first;
    QVERIFY(series[first].step <= last + 1);
    resume.kill();
    resume.waitForFinished();
  }

  void AKilledTrainerIsLostInEveryWindow() {
    const TemporaryFolder home;
    const Workspace workspace(home.path());
    const QString id = start(workspace, {});
    QVERIFY(!id.isEmpty());
    const auto run = workspace.find_run(id.toStdString());
    QVERIFY_OK(run);
    Trainer trainer(*run);
    std::size_t before = 0;
    {
      Desk desk(theme_, workspace, q("monitor"));
      QVERIFY(desk.ready());
      QVERIFY(wait_for([&] { return shown_points(desk.session, id, "pretrain/loss") > 3; }));
      trainer.kill();
      QVERIFY(wait_for([&] { return status(desk.session, id) == RunStatus::lost; }));
      QVERIFY(wait_for([&] { return desk.window.panel()->findChild<ConditionStrip*>()->isVisible(); }));
      before = points_of(*run, "pretrain/loss").size();
      QVERIFY(before > 3);
      QVERIFY(wait_for([&] { return shown_points(desk.session, id, "pretrain/loss") == before; }));
    }
    Desk again(theme_, workspace, q("monitor"));
    QVERIFY(again.ready());
    QCOMPARE(status(again.session, id), RunStatus::lost);
    QVERIFY(wait_for([&] { return shown_points(again.session, id, "pretrain/loss") == before; }));
    // There is nobody to stop, but a run to go on with: said where the reason stands, and there alone.
    auto& context = *again.window.findChild<ContextRow*>();
    QVERIFY(!button(context, q("Stop…")) && !button(context, q("Resume")));
    auto& strip = *again.window.panel()->findChild<ConditionStrip*>();
    QVERIFY(wait_for([&] { return button(strip, q("Resume")) && button(strip, q("Resume"))->isEnabled(); }));
  }

  void WindowAndTrainerKilledTogetherLoseNothingRecorded() {
    const TemporaryFolder home;
    ChildProcess window({"--drive", home.path().string()});
    std::string said = line_of(window);
    said += "\n" + line_of(window);
    QVERIFY2(said.find("\nrun ") != std::string::npos, said.c_str());
    const std::string id = said.substr(said.find("\nrun ") + 5);
    const Workspace workspace(home.path());
    const auto run = workspace.find_run(id);
    QVERIFY_OK(run);
    Trainer trainer(*run);
    std::size_t before = 0;
    QVERIFY(wait_for([&] { return (before = points_of(*run, "pretrain/loss").size()) > 0; }));
    trainer.kill();
    window.kill();
    QVERIFY(wait_for([&] { return !trainer.alive(); }));
    Desk desk(theme_, workspace, q("monitor"));
    QVERIFY(desk.ready());
    QCOMPARE(status(desk.session, QString::fromStdString(id)), RunStatus::lost);
    QVERIFY(wait_for([&] { return shown_points(desk.session, QString::fromStdString(id), "pretrain/loss") >= before; }));
  }

  /// Walk-through 3.
  void Diverge() {
    const TemporaryFolder home;
    const Workspace workspace(home.path());
    FakeDesktop desktop;
    Desk desk(theme_, workspace, q("history"), {1600, 1000}, desktop.bus());
    QVERIFY(desk.ready());
    const QString id = start(workspace, {q("--set"), q("pretrain.learning_rate=1e30")});
    QVERIFY(!id.isEmpty());
    const auto run = workspace.find_run(id.toStdString());
    QVERIFY_OK(run);
    const Trainer trainer(*run);
    QVERIFY(wait_for([&] { return status(desk.session, id) == RunStatus::failed; }));
    QCOMPARE(desk.session.library().find(id)->condition.code, std::optional<std::string>("diverged"));
    const auto events = RunReader(*run).events();
    QVERIFY_OK(events);
    QVERIFY(std::any_of(events->begin(), events->end(), [](const EventRow& event) { return event.kind == "diverged"; }));
    QVERIFY(wait_for([&] { return !desktop.shown().empty(); }));
    QVERIFY2(desktop.shown().back().title.contains(q("diverged")), qPrintable(desktop.shown().back().title));
    QCOMPARE(desktop.shown().back().hints.value(q("urgency")).toInt(), 2);
    desktop.click(desktop.shown().back().id);
    QVERIFY(wait_for([&] { return desk.window.place() == q("monitor") && desk.session.run() == id && painted(desk.window); }));

    // The value is a triangle at every zoom.
    PlotCanvas* canvas = nullptr;
    std::size_t at = 0;
    QVERIFY(wait_for([&] {
      for (MetricPlot* plot : desk.window.panel()->findChildren<MetricPlot*>()) {
        const RunSeries* series = plot->series(id);
        if (!series || series->problems_above().empty()) continue;
        canvas = plot->canvas();
        at = series->problems_above().front();
      }
      return canvas != nullptr;
    }));
    const double x = static_cast<double>(canvas->data().curves.front().series.point(at).step);
    const QRgb danger = Theme::colour(theme_.tokens().danger).rgb();
    for (const double half : {1000.0, 30.0, 3.0, 0.4}) {
      canvas->set_zoom(PlotRange{x - half, x + half});
      canvas->replot(QCustomPlot::rpImmediateRefresh);
      const QImage picture = canvas->grab().toImage();
      const QPoint mark(qRound(canvas->xAxis->coordToPixel(x)), canvas->axes().top() + 6);
      QVERIFY(picture.rect().contains(mark));
      QCOMPARE(picture.pixel(mark) | 0xFF000000U, danger);
    }
    auto* strip = desk.window.panel()->findChild<ConditionStrip*>();
    QVERIFY(strip->isVisible());

    // Its recipe, with what was too large ready to be typed over.
    const auto buttons = strip->findChildren<QPushButton*>();
    const auto again = std::find_if(buttons.begin(), buttons.end(), [](const QPushButton* button) { return button->text() == q("Run again with…"); });
    QVERIFY(again != buttons.end() && (*again)->isVisible());
    QTest::mouseClick(*again, Qt::LeftButton);
    QVERIFY(wait_for([&] { return desk.window.place() == q("launch") && launch(desk.window).form(); }));
    FieldRow* rate = launch(desk.window).form()->row(q("pretrain.learning_rate"));
    QVERIFY(wait_for([&] { return rate->editor().isAncestorOf(QApplication::focusWidget()); }));
    QCOMPARE(rate->editor().text(), q("1e+30"));
  }

 private:
  static std::string line_of(ChildProcess& child) {
    std::string line;
    for (char c; child.read(&c, 1) == 1 && c != '\n';) line += c;
    return line;
  }
  /// The demo, detached; its id, or nothing.
  static QString start(const Workspace& workspace, const QStringList& more) {
    QProcess process;
    process.start(Program::find(), QStringList{q("train"), q("demo"), q("--set"), q("pretrain.epochs=5000"), q("--workspace"), QString::fromStdString(workspace.path().string()), q("--detach"), q("--json")} + more);
    if (!process.waitForFinished(kPatience)) return {};
    const auto answer = nlohmann::json::parse(process.readAllStandardOutput().toStdString(), nullptr, false);
    return answer.is_object() ? QString::fromStdString(answer.value("id", std::string())) : QString();
  }

  Theme theme_;
};

int main(int argc, char** argv) {
  QStandardPaths::setTestModeEnabled(true);
  std::optional<QTemporaryDir> data;
  if (argc != 3 || qstrcmp(argv[1], "--drive") != 0) {  // a driven window is given its parent's
    data.emplace();
    QDir(data->path()).mkpath(QStringLiteral("experiments"));
    QFile recipe(data->filePath(QStringLiteral("experiments/demo.toml")));
    if (!recipe.open(QIODevice::WriteOnly)) return 2;
    recipe.write(QByteArray(kTinyDemo) + kTinyModel);
    recipe.close();
    qputenv("MIMIR_DATA_DIR", data->path().toUtf8());
  }
  qputenv("MIMIR_PROGRAM", MIMIR_PROGRAM_PATH);
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("mimir-walk-test"));
  if (!data) return drive(argv[2]);
  WalkTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "walk_test.moc"
