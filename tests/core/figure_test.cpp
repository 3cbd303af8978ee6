#include <QTest>
#include <QXmlStreamReader>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

#include "core/figure/curves.h"
#include "core/figure/scale.h"
#include "core/figure/svg.h"
#include "core/figure/thin.h"
#include "core/store/files.h"
#include "core/store/media.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "tests/support/expected.h"
#include "tests/support/temporary_folder.h"

using namespace mimir;

namespace {

/// The texts of the elements of that name; nothing if the document is not well formed.
std::optional<QStringList> texts_of(const std::string& svg, const char* element) {
  QXmlStreamReader xml(QByteArray::fromStdString(svg));
  QStringList texts;
  while (!xml.atEnd()) {
    if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == QLatin1String(element)) {
      texts << xml.readElementText(QXmlStreamReader::IncludeChildElements);
    }
  }
  if (xml.hasError()) return std::nullopt;
  return texts;
}

/// A run that has everything a figure may show: two stages, a resume, a NaN.
RunFolder recorded_run(const std::filesystem::path& folder) {
  Recipe recipe;
  recipe.pretrain.emplace();
  recipe.finetune.emplace();
  const auto run = *Workspace(folder).create_run("ViT-tiny <8/255> & more", recipe, nlohmann::json::object());
  const auto writer = *RunWriter::open(run, stage_names(recipe));
  const auto noise = [](int i, int k) { return std::fmod(std::abs(std::sin(i * 12.9898 + k * 78.233)) * 43758.5453, 1.0) - 0.5; };
  const auto pretrain = [&](int from, int to) {
    writer->begin_segment("pretrain", from, 1200);
    for (int i = from; i < to; ++i) {
      const double reconstruction = 0.35 + 0.6 * std::exp(-i / 250.0) + 0.08 * noise(i, 1);
      const double information = 0.004 + 0.02 * std::exp(-i / 400.0) + 0.002 * noise(i, 2);
      writer->scalar("pretrain/reconstruction", i, reconstruction);
      writer->scalar("pretrain/loss", i, i == 420 ? std::numeric_limits<double>::quiet_NaN() : reconstruction + 0.05);
      writer->scalar("pretrain/information", i, information);
      writer->scalar("pretrain/learning_rate", i, 1.5e-4 * std::min(1.0, i / 120.0) * (0.5 + 0.5 * std::cos(i / 1200.0 * 3.14159)));
      writer->scalar("pretrain/images_per_second", i, 812 + 40 * noise(i, 3));
      if (i % 120 == 0) {
        writer->scalar("pretrain/probe/reconstruction_clean", i, reconstruction - 0.03);
        writer->scalar("pretrain/probe/reconstruction_adversarial", i, reconstruction + 0.12);
      }
    }
  };
  pretrain(0, 800);
  pretrain(700, 1200);
  writer->end_segment(SegmentState::finished);
  writer->begin_segment("finetune", 0, 900);
  for (int i = 0; i < 900; ++i) {
    writer->scalar("finetune/loss", i, 1.1 + 1.2 * std::exp(-i / 300.0) + 0.15 * noise(i, 4));
    writer->scalar("finetune/train_robust_accuracy", i, 0.45 - 0.35 * std::exp(-i / 300.0) + 0.06 * noise(i, 5));
    writer->scalar("finetune/images_per_second", i, 96 + 6 * noise(i, 6));
    if (i % 90 == 89) {
      writer->scalar("finetune/natural_accuracy", i, 0.74 - 0.4 * std::exp(-i / 250.0));
      writer->scalar("finetune/robust_accuracy", i, 0.46 - 0.3 * std::exp(-i / 250.0));
      writer->scalar("finetune/fgsm_accuracy", i, 0.52 - 0.3 * std::exp(-i / 250.0));
    }
  }
  writer->end_segment(SegmentState::finished);
  return run;
}

}  // namespace

class FigureTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void TicksAreRoundAndInsideTheRange();
  void TickLabelsAgreeInTheirDecimals();
  void ThinningKeepsEverySpike();
  void SmoothingIsDebiased();
  void SvgIsWellFormedWhateverTheText();
  void PicturesAreInsideTheSvg();
  void EqualFiguresGiveEqualText();
  void CurvesOfARunAreDrawn();
  void CurvesOfAnEmptyRunSaySo();
};

void FigureTest::TicksAreRoundAndInsideTheRange() {
  QCOMPARE(round_ticks(0, 1, 5).size(), std::size_t(6));
  for (const auto& [low, high] : {std::pair(0.0, 1.0), {-3.0, 17.0}, {1e-6, 2e-6}, {1e9, 1e9 + 1}, {0.0, 123456.0}}) {
    const auto ticks = round_ticks(low, high, 5);
    QVERIFY(ticks.size() >= 3 && ticks.size() <= 12);
    for (const double tick : ticks) QVERIFY(tick >= low - 1e-9 * std::abs(low) && tick <= high + 1e-9 * std::abs(high));
  }
  for (const double tick : round_ticks(0, 3, 6, true)) QCOMPARE(tick, std::round(tick));
  QCOMPARE(round_ticks(2, 2, 5).size(), std::size_t(1));
  QCOMPARE(round_ticks(0, std::numeric_limits<double>::infinity(), 5).size(), std::size_t(1));
}

