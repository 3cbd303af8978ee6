#include <QAccessible>
#include <QSignalSpy>
#include <QTest>
#include <cmath>
#include <limits>

#include "widgets/image/array_picture.h"
#include "widgets/image/heat_map.h"
#include "widgets/image/map_grid.h"
#include "widgets/image/patch_view.h"
#include "widgets/plot/line_plot.h"

using namespace mimir;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::shared_ptr<const MapTable> some_maps() {
  // 2 layers, 3 heads, 2 x 2 patches: the largest of a map is its last patch and grows with layer and head.
  auto maps = std::make_shared<MapTable>();
  maps->rows = 2;
  maps->columns = 3;
  maps->grid = 2;
  for (int i = 0; i < 6; ++i) maps->values.insert(maps->values.end(), {0, 0, 0, 0.1F * static_cast<float>(i + 1)});
  return maps;
}

QPoint centre(const PatchView& view, int row, int column) { return view.cell_rect(row, column).center(); }

}  // namespace

class ImageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void SignedColoursAreSymmetricAndMeltIntoTheGroundAtZero();
  void TheEndsOfAScaleOfPixelsAreLevelsWhereTheyAreSome();
  void WhatIsNotFiniteHasNoColourAndNoPartInTheScale();
  void AnArrayBecomesThePictureItHolds();
  void ArrowsMoveThroughAGridOfMapsAndStopAtItsEdges();
  void ASharedScaleIsTheSameForEveryMapAndAnOwnOneIsNot();
  void AScreenReaderFindsEveryCellOfAGrid();
  void ADragPaintsEveryPatchOnItsWayWithTheSenseOfTheFirst();
  void ABoxAndALassoTakeWhatTheyEnclose();
  void TheKeyboardPaintsAndPicksLikeThePointer();
  void APlotReadsOutAndChoosesByTheKeyboard();
};

void ImageTest::SignedColoursAreSymmetricAndMeltIntoTheGroundAtZero() {
  for (const bool dark : {true, false}) {
    const ColourMap& map = ColourMap::diverging(dark);
    const auto& stops = dark ? kDarkTokens.diverging : kLightTokens.diverging;
    const auto near = [](QRgb a, std::uint32_t b) {
      return std::abs(qRed(a) - qRed(b)) <= 2 && std::abs(qGreen(a) - qGreen(b)) <= 2 && std::abs(qBlue(a) - qBlue(b)) <= 2;
    };
    QVERIFY(near(map.at(0), stops[0]));
    QVERIFY(near(map.at(0.5), stops[2]));
    QVERIFY(near(map.at(0.75), stops[3]));
    QVERIFY(near(map.at(1), stops[4]));
  }
  Theme theme;
  const MapScale scale = MapScale::symmetric(0.2);
  QCOMPARE(scale.at(-0.2, theme), ColourMap::diverging(theme.dark()).at(0));
  QCOMPARE(scale.at(0.2, theme), ColourMap::diverging(theme.dark()).at(1));
}

void ImageTest::TheEndsOfAScaleOfPixelsAreLevelsWhereTheyAreSome() {
  MapScale scale = MapScale::symmetric(8.0 / 255);
  QCOMPARE(scale.high_text(), QStringLiteral("+0.031"));
  scale.of_pixels = true;
  QCOMPARE(scale.low_text(), QStringLiteral("−8/255"));
  QCOMPARE(scale.high_text(), QStringLiteral("+8/255"));
  scale.high = 0.03;  // no level
  QCOMPARE(scale.high_text(), QStringLiteral("+0.030"));
  QCOMPARE(MapScale::magnitude(0.053).high_text(), QStringLiteral("0.053"));
  QCOMPARE(MapScale::magnitude(0.053).low_text(), QStringLiteral("0"));
}

void ImageTest::WhatIsNotFiniteHasNoColourAndNoPartInTheScale() {
  Theme theme;
  const std::vector<float> values{0, 0.5F, kNaN, std::numeric_limits<float>::infinity()};
  QCOMPARE(largest_magnitude(values), 0.5);
  const QImage map = heat_map(values, 2, MapScale::magnitude(0.5), theme);
  QCOMPARE(map.size(), QSize(2, 2));
  QCOMPARE(map.pixel(1, 0), ColourMap::viridis().at(1));
  QCOMPARE(qAlpha(map.pixel(0, 1)), 0);
  QCOMPARE(qAlpha(map.pixel(1, 1)), 0);
  QCOMPARE(MapScale::magnitude(0).high, 1.0);  // an empty map divides by nothing
}

