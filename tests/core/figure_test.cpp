#include <QTest>
#include <QXmlStreamReader>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

#include "core/figure/colour_scale.h"
#include "core/figure/curves.h"
#include "core/figure/inspection_figures.h"
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
  void ColourScalesAreThoseTheyAreCalled();
  void AFigureOfAnAnswerSaysWhatItShows();
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

void FigureTest::ColourScalesAreThoseTheyAreCalled() {
  using Rgb = std::array<std::uint8_t, 3>;
  QVERIFY((scale_colour(ColourScale::viridis, 0) == Rgb{0x44, 0x01, 0x54}));
  QVERIFY((scale_colour(ColourScale::viridis, 1) == Rgb{0xFD, 0xE7, 0x25}));
  QVERIFY((scale_colour(ColourScale::magma, 2) == Rgb{0xFC, 0xFD, 0xBF}));
  QVERIFY((scale_colour(ColourScale::magma, std::nan("")) == Rgb{0x00, 0x00, 0x04}));
  QVERIFY((scale_colour(ColourScale::diverging, 0.5) == Rgb{0xF4, 0xF5, 0xF7}));
  QVERIFY((scale_colour(ColourScale::diverging, 0.25) == Rgb{0x61, 0xA0, 0xE0}));
  // Halfway in OKLab between #114C8F and #61A0E0, which is not halfway in sRGB.
  const Rgb between = scale_colour(ColourScale::diverging, 0.125);
  QVERIFY(std::abs(between[0] - 0x3B) < 8 && std::abs(between[1] - 0x75) < 4 && std::abs(between[2] - 0xB7) < 4);
  const auto light = [](Rgb c) { return 2 * c[0] + 5 * c[1] + c[2]; };
  for (const ColourScale scale : {ColourScale::viridis, ColourScale::magma}) {
    for (int i = 1; i < 256; ++i) QVERIFY(light(scale_colour(scale, i / 255.0)) >= light(scale_colour(scale, (i - 1) / 255.0)) - 8);
  }
  const std::vector<float> values = {0, 1, 2, 3};
  QVERIFY(map_png(values, 2, 2, 0, 3, ColourScale::magma).has_value());
  QVERIFY(map_png(values, 2, 2, 1, 1, ColourScale::magma).has_value());  // a map that is the same everywhere
  QVERIFY(!map_png(values, 3, 2, 0, 3, ColourScale::magma).has_value());
}

void FigureTest::AFigureOfAnAnswerSaysWhatItShows() {
  nlohmann::json result = {{"checkpoint", {{"path", "/runs/x/checkpoints/pretrain-last.safetensors"}, {"stage", "pretrain"}, {"step", 120}, {"model", "mae_vit_ti"}, {"run", "abc123"}}},
                           {"data", {{"name", "demo"}, {"split", "test"}, {"classes", {"<cat>", "dog"}}}},
                           {"seed", 7},
                           {"notes", {"the picture was resized"}},
                           {"grid", {2, 2}},
                           {"attack", nullptr},
                           {"uses_ground_truth_statistics", true},
                           {"mask", {{"kind", "random"}, {"ratio", 0.5}, {"seed", 3}}}};
  result["images"] = {{{"index", 4}, {"label", 0}, {"masked", 2}, {"error_masked", 0.25}, {"error_visible", nullptr}, {"psnr_masked", 6.02}, {"ssim_masked", 0.5}, {"attack_gain", nullptr}}};
  NamedArrays arrays;
  const auto put = [&](const char* name, std::vector<std::int64_t> shape, float value) {
    std::int64_t count = 1;
    for (const std::int64_t dim : shape) count *= dim;
    arrays[name] = Array::of<float>(Dtype::f32, std::move(shape), std::vector<float>(static_cast<std::size_t>(count), value));
  };
  put("clean", {1, 3, 4, 4}, 0.5F);
  put("adversarial", {1, 3, 4, 4}, 0.5F);
  put("reconstruction", {1, 3, 4, 4}, 1.0F);
  put("mask", {1, 4}, 1.0F);
  QVERIFY_FAILS(reconstruction_figure(result, arrays), ErrorCode::defect, "error");
  put("error", {1, 4, 4}, 0.25F);
  const auto figure = reconstruction_figure(result, arrays);
  QVERIFY_OK(figure);
  const auto texts = texts_of(write_svg(*figure), "text");
  QVERIFY(texts.has_value());
  const QString all = texts->join(QLatin1Char('\n'));
  for (const char* part : {"clean", "encoder input", "reconstruction", "error", "0.5", "root of the squared error", "label <cat>", "run abc123", "step 120",
                           "Image 4", "Seed 7", "ratio 0.5, seed 3", "the picture was resized", "true patch", "50.0 %"}) {
    QVERIFY2(all.contains(QString::fromUtf8(part)), part);
  }
  QCOMPARE(texts_of(write_svg(*figure), "image")->size(), 5);  // four pictures and the scale
  QVERIFY(write_svg(*figure) == write_svg(*reconstruction_figure(result, arrays)));
  // Nothing is painted outside the page.
  for (const Shape& shape : figure->shapes) {
    if (const auto* picture = std::get_if<Picture>(&shape)) QVERIFY(picture->box.right() <= figure->width && picture->box.bottom() <= figure->height);
    if (const auto* text = std::get_if<Text>(&shape)) QVERIFY(text->at.x < figure->width && text->at.y <= figure->height);
  }
}

QTEST_APPLESS_MAIN(FigureTest)
#include "figure_test.moc"