void FigureTest::TickLabelsAgreeInTheirDecimals() {
  QCOMPARE(tick_label(0.2, 0.05), std::string("0.20"));
  QCOMPARE(tick_label(1, 0.5), std::string("1.0"));
  QCOMPARE(tick_label(1500, 500), std::string("1500"));
  QCOMPARE(tick_label(0, 0.5), std::string("0"));
  QCOMPARE(tick_label(2.5e-6, 5e-7), std::string("2.5e-6"));
}

void FigureTest::ThinningKeepsEverySpike() {
  std::vector<Vec2> curve;
  for (int i = 0; i < 100'000; ++i) curve.push_back({double(i), i == 54'321 ? 100.0 : i == 12'345 ? -100.0 : std::sin(i * 0.01)});
  const auto kept = thin(curve, 0, 99'999, 400);
  QVERIFY(kept.size() <= 4 * 401);
  const auto has = [&](double y) { return std::any_of(kept.begin(), kept.end(), [&](const Vec2& p) { return p.y == y; }); };
  QVERIFY(has(100) && has(-100));
  QVERIFY(kept.front().x == 0 && kept.back().x == 99'999);
  QVERIFY(std::is_sorted(kept.begin(), kept.end(), [](const Vec2& a, const Vec2& b) { return a.x < b.x; }));
}

void FigureTest::SmoothingIsDebiased() {
  const std::vector<Vec2> constant(50, Vec2{0, 3});
  for (const Vec2& point : smooth(constant, 0.9)) QVERIFY(std::abs(point.y - 3) < 1e-12);
}

void FigureTest::SvgIsWellFormedWhateverTheText() {
  const std::string nasty = "a <b> & \"c\" 'd' ]]> \x01 \xff \xc3\xa4 \xe2\x82\xac \xed\xa0\x80 \xf0\x9f\x99\x82";
  Figure figure{100, 50, nasty, {}};
  figure.add(Text{{1, 2}, nasty, 12, "#000000"});
  figure.add(Polyline{{{0, 0}, {std::nan(""), 1e300}}, {"#123456\"", 1, "6 3", 0.5}});
  const std::string svg = write_svg(figure);
  const auto texts = texts_of(svg, "text");
  QVERIFY2(texts.has_value(), svg.c_str());
  QCOMPARE(texts->size(), 1);
  QVERIFY(texts->at(0).startsWith(QLatin1String("a <b> & \"c\" 'd' ]]> ")));
  QVERIFY(texts->at(0).contains(QString::fromUtf8("ä €")));
  QVERIFY(svg.find("nan") == std::string::npos);
}

void FigureTest::PicturesAreInsideTheSvg() {
  const std::vector<std::uint8_t> pixels(12, 128);
  const auto png = *encode_png(2, 2, 3, pixels);
  Figure figure{10, 10, "picture", {}};
  figure.add(Picture{{0, 0, 10, 10}, png, "four pixels"});
  const std::string svg = write_svg(figure);
  const std::string marker = "data:image/png;base64,";
  const auto begin = svg.find(marker) + marker.size();
  const auto encoded = QByteArray::fromStdString(svg.substr(begin, svg.find('"', begin) - begin));
  QCOMPARE(QByteArray::fromBase64(encoded), QByteArray(reinterpret_cast<const char*>(png.data()), static_cast<qsizetype>(png.size())));
}

void FigureTest::EqualFiguresGiveEqualText() {
  const test::TemporaryFolder folder;
  const auto run = recorded_run(folder.path());
  RunReader one(run), two(run);
  QVERIFY(write_svg(*curves_figure(one)) == write_svg(*curves_figure(two)));
}

void FigureTest::CurvesOfARunAreDrawn() {
  const test::TemporaryFolder folder;
  const auto run = recorded_run(folder.path());
  QVERIFY_OK(write_curves(run));
  const std::string svg = *read_text(run.curves());
  if (const auto keep = qEnvironmentVariable("MIMIR_KEEP_FIGURE"); !keep.isEmpty()) QVERIFY_OK(write_file(keep.toStdString(), svg));
  QVERIFY2(svg.size() < 400'000, std::to_string(svg.size()).c_str());
  const auto texts = texts_of(svg, "text");
  QVERIFY(texts.has_value());
  for (const char* wanted : {"ViT-tiny <8/255> & more", "Pre-training loss", "loss [1]", "step", "speed [images/s]", "Accuracy on held-out images",
                             "robust (PGD)", "NaN at step 420", "resumed"}) {
    QVERIFY2(texts->contains(QString::fromUtf8(wanted)), wanted);
  }
  QVERIFY(texts->filter(QStringLiteral("finished")).size() == 1);
  QVERIFY(!texts->contains(QStringLiteral("HSIC of the probe images")));  // nothing recorded
}

void FigureTest::CurvesOfAnEmptyRunSaySo() {
  const test::TemporaryFolder folder;
  Recipe recipe;
  recipe.pretrain.emplace();
  const auto run = *Workspace(folder.path()).create_run("empty", recipe, {});
  QVERIFY_OK(write_curves(run));
  QVERIFY(texts_of(*read_text(run.curves()), "text")->contains(QStringLiteral("Nothing was recorded.")));
}

QTEST_APPLESS_MAIN(FigureTest)
#include "figure_test.moc"
