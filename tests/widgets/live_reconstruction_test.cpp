#include <QAbstractButton>
#include <QCheckBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QMimeData>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>
#include <algorithm>

#include "support/fake_answers.h"
#include "widgets/image/image_browser.h"
#include "widgets/panels/reconstruction/live_reconstruction.h"
#include "widgets/theme/segmented_control.h"
#include "widgets/theme/status_pill.h"

using namespace mimir;

namespace {

constexpr int kPatience = 20'000;  ///< ms; a machine under load

std::shared_ptr<const WorkerAnswer> answer(const nlohmann::json& options) {
  WorkerRequest request;
  request.kind = "reconstruct";
  request.options = options;
  return std::make_shared<const WorkerAnswer>(fake::reconstruct(request));
}

struct Place {
  explicit Place(const QString& model) : session(theme, Workspace(folder.path().toStdString())) {
    session.worker().set_command({QStringLiteral(MIMIR_FAKE_INSPECTION), log()});
    session.select_checkpoint(model);
    live = std::make_unique<LiveReconstruction>(session);
    live->resize(1400, 900);
    live->show();
  }
  QString log() const { return folder.filePath(QStringLiteral("questions")); }
  QStringList questions() const {
    QFile file(log());
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts) : QStringList();
  }
  bool answered() const { return QTest::qWaitFor([this] { return live->answer() != nullptr; }, kPatience); }
  bool says(const QString& words) const {
    for (auto* label : live->findChildren<QLabel*>()) {
      if (label->isVisible() && label->text().contains(words)) return true;
    }
    return false;
  }

  QTemporaryDir folder;
  Theme theme;
  Session session;
  std::unique_ptr<LiveReconstruction> live;
};

}  // namespace

class LiveReconstructionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void PastedPatchesAreTheInputsAndTheRestIsPredicted();
  void AnAnswerThatLacksATensorIsRefusedWithItsName();
  void ARatioAddsAndFreesPatchesInOneOrder();
  void AnEditIsDrawnAtOnceAndAskedOnceWithItsMask();
  void UndoTakesAWholeGestureBack();
  void ACheckpointWithoutADecoderIsSaidInThePlace();
  void TheKeyboardAloneEditsTheMask();
  void ADroppedPictureIsLookedAtAndOtherFilesAreNot();
  void PicturesAreAsLargeAsTheirRowAllowsAndTheRestIsTheBrowsers();
};

void LiveReconstructionTest::PastedPatchesAreTheInputsAndTheRestIsPredicted() {
  const auto read = ReconstructionAnswer::read(answer({{"run", "model"}, {"attack", "pgd"}}));
  QVERIFY(read.has_value());
  QCOMPARE(read->removed(), (std::vector<bool>{true, true, true, false}));
  QCOMPARE(read->error()[0], 0.25F);
  const QImage pasted = read->output(true, read->removed()), raw = read->output(false, read->removed());
  QCOMPARE(pasted.pixel(3, 3), read->input().pixel(3, 3));  // visible
  QCOMPARE(pasted.pixel(0, 0), qRgb(128, 128, 128));        // predicted
  QCOMPARE(raw.pixel(3, 3), qRgb(128, 128, 128));
  QVERIFY(read->uses_true_statistics());
  QCOMPARE(read->image_words(), QStringLiteral("cat, image 0"));
}

void LiveReconstructionTest::AnAnswerThatLacksATensorIsRefusedWithItsName() {
  for (const char* name : {"clean", "adversarial", "reconstruction", "mask"}) {
    WorkerAnswer damaged = *answer({{"run", "model"}});
    damaged.arrays[name] = fake::filled({1, 3}, 0);
    const auto read = ReconstructionAnswer::read(std::make_shared<const WorkerAnswer>(damaged));
    QVERIFY2(!read.has_value(), name);
    QVERIFY2(read.error().message.find(name) != std::string::npos, name);
  }
}

void LiveReconstructionTest::ARatioAddsAndFreesPatchesInOneOrder() {
  std::vector<bool> mask(64, false);
  mask[5] = true;
  const auto half = with_ratio(mask, 0.5, 3);
  QCOMPARE(std::count(half.begin(), half.end(), true), 32);
  QVERIFY(half[5]);
  const auto more = with_ratio(half, 0.75, 3);
  for (std::size_t i = 0; i < 64; ++i) QVERIFY(!half[i] || more[i]);
  const auto fewer = with_ratio(half, 0.25, 3);
  QCOMPARE(std::count(fewer.begin(), fewer.end(), true), 16);
  for (std::size_t i = 0; i < 64; ++i) QVERIFY(!fewer[i] || half[i]);
  const auto drawn = with_ratio(std::vector<bool>(64, false), 0.5, 3);
  QCOMPARE(with_ratio(with_ratio(drawn, 0.75, 3), 0.5, 3), drawn);
  QVERIFY(with_ratio(std::vector<bool>(64, false), 0.5, 4) != drawn);
}

void LiveReconstructionTest::AnEditIsDrawnAtOnceAndAskedOnceWithItsMask() {
  Place place(QStringLiteral("model"));
  QVERIFY(place.answered());
  QCOMPARE(place.questions(), QStringList{QStringLiteral("reconstruct")});
  PatchView& input = place.live->findChild<ReconstructionRow*>()->input();
  const QImage before = input.grab().toImage();
  const QRect visible = input.cell_rect(1, 1), masked = input.cell_rect(0, 0);
  QTest::mousePress(&input, Qt::LeftButton, {}, visible.center());
  QVERIFY(place.live->removed()[3]);
  const QImage after = input.grab().toImage();  // before any answer
  QVERIFY(after.copy(visible) != before.copy(visible));
  QTest::mouseRelease(&input, Qt::LeftButton, {}, visible.center());
  QTest::mouseClick(&input, Qt::LeftButton, {}, masked.center());
  QCOMPARE(place.live->removed(), (std::vector<bool>{false, true, true, true}));
  QTRY_COMPARE_WITH_TIMEOUT(place.live->answer()->removed(), place.live->removed(), kPatience);
  QCOMPARE(place.questions(), (QStringList{QStringLiteral("reconstruct"), QStringLiteral("reconstruct mask")}));
}