void ImageTest::AnArrayBecomesThePictureItHolds() {
  const std::vector<float> values{0, 1, 0.5F, 2, -1, 0, 1, kNaN, 0, 0, 1, 0.2F};
  const Array array = Array::of<float>(Dtype::f32, {3, 2, 2}, values);
  const QImage picture = picture_of(array);
  QCOMPARE(picture.pixel(0, 0), qRgb(0, 0, 0));     // −1 is clamped
  QCOMPARE(picture.pixel(1, 1), qRgb(255, 0, 51));  // 2 is clamped, NaN is 0
  QVERIFY(picture_of(Array::of<float>(Dtype::f32, {2, 2}, std::vector<float>(4))).isNull());
  QVERIFY(picture_of(array, 1).isNull());
}

void ImageTest::ArrowsMoveThroughAGridOfMapsAndStopAtItsEdges() {
  Theme theme;
  MapGrid grid(theme, QStringLiteral("layer"), QStringLiteral("head"));
  grid.resize(340, 260);
  grid.set_maps(some_maps(), MapScale::magnitude(0.6), false);
  QSignalSpy moved(&grid, &MapGrid::current_changed);
  QTest::keyClick(&grid, Qt::Key_Right);
  QTest::keyClick(&grid, Qt::Key_Down);
  QTest::keyClick(&grid, Qt::Key_Down);  // there is no third row
  QCOMPARE(grid.row(), 1);
  QCOMPARE(grid.column(), 1);
  QCOMPARE(moved.count(), 2);
  QTest::keyClick(&grid, Qt::Key_End);
  QCOMPARE(grid.column(), 2);
  QTest::mouseClick(&grid, Qt::LeftButton, {}, grid.cell_rect(0, 0).center());
  QCOMPARE(grid.row() * 3 + grid.column(), 0);
  QSignalSpy opened(&grid, &MapGrid::opened);
  QTest::keyClick(&grid, Qt::Key_Return);
  QCOMPARE(opened.count(), 1);
}

void ImageTest::ASharedScaleIsTheSameForEveryMapAndAnOwnOneIsNot() {
  Theme theme;
  MapGrid grid(theme, QStringLiteral("layer"), QStringLiteral("head"));
  grid.resize(340, 260);
  const auto pixel = [&grid](int row, int column) {
    const QRect cell = grid.cell_rect(row, column);
    return grid.grab().toImage().pixel(cell.right() - 2, cell.bottom() - 2);  // the last patch
  };
  grid.set_maps(some_maps(), MapScale::magnitude(0.6), false);
  QCOMPARE(pixel(1, 2), ColourMap::viridis().at(1));
  QVERIFY(pixel(0, 1) != pixel(1, 2));
  grid.set_maps(some_maps(), std::nullopt, false);
  QCOMPARE(pixel(0, 1), ColourMap::viridis().at(1));
  QCOMPARE(pixel(1, 2), ColourMap::viridis().at(1));
}

void ImageTest::AScreenReaderFindsEveryCellOfAGrid() {
  Theme theme;
  MapGrid grid(theme, QStringLiteral("layer"), QStringLiteral("head"));
  grid.resize(340, 260);
  grid.set_maps(some_maps(), std::nullopt, false);
  QAccessibleInterface* table = QAccessible::queryAccessibleInterface(&grid);
  QVERIFY(table);
  QCOMPARE(table->role(), QAccessible::Table);
  QCOMPARE(table->childCount(), 6);
  QCOMPARE(table->child(5)->text(QAccessible::Name), QStringLiteral("layer 1, head 2, largest 0.60 at row 1, column 1"));
  PatchView view(theme);
  view.resize(240, 320);
  QImage picture(4, 4, QImage::Format_RGB32);
  picture.fill(Qt::gray);
  view.set_picture(picture);
  view.set_hatched({true, false, false, false}, 2);
  view.set_patches(2);
  QAccessibleInterface* patches = QAccessible::queryAccessibleInterface(&view);
  QCOMPARE(patches->child(0)->text(QAccessible::Name), QStringLiteral("row 0, column 0, masked"));
  QCOMPARE(patches->child(3)->text(QAccessible::Name), QStringLiteral("row 1, column 1, visible"));
}

