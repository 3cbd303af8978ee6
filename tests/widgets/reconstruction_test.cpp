#include <QListWidget>
#include <QSlider>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/store/run_writer.h"
#include "core/store/safetensors.h"
#include "core/store/workspace.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"
#include "widgets/image/colour_map.h"
#include "widgets/image/picture_view.h"
#include "widgets/panels/reconstruction/probe.h"
#include "widgets/panels/reconstruction/reconstruction_panel.h"
#include "widgets/panels/reconstruction/stored_reconstruction.h"
#include "widgets/plot/metric_plot.h"

using namespace mimir;
using test::TemporaryFolder;

namespace {

/// Two pictures of 4 x 4 pixels in 2 x 2 patches; the first patch of both is removed, and its reconstruction is wrong by 51.
Safetensors some_probe() {
  Safetensors document;
  std::vector<std::uint8_t> clean(2 * 3 * 16, 100), reconstruction = clean;
  for (int n = 0; n < 2; ++n) {
    for (int channel = 0; channel < 3; ++channel) {
      for (const int pixel : {0, 1, 4, 5}) reconstruction[static_cast<std::size_t>((n * 3 + channel) * 16 + pixel)] = 151;
    }
  }
  const std::vector<float> mask{1, 0, 0, 0, 1, 0, 0, 0}, masked{0.04F, 0.05F}, visible{0, 0};
  const std::vector<std::int64_t> shape{2, 3, 4, 4};
  document.arrays["clean"] = Array::of<std::uint8_t>(Dtype::u8, shape, clean);
  document.arrays["input"] = Array::of<std::uint8_t>(Dtype::u8, shape, clean);
  document.arrays["reconstruction"] = Array::of<std::uint8_t>(Dtype::u8, shape, reconstruction);
  document.arrays["mask"] = Array::of<float>(Dtype::f32, {2, 4}, mask);
  document.arrays["error_masked"] = Array::of<float>(Dtype::f32, {2}, masked);
  document.arrays["error_visible"] = Array::of<float>(Dtype::f32, {2}, visible);
  return document;
}

std::filesystem::path written(const QTemporaryDir& folder, const Safetensors& document) {
  const std::filesystem::path file = folder.filePath(QStringLiteral("0-probe.safetensors")).toStdString();
  const auto done = write_safetensors(file, document);
  return done ? file : std::filesystem::path();
}

}  // namespace

class ReconstructionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void AProbeIsReadAsItWasWritten();
  void WhatIsNoProbeIsRefusedWithItsName();
  void TheStoreReadsElsewhereAndKeepsWhatItRead();
  void ColourMapsRiseFromDarkToBright();
  void APictureIsEnlargedWithoutInterpolationAndHatchedWhereRemoved();
  void TheScrubberStandsOnStoredStepsUnderTheCrosshair();
};

void ReconstructionTest::AProbeIsReadAsItWasWritten() {
  const QTemporaryDir folder;
  const auto batch = read_probe(written(folder, some_probe()), 7);
  QVERIFY(batch.has_value());
  QCOMPARE(batch->step, std::int64_t(7));
  QCOMPARE(batch->count(), 2);
  QCOMPARE(batch->grid, 2);
  QCOMPARE(batch->removed[1], (std::vector<bool>{true, false, false, false}));
  QCOMPARE(batch->reconstruction[0].pixel(1, 1), qRgb(151, 151, 151));
  QCOMPARE(batch->reconstruction[0].pixel(2, 1), qRgb(100, 100, 100));
  QCOMPARE(batch->error_map(0, 0.2).pixel(0, 0), ColourMap::magma().at(1.0));  // 51/255 is the whole scale
  QCOMPARE(batch->error_map(0, 0.2).pixel(3, 3), ColourMap::magma().at(0.0));
  QCOMPARE(batch->largest_error(0), 0.2);
  QCOMPARE(batch->removed_squared_error(0), 0.04);
  QCOMPARE(batch->pasted(0).pixel(0, 0), qRgb(151, 151, 151));
  QCOMPARE(batch->pasted(0).pixel(3, 0), qRgb(100, 100, 100));
}

void ReconstructionTest::WhatIsNoProbeIsRefusedWithItsName() {
  const QTemporaryDir folder;
  Safetensors document = some_probe();
  document.arrays.erase("input");
  const auto lacks = read_probe(written(folder, document), 0);
  QVERIFY(!lacks.has_value());
  QVERIFY(lacks.error().message.find("0-probe.safetensors") != std::string::npos);
  document = some_probe();
  document.arrays["mask"] = Array::of<float>(Dtype::f32, {2, 3}, std::vector<float>(6, 0));  // no square
  QVERIFY(!read_probe(written(folder, document), 0).has_value());
  QVERIFY(!read_probe("/nowhere/1-probe.safetensors", 0).has_value());
}

void ReconstructionTest::TheStoreReadsElsewhereAndKeepsWhatItRead() {
  const QTemporaryDir folder;
  const auto file = written(folder, some_probe());
  ProbeStore store;
  int ready = 0;
  connect(&store, &ProbeStore::ready, this, [&] { ++ready; });
  QVERIFY(store.get(file, 0) == nullptr);
  QTRY_COMPARE(ready, 1);
  QVERIFY(store.get(file, 0) != nullptr);
  QString said;
  connect(&store, &ProbeStore::failed, this, [&](const QString& sentence) { said = sentence; });
  store.get("/nowhere/1-probe.safetensors", 1);
  QTRY_VERIFY(said.contains(QStringLiteral("1-probe")));
}