void LiveReconstructionTest::UndoTakesAWholeGestureBack() {
  Place place(QStringLiteral("model"));
  QVERIFY(place.answered());
  PatchView& input = place.live->findChild<ReconstructionRow*>()->input();
  QTest::mousePress(&input, Qt::LeftButton, {}, input.cell_rect(0, 0).center());
  QTest::mouseMove(&input, input.cell_rect(0, 1).center());
  QTest::mouseRelease(&input, Qt::LeftButton, {}, input.cell_rect(0, 1).center());
  QCOMPARE(place.live->removed(), (std::vector<bool>{false, false, true, false}));
  QCOMPARE(place.session.undo().count(), 1);
  place.session.undo().undo();
  QTRY_COMPARE_WITH_TIMEOUT(place.live->removed(), (std::vector<bool>{true, true, true, false}), kPatience);
  place.session.undo().redo();
  QCOMPARE(place.live->removed(), (std::vector<bool>{false, false, true, false}));
}

void LiveReconstructionTest::ACheckpointWithoutADecoderIsSaidInThePlace() {
  Place place(QStringLiteral("classifier"));
  QVERIFY(QTest::qWaitFor([&] { return place.says(QStringLiteral("has no decoder")); }, kPatience));
  place.session.select_checkpoint(QStringLiteral("model"));
  QVERIFY(place.answered());
  place.session.select_checkpoint(QStringLiteral("classifier"));
  QVERIFY(QTest::qWaitFor([&] { return place.says(QStringLiteral("has no decoder")); }, kPatience));
  QVERIFY(place.live->findChild<ReconstructionRow*>()->isVisible());  // the last answer stays
}

void LiveReconstructionTest::TheKeyboardAloneEditsTheMask() {
  Place place(QStringLiteral("model"));
  QVERIFY(place.answered());
  PatchView& input = place.live->findChild<ReconstructionRow*>()->input();
  QTest::keyClick(&input, Qt::Key_Space);
  QCOMPARE(place.live->removed(), (std::vector<bool>{false, true, true, false}));
  QTest::keyClick(&input, Qt::Key_Right, Qt::ShiftModifier);
  QCOMPARE(place.live->removed(), (std::vector<bool>{false, false, true, false}));
  QTest::keyClick(place.live.get(), Qt::Key_I);
  QCOMPARE(place.live->removed(), (std::vector<bool>{true, true, false, true}));
  QTest::keyClick(place.live.get(), Qt::Key_E);
  QTest::keyClick(&input, Qt::Key_Down);
  QTest::keyClick(&input, Qt::Key_Space);
  QCOMPARE(place.live->removed(), (std::vector<bool>{true, true, false, false}));
}

void LiveReconstructionTest::ADroppedPictureIsLookedAtAndOtherFilesAreNot() {
  Place place(QStringLiteral("model"));
  QVERIFY(place.answered());
  const auto drop = [&](const QString& path) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, {});
    QCoreApplication::sendEvent(place.live.get(), &enter);
    QDropEvent event(QPointF(5, 5), Qt::CopyAction, &data, Qt::LeftButton, {});
    QCoreApplication::sendEvent(place.live.get(), &event);
  };
  drop(QStringLiteral("/tmp/notes.txt"));
  QVERIFY(place.session.image().file.isEmpty());
  drop(QStringLiteral("/tmp/Horse.JPG"));
  QCOMPARE(place.session.image().file, QStringLiteral("/tmp/Horse.JPG"));
  QTRY_COMPARE_WITH_TIMEOUT(place.questions().size(), 2, kPatience);
}

void LiveReconstructionTest::PicturesAreAsLargeAsTheirRowAllowsAndTheRestIsTheBrowsers() {
  Place place(QStringLiteral("model"));
  QVERIFY(place.answered());
  auto* row = place.live->findChild<ReconstructionRow*>();
  auto* browser = place.live->findChild<ImageBrowser*>();
  const auto side = [row] { return row->input().cell_rect(1, 1).bottom() + 1 - row->input().cell_rect(0, 0).top(); };
  const int pixels = place.live->answer()->side();
  QTRY_COMPARE_WITH_TIMEOUT(row->height(), row->sizeHint().height(), kPatience);
  QCOMPARE(side() % pixels, 0);
  QVERIFY(4 * (side() + pixels) > row->width() - 3 * 8 - 4 * 8);  // one more multiple has no room
  QVERIFY(row->height() - side() < 80);                          // caption and facts, no band
  QVERIFY(browser->height() > 200);
  const int before = browser->height();
  place.live->resize(1400, 1100);
  QTRY_COMPARE_WITH_TIMEOUT(browser->height(), before + 200, kPatience);
  place.live->resize(1400, 430);  // too low for them
  QTRY_VERIFY_WITH_TIMEOUT(row->height() < row->sizeHint().height(), kPatience);
  QCOMPARE(side() % pixels, 0);
}

QTEST_MAIN(LiveReconstructionTest)
#include "live_reconstruction_test.moc"
