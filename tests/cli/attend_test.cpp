// Attention of the reference model through the command: the maps that `mimir attend` writes against the numbers of an
// independent implementation in double. MIMIR_REFERENCE_DIR names the folder that has attacks/attention.safetensors.
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/store/safetensors.h"

using namespace mimir;

namespace {

double value_at(const Array& array, std::size_t i) {
  switch (array.dtype) {
    case Dtype::f64: return array.as<double>()[i];
    case Dtype::i64: return static_cast<double>(array.as<std::int64_t>()[i]);
    default: return array.as<float>()[i];
  }
}

/// An array of the reference and what the command calls it.
struct Pair {
  const char* reference;
  const char* written;
};

}  // namespace

class AttendTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void TheCommandsMapsAreThoseOfTheReference() {
    const std::filesystem::path folder = std::filesystem::path(qEnvironmentVariable("MIMIR_REFERENCE_DIR").toStdString()) / "attacks";
    const auto attention = read_safetensors(folder / "attention.safetensors"), toy = read_safetensors(folder / "toy_classifier.safetensors"),
               batch = read_safetensors(folder / "toy_batch.safetensors");
    if (!attention || !toy || !batch) QSKIP("attention, toy_classifier and toy_batch are not all in MIMIR_REFERENCE_DIR/attacks");

    const QTemporaryDir home;
    const auto path = [&](const char* name) { return (home.path() + QLatin1Char('/') + QLatin1String(name)).toStdString(); };
    Safetensors weights;
    for (const auto& [name, array] : toy->arrays) {
      if (name.starts_with("param.")) weights.arrays[name.substr(6)] = array;
    }
    QVERIFY(write_safetensors(path("weights.safetensors"), weights).has_value());
    Safetensors data;
    data.arrays["images"] = *batch->find("in.images");
    data.arrays["labels"] = *batch->find("in.labels");
    QVERIFY(write_safetensors(path("data.safetensors"), data).has_value());

    const auto config = nlohmann::json::parse(toy->metadata.at("config"));
    const auto number = [&](const char* key) { return QString::fromStdString(config.at(key).dump()); };
    const QString model = QStringLiteral("vit,img_size=%1,patch_size=%2,embed_dim=%3,depth=%4,num_heads=%5,mlp_ratio=%6,num_classes=%7")
                              .arg(number("img_size"), number("patch"), number("dim"), number("depth"), number("heads"), number("mlp_ratio"))
                              .arg(config.at("classes").size());
    const auto tolerances = nlohmann::json::parse(attention->metadata.at("tolerance"));
    const Array& index = *attention->find("in.index");

    for (std::size_t row = 0; row < index.as<std::int64_t>().size(); ++row) {
      for (const char* fusion : {"mean", "max", "min"}) {
        QProcess process;
        process.start(QStringLiteral(MIMIR_PROGRAM_PATH),
                      {QStringLiteral("attend"), QString::fromStdString(path("weights.safetensors")), QStringLiteral("--model"), model, QStringLiteral("--data"),
                       QString::fromStdString(path("data.safetensors")), QStringLiteral("--image"), QString::number(index.as<std::int64_t>()[row]),
                       QStringLiteral("--rollout"), QLatin1String(fusion), QStringLiteral("--output"), QString::fromStdString(path("out")), QStringLiteral("--quiet")});
        QVERIFY(process.waitForFinished(60'000));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError());
        const auto written = read_safetensors(path("out/attention.safetensors"));
        QVERIFY(written.has_value());
        const std::string rollout = std::string("out.gap.rollout_") + fusion + "_0";
        for (const Pair pair : {Pair{"out.attention", "attention"}, Pair{"out.gap.logits", "logits"}, Pair{"out.gap.raw", "raw_map"}, Pair{rollout.c_str(), "rollout_map"},
                                Pair{"out.gap.grad_rollout", "gradient_rollout_map"}, Pair{"out.gap.chefer", "relevance_map"}, Pair{"out.head_entropy", "entropy"}}) {
          const Array *expected = attention->find(pair.reference), *found = written->find(pair.written);
          QVERIFY2(expected && found, pair.written);
          const auto count = static_cast<std::size_t>(found->elements());
          // The reference has [image, layer, …], the raw map too; an image's part has as many elements as what was written.
          QCOMPARE(static_cast<std::size_t>(expected->elements()), count * index.as<std::int64_t>().size());
          const auto& tolerance = tolerances.at(pair.reference);
          const double absolute = tolerance.at("atol"), relative = tolerance.value("rtol", 0.0);
          for (std::size_t i = 0; i < count; ++i) {
            const double wanted = value_at(*expected, row * count + i), got = value_at(*found, i);
            QVERIFY2(std::abs(got - wanted) <= absolute + relative * std::abs(wanted),
                     qPrintable(QStringLiteral("%1 of image %2, element %3: %4 for %5").arg(QLatin1String(pair.written)).arg(row).arg(i).arg(got).arg(wanted)));
          }
        }
      }
    }
  }
};

QTEST_GUILESS_MAIN(AttendTest)
#include "attend_test.moc"