void ReconstructionTest::ColourMapsRiseFromDarkToBright() {
  for (const ColourMap* map : {&ColourMap::magma(), &ColourMap::viridis()}) {
    for (int i = 0; i < 255; i += 15) QVERIFY(qGray(map->at((i + 15) / 255.0)) > qGray(map->at(i / 255.0)));
    QCOMPARE(map->at(-1), map->at(0));
    QCOMPARE(map->at(2), map->at(1));
    QCOMPARE(map->at(std::nan("")), map->at(0));
  }
}

void ReconstructionTest::APictureIsEnlargedWithoutInterpolationAndHatchedWhereRemoved() {
  Theme theme;
  PictureView view(theme);
  view.resize(240, 300);
  QImage image(4, 4, QImage::Format_RGB32);
  image.fill(Qt::red);
  image.setPixel(3, 3, qRgb(0, 0, 255));
  view.set_picture(image);
  view.set_hatched({true, false, false, false}, 2);
  const QImage drawn = view.grab().toImage();
  int red = 0, other = 0;
  for (int y = 80; y < 200; ++y) {
    for (int x = 130; x < 200; ++x) {
      const QRgb pixel = drawn.pixel(x, y);
      red += pixel == qRgb(255, 0, 0);
      other += pixel != qRgb(255, 0, 0) && pixel != qRgb(0, 0, 255);
    }
  }
  QVERIFY(red > 1000);
  QCOMPARE(other, 0);  // nothing between red and blue
  QVERIFY(drawn.pixel(60, 60) != qRgb(255, 0, 0));  // the removed patch
}

void ReconstructionTest::TheScrubberStandsOnStoredStepsUnderTheCrosshair() {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.pretrain.emplace();
  const RunFolder run = Workspace(folder.path()).create_run("probed", recipe, nlohmann::json::object()).value();
  {
    const auto writer = std::move(RunWriter::open(run, {"pretrain"}).value());
    writer->begin_segment("pretrain", 0, 100);
    std::filesystem::create_directories(run.media("pretrain"));
    for (const int step : {0, 10, 80, 100}) {  // not evenly spaced
      const auto file = run.media("pretrain") / (std::to_string(step) + "-probe.safetensors");
      QVERIFY_OK(write_safetensors(file, some_probe()));
      writer->picture("pretrain", step, "probe", run.relative(file));
      writer->scalar("pretrain/probe/reconstruction_clean", step, 1.0 / (step + 1));
      writer->scalar("pretrain/probe/reconstruction_adversarial", step, 2.0 / (step + 1));
    }
    writer->end_segment(SegmentState::finished);
    QVERIFY_OK(writer->close());
  }
  Theme theme;
  Session session(theme, Workspace(folder.path()));
  ReconstructionPanel panel(session);
  panel.resize(1400, 950);
  panel.show();
  QTRY_VERIFY(session.library().complete());
  session.select_run(QString::fromStdString(run.id()));
  auto* stored = panel.findChild<StoredReconstruction*>();
  auto* slider = stored->findChild<QSlider*>();
  QTRY_COMPARE(slider->maximum(), 100);
  QTRY_COMPARE(slider->value(), 100);
  const auto at = [&] { return session.cursor() ? session.cursor()->step : -1; };
  QTest::keyClick(slider, Qt::Key_Left);
  QCOMPARE(at(), std::int64_t(80));
  QCOMPARE(slider->value(), 80);
  QTest::keyClick(&panel, Qt::Key_Comma);
  QCOMPARE(at(), std::int64_t(10));
  QTest::keyClick(slider, Qt::Key_End);
  QCOMPARE(at(), std::int64_t(100));
  QTest::keyClick(slider, Qt::Key_Home);
  QCOMPARE(at(), std::int64_t(0));
  slider->setSliderPosition(52);  // as a drag does
  slider->triggerAction(QAbstractSlider::SliderMove);
  QCOMPARE(at(), std::int64_t(80));
  QCOMPARE(slider->value(), 80);
  // The handle's centre is the crosshair's x.
  const auto* curve = stored->findChild<MetricPlot*>();
  const auto crosshair = [&] { return curve->mapTo(&panel, curve->axes().topLeft()).x() + 0.8 * curve->axes().width(); };
  const auto handle = [&] { return slider->mapTo(&panel, QPoint()).x() + 8 + 0.8 * (slider->width() - 16); };
  QTRY_VERIFY2(std::abs(crosshair() - handle()) <= 1.5, qPrintable(QStringLiteral("%1 and %2").arg(crosshair()).arg(handle())));

  auto* images = stored->findChild<QListWidget*>();
  QTRY_COMPARE(images->count(), 2);
  QVERIFY(images->isVisible());
  QCOMPARE(images->item(1)->text(), QStringLiteral("0.0500"));
  images->setCurrentRow(1);
  QCOMPARE(stored->findChild<QSpinBox*>()->value(), 1);
  QTest::keyClick(&panel, Qt::Key_BracketLeft);
  QCOMPARE(images->currentRow(), 0);
  panel.resize(1400, 800);
  QVERIFY(!images->isVisible());
}

QTEST_MAIN(ReconstructionTest)
#include "reconstruction_test.moc"