void ImageTest::ADragPaintsEveryPatchOnItsWayWithTheSenseOfTheFirst() {
  Theme theme;
  PatchView view(theme);
  view.resize(300, 360);
  view.set_patches(4);
  view.set_tool(PatchTool::brush);
  std::vector<bool> mask(16, false);
  mask[2] = true;
  view.set_removed(mask);
  std::vector<int> painted;
  bool sense = false;
  connect(&view, &PatchView::patches_painted, this, [&](const std::vector<int>& patches, bool removed, bool begins) {
    if (begins) painted.clear();
    painted.insert(painted.end(), patches.begin(), patches.end());
    sense = removed;
    for (const int patch : patches) mask[static_cast<std::size_t>(patch)] = removed;
    view.set_removed(mask);
  });
  QTest::mousePress(&view, Qt::LeftButton, {}, centre(view, 0, 0));
  QTest::mouseMove(&view, centre(view, 0, 3));  // in one jump
  QTest::mouseRelease(&view, Qt::LeftButton, {}, centre(view, 0, 3));
  QCOMPARE(painted, (std::vector<int>{0, 1, 3}));  // the third was removed already
  QVERIFY(sense);
  QTest::mouseClick(&view, Qt::LeftButton, {}, centre(view, 0, 1));
  QCOMPARE(painted, std::vector<int>{1});
  QVERIFY(!sense);
}

void ImageTest::ABoxAndALassoTakeWhatTheyEnclose() {
  Theme theme;
  PatchView view(theme);
  view.resize(300, 360);
  view.set_patches(4);
  std::vector<int> painted;
  connect(&view, &PatchView::patches_painted, this, [&](const std::vector<int>& patches, bool, bool) { painted = patches; });
  view.set_tool(PatchTool::rectangle);
  QTest::mousePress(&view, Qt::LeftButton, {}, centre(view, 2, 2));
  QTest::mouseMove(&view, centre(view, 1, 1));
  QVERIFY(painted.empty());  // not before the end
  QTest::mouseRelease(&view, Qt::LeftButton, {}, centre(view, 1, 1));
  QCOMPARE(painted, (std::vector<int>{5, 6, 9, 10}));
  view.set_tool(PatchTool::lasso);
  QTest::mousePress(&view, Qt::LeftButton, {}, centre(view, 0, 0));
  for (const auto& [row, column] : {std::pair(0, 1), {0, 2}, {1, 2}, {2, 2}, {2, 1}, {2, 0}, {1, 0}}) QTest::mouseMove(&view, centre(view, row, column));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, centre(view, 1, 0));
  QCOMPARE(painted, (std::vector<int>{0, 1, 2, 4, 5, 6, 8, 9, 10}));  // with the one in the middle
}

void ImageTest::TheKeyboardPaintsAndPicksLikeThePointer() {
  Theme theme;
  PatchView view(theme);
  view.resize(300, 360);
  view.set_patches(4);
  QSignalSpy picked(&view, &PatchView::patch_picked);
  QTest::keyClick(&view, Qt::Key_Down);
  QTest::keyClick(&view, Qt::Key_Right);
  QTest::keyClick(&view, Qt::Key_Return);
  QCOMPARE(picked.count(), 1);
  QCOMPARE(picked[0][0].toInt(), 5);
  view.set_tool(PatchTool::brush);
  QSignalSpy painted(&view, &PatchView::patches_painted);
  QTest::keyClick(&view, Qt::Key_Space);
  QTest::keyClick(&view, Qt::Key_Right, Qt::ShiftModifier);
  QCOMPARE(painted.count(), 2);
  QCOMPARE(painted[1][0].value<std::vector<int>>(), std::vector<int>{6});
  QCOMPARE(painted[1][2].toBool(), false);  // the same gesture
}

void ImageTest::APlotReadsOutAndChoosesByTheKeyboard() {
  Theme theme;
  LinePlot plot(theme);
  plot.resize(400, 160);
  plot.set_x(-0.5, 2.5, {}, {{0, QStringLiteral("0")}, {1, QStringLiteral("1")}, {2, QStringLiteral("2")}});
  plot.set_y(0, 1, QStringLiteral("bits"));
  PlotLine line;
  line.name = QStringLiteral("head 0");
  line.x = {0, 1, 2};
  line.y = {0.1, 0.2, 0.75};
  plot.set_lines({line});
  QSignalSpy chosen(&plot, &LinePlot::x_chosen);
  QTest::keyClick(&plot, Qt::Key_End);
  QVERIFY(plot.accessibleDescription().contains(QStringLiteral("head 0 0.75")));
  QTest::keyClick(&plot, Qt::Key_Left);
  QTest::keyClick(&plot, Qt::Key_Return);
  QCOMPARE(chosen.count(), 1);
  QCOMPARE(chosen[0][0].toDouble(), 1.0);
}

QTEST_MAIN(ImageTest)
#include "image_test.moc"
