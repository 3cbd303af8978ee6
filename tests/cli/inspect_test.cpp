#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/store/media.h"
#include "tests/support/frame_mutations.h"
#include "tests/support/tiny_model.h"

using namespace mimir;

// attack, attend, reconstruct and serve as their users meet them, on a run that is trained once.

namespace {

struct Ended {
  int code = -1;
  QByteArray out, err;
  const QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

const char* kRecipe = R"(
[data]
name = "demo"
train_images = 60
test_images = 40
[pretrain]
epochs = 1
batch_size = 30
probe_images = 4
[finetune]
epochs = 1
batch_size = 30
validation_images = 0
[finetune.attack]
num_steps = 1
)";

Ended run_mimir(const QStringList& arguments) {
  QProcess process;
  process.start(QStringLiteral(MIMIR_PROGRAM_PATH), arguments);
  process.waitForFinished(120'000);
  return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(), process.readAllStandardError()};
}

QStringList words(const QString& line) { return line.split(QLatin1Char(' '), Qt::SkipEmptyParts); }

QByteArray content(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double worst = a.size() == b.size() ? 0 : 1e9;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) worst = std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]));
  return worst;
}

/// A worker with its stdin and stdout.
class Worker {
 public:
  explicit Worker(const QStringList& arguments) {
    process_.start(QStringLiteral(MIMIR_PROGRAM_PATH), QStringList{QStringLiteral("serve")} + arguments);
    process_.waitForStarted();
  }
  ~Worker() {
    process_.closeWriteChannel();
    if (!process_.waitForFinished(60'000)) process_.kill();
  }
  void send(const WorkerRequest& request) { raw(encode_frame(request)); }
  void raw(const std::vector<std::byte>& bytes) {
    process_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<qint64>(bytes.size()));
    process_.waitForBytesWritten();
  }
  /// The next answer; throws if the worker ends or speaks no frames.
  WorkerAnswer next() {
    while (true) {
      const auto document = reader_.next().value();
      if (document) return decode_answer(*document).value();
      if (!process_.waitForReadyRead(60'000)) throw std::runtime_error("the worker says nothing more");
      const QByteArray bytes = process_.readAllStandardOutput();
      reader_.append(std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size()))));
    }
  }
  /// The ending part of a request; the others go to `parts`.
  WorkerAnswer ending(std::int64_t id, std::vector<WorkerAnswer>* parts = nullptr) {
    while (true) {
      WorkerAnswer answer = next();
      if (answer.part == AnswerPart::hello) continue;
      if (answer.id == id && answer.ends()) return answer;
      if (parts) parts->push_back(answer);
    }
  }
  int end() {
    process_.closeWriteChannel();
    process_.waitForFinished(60'000);
    return process_.exitStatus() == QProcess::NormalExit ? process_.exitCode() : -1;
  }

 private:
  QProcess process_;
  FrameReader reader_;
};

}  // namespace

class InspectTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase();
  void AnAttackIsWrittenAndComesBackBitForBit();
  void AStepOfThePathIsThatIterate();
  void ABranchsStepIsThatIterate();
  void TheCommandItPrintsMakesTheSameFiles();
  void AttentionAttacksAsTheAttackDoes();
  void AnAttackTellsOfRadiiBranchAndTransfer();
  void AttentionSumsToOneAndIsDrawn();
  void AReconstructionsNumbersAreThoseOfItsArrays();
  void ARunInItsFirstEpochsIsLookedAt();
  void WhatCannotBeLookedAtIsOneSentence_data();
  void WhatCannotBeLookedAtIsOneSentence();
  void APictureOfOnesOwnIsTakenAndSaid();
  void AnImageOutsideOfTheBallIsSaid();
  void TheWorkerAnswersAsTheCommandDoes();
  void TheWorkerListsCheckpointsAndImages();
  void TheWorkerTakesPicturesAndMasksAsTensors();
  void ACancelEndsTheRequestAndTheNextIsAnswered();
  void DamagedFramesAreAnsweredAndTheWorkerGoesOn();
  void AStreamThatCannotBeReadOnEndsWithThree();

 private:
  QString at(const char* name) const { return folder_.filePath(QString::fromUtf8(name)); }
  QString checkpoint(const char* name) const { return run_ + QStringLiteral("/checkpoints/") + QString::fromUtf8(name) + QStringLiteral(".safetensors"); }
  QStringList workspace() const { return {QStringLiteral("--workspace"), at("workspace")}; }
  Ended inspect(const QString& line) const { return run_mimir(words(line) + workspace()); }
  WorkerRequest request(std::int64_t id, const char* kind, nlohmann::json options) const {
    if (!options.contains("run")) options["run"] = "tiny";
    return {id, kind, std::move(options), {}};
  }

  QTemporaryDir folder_;
  QString run_;
};

void InspectTest::initTestCase() {
  QFile recipe(at("tiny.toml"));
  QVERIFY(recipe.open(QIODevice::WriteOnly));
  recipe.write(QByteArray(kRecipe) + test::kTinyModel);
  recipe.close();
  const Ended trained = run_mimir(QStringList{QStringLiteral("train"), recipe.fileName(), QStringLiteral("--name"), QStringLiteral("tiny"), QStringLiteral("--json")} + workspace());
  QVERIFY2(trained.code == 0, trained.err);
  for (const QByteArray& line : trained.out.split('\n')) {
    const QJsonObject event = QJsonDocument::fromJson(line).object();
    if (event[QStringLiteral("event")] == QStringLiteral("run")) run_ = event[QStringLiteral("path")].toString();
  }
  QVERIFY(QFile::exists(checkpoint("finetune-last")) && QFile::exists(checkpoint("pretrain-last")));
}

void InspectTest::AnAttackIsWrittenAndComesBackBitForBit() {
  const Ended ended = inspect(QStringLiteral("attack tiny --image 3,7 --attack pgd --epsilon 8/255 --set num_steps=4 --set restarts=2 --trajectory --json --output ") + at("a"));
  QVERIFY2(ended.code == 0, ended.err);
  const auto file = read_safetensors(at("a/attack.safetensors").toStdString());
  QVERIFY(file.has_value());
  const Array &clean = *file->find("clean"), &adversarial = *file->find("adversarial"), &loss = *file->find("loss");
  QCOMPARE(adversarial.shape, (std::vector<std::int64_t>{2, 3, 32, 32}));
  QCOMPARE(loss.shape, (std::vector<std::int64_t>{2, 5}));
  QCOMPARE(file->find("path")->shape, (std::vector<std::int64_t>{2, 5, 2, 3, 32, 32}));
  QCOMPARE(file->find("label")->shape, (std::vector<std::int64_t>{2}));
  const double linf = largest_difference(clean.as<float>(), adversarial.as<float>());
  QVERIFY(linf <= 8.0 / 255 + 1e-6 && linf > 0.01);
  for (const float value : adversarial.as<float>()) QVERIFY(value >= 0 && value <= 1);

  // The printed predictions are those of the file, asked for anew.
  Safetensors set;
  set.arrays = {{"images", adversarial}, {"labels", *file->find("label")}};
  QVERIFY(write_safetensors(at("adversarial.safetensors").toStdString(), set).has_value());
  const QJsonObject again = inspect(QStringLiteral("attend tiny --json --image 1 --data ") + at("adversarial.safetensors")).json();
  const QJsonObject second = ended.json()[QLatin1String("images")][1].toObject();
  QCOMPARE(again[QLatin1String("images")][0][QLatin1String("prediction")], second[QLatin1String("adversarial_prediction")]);
  for (const char* key : {"index", "label", "prediction", "adversarial_prediction", "linf", "l2", "picture", "success", "first_flip", "top", "restart"}) {
    QVERIFY2(second.contains(QLatin1String(key)), key);
  }
  QCOMPARE(second[QLatin1String("index")].toInt(), 7);
  QVERIFY(second[QLatin1String("linf_after_rounding")].toDouble() <= 8.0 / 255 + 1e-6);

  // The PNG, read back as a picture of one's own, is answered as was said.
  const QString picture = at("a/") + second[QLatin1String("picture")].toString();
  const QJsonObject read = inspect(QStringLiteral("attend tiny --json --image ") + picture).json();
  QCOMPARE(read[QLatin1String("images")][0][QLatin1String("prediction")], second[QLatin1String("prediction_after_rounding")]);
  QVERIFY(read[QLatin1String("notes")].toArray().isEmpty());

  const QByteArray figure = content(at("a/attack.svg"));
  for (const char* part : {"<svg", "data:image/png;base64,", "perturbation", "31.9", "Seed 0", "epsilon 8/255", "4 steps", "vit_ti"}) QVERIFY2(figure.contains(part), part);
  QCOMPARE(QJsonDocument::fromJson(content(at("a/attack.json"))).object(), ended.json());
}

void InspectTest::AStepOfThePathIsThatIterate() {
  const QString attack = QStringLiteral("attack tiny --image 3,7 --attack pgd --set num_steps=5 --set step_size=2/255 --set restarts=2 --json --output ");
  QCOMPARE(inspect(attack + at("whole") + QStringLiteral(" --trajectory")).code, 0);
  const Ended ended = inspect(attack + at("step") + QStringLiteral(" --step 2"));
  QVERIFY2(ended.code == 0, ended.err);
  const auto whole = read_safetensors(at("whole/attack.safetensors").toStdString()), file = read_safetensors(at("step/attack.safetensors").toStdString());
  QVERIFY(whole.has_value() && file.has_value());
  const auto path = whole->find("path")->as<float>(), clean = file->find("clean")->as<float>(), adversarial = file->find("adversarial")->as<float>();
  QVERIFY(file->find("loss")->bytes == whole->find("loss")->bytes);  // of the whole path
  constexpr std::size_t kPixels = 3 * 32 * 32;
  for (std::size_t n = 0; n < 2; ++n) {
    const auto restart = static_cast<std::size_t>(whole->find("restart")->as<std::int64_t>()[n]);
    QVERIFY(largest_difference(adversarial.subspan(n * kPixels, kPixels), path.subspan(((restart * 6 + 2) * 2 + n) * kPixels, kPixels)) == 0);
  }
  QVERIFY(largest_difference(clean, adversarial) <= 8.0 / 255 + 1e-6);
  for (const float value : adversarial) QVERIFY(value >= 0 && value <= 1);
  QVERIFY(content(at("step/attack.svg")).contains("Shown: step 2 of 5") && content(at("step/attack.svg")).contains("5 steps of 2/255"));
  QVERIFY(content(at("step/attack.svg")).contains("adversarial, step 2"));

  // The picture and the array, read back, are answered as was printed.
  const QJsonObject second = ended.json()[QLatin1String("images")][1].toObject();
  const QString png = at("step/") + second[QLatin1String("picture")].toString();
  const QJsonObject picture = inspect(QStringLiteral("attend tiny --json --image %1 --output %2").arg(png, at("read"))).json();
  QCOMPARE(picture[QLatin1String("images")][0][QLatin1String("prediction")], second[QLatin1String("prediction_after_rounding")]);
  const auto read = read_safetensors(at("read/attention.safetensors").toStdString());
  QVERIFY(read.has_value());
  const double furthest = largest_difference(read->find("clean")->as<float>(), clean.subspan(kPixels, kPixels));
  QVERIFY(furthest <= 8.0 / 255 + 1e-6 && furthest > 1.0 / 255);
  Safetensors set;
  set.arrays = {{"images", *file->find("adversarial")}, {"labels", *file->find("label")}};
  QVERIFY(write_safetensors(at("step.safetensors").toStdString(), set).has_value());
  const QJsonObject again = inspect(QStringLiteral("attend tiny --json --image 1 --data ") + at("step.safetensors")).json();
  QCOMPARE(again[QLatin1String("images")][0][QLatin1String("prediction")], second[QLatin1String("adversarial_prediction")]);

  const QJsonObject other = inspect(attack + at("restart") + QStringLiteral(" --restart 0")).json();
  QCOMPARE(other[QLatin1String("shown")][QLatin1String("step")].toInt(), 5);
  const auto first = read_safetensors(at("restart/attack.safetensors").toStdString());
  QVERIFY(largest_difference(first->find("adversarial")->as<float>(), path.subspan(5 * 2 * kPixels, 2 * kPixels)) == 0);
}

void InspectTest::ABranchsStepIsThatIterate() {
  const QString attack = QStringLiteral("attack tiny --image 3 --attack pgd-3 --branch-step 1 --branch-steps 4 --branch-objective margin --json --output ") + at("branch");
  for (const auto& [step, array, place] : {std::tuple{1, "path", 1}, std::tuple{2, "branch_path", 1}, std::tuple{5, "branch_path", 4}}) {
    const Ended ended = inspect(attack + QStringLiteral(" --trajectory --step %1").arg(step));
    QVERIFY2(ended.code == 0, ended.err);
    const auto file = read_safetensors(at("branch/attack.safetensors").toStdString());
    QVERIFY(largest_difference(file->find("adversarial")->as<float>(), file->find(array)->as<float>().subspan(static_cast<std::size_t>(place) * 3072, 3072)) == 0);
    const QByteArray figure = content(at("branch/attack.svg"));
    QVERIFY(figure.contains(QStringLiteral("Shown: step %1 of 5").arg(step).toUtf8()));
    QCOMPARE(figure.contains("on the branch from step 1: objective margin, 4 steps"), step > 1);
  }
}

void InspectTest::AttentionAttacksAsTheAttackDoes() {
  const QString options = QStringLiteral(" tiny --image 4 --attack pgd-3 --objective dlr --target least-likely --seed 2 --json --output ");
  const Ended attack = inspect(QStringLiteral("attack") + options + at("goal")), attend = inspect(QStringLiteral("attend") + options + at("goal"));
  QVERIFY2(attack.code == 0 && attend.code == 0, attack.err + attend.err);
  const auto crafted = read_safetensors(at("goal/attack.safetensors").toStdString()), seen = read_safetensors(at("goal/attention.safetensors").toStdString());
  QVERIFY(crafted->find("adversarial")->bytes == seen->find("adversarial")->bytes);
  for (const char* key : {"target", "success", "adversarial_prediction", "linf"}) {
    QCOMPARE(attend.json()[QLatin1String("images")][0][QLatin1String(key)], attack.json()[QLatin1String("images")][0][QLatin1String(key)]);
  }
  QCOMPARE(attend.json()[QLatin1String("attack")][QLatin1String("objective")].toString(), QStringLiteral("dlr"));
  QVERIFY(content(at("goal/attend.svg")).contains("objective dlr, target least-likely"));
  const Ended plain = inspect(QStringLiteral("attend tiny --image 4 --attack pgd-3 --seed 2 --quiet --output ") + at("plain"));
  QVERIFY2(plain.code == 0, plain.err);
  QVERIFY(read_safetensors(at("plain/attention.safetensors").toStdString())->find("adversarial")->bytes != seen->find("adversarial")->bytes);
}

void InspectTest::TheCommandItPrintsMakesTheSameFiles() {
  for (const QString& line : {QStringLiteral("attack tiny --image 1,2 --attack pgd-3 --norm l2 --epsilon 0.5 --objective dlr --seed 5 --output "),
                              QStringLiteral("attack tiny --image 3,7 --attack pgd-4 --set restarts=2 --step 2 --restart 1 --transfer tiny --output "),
                              QStringLiteral("attack tiny --image 3 --attack pgd-3 --branch-step 1 --branch-steps 3 --step 3 --output "),
                              QStringLiteral("attend tiny --image 4 --attack pgd-2 --objective ce --target least-likely --rollout max --discard 0.5 --class 1 --faithfulness relevance --output "),
                              QStringLiteral("reconstruct tiny --image 4 --mask-ratio 0.5 --mask-kind block --attack pgd-2 --output ")}) {
    const QString kind = words(line).first(), folder = at("again ") + kind;  // a space must come through the shell
    const Ended first = run_mimir(words(line) + QStringList{folder} + workspace() + QStringList{QStringLiteral("--json")});
    QVERIFY2(first.code == 0, first.err);
    const QString name = kind == QLatin1String("attend") ? QStringLiteral("attention") : kind == QLatin1String("attack") ? kind : QStringLiteral("reconstruction");
    QMap<QString, QByteArray> before;
    for (const QString& file : {name + QStringLiteral(".safetensors"), kind + QStringLiteral(".svg"), kind + QStringLiteral(".json")}) {
      before[file] = content(folder + QLatin1Char('/') + file);
      QVERIFY2(!before[file].isEmpty(), qPrintable(file));
      QVERIFY(QFile::remove(folder + QLatin1Char('/') + file));
    }
    const QString command = first.json()[QLatin1String("command")].toString();
    QVERIFY(command.startsWith(QLatin1String("mimir ") + kind));
    QProcess shell;
    shell.start(QStringLiteral("sh"), {QStringLiteral("-c"), QStringLiteral(MIMIR_PROGRAM_PATH) + command.mid(5)});
    QVERIFY(shell.waitForFinished(60'000));
    QVERIFY2(shell.exitCode() == 0, shell.readAllStandardError());
    for (auto file = before.begin(); file != before.end(); ++file) QVERIFY2(content(folder + QLatin1Char('/') + file.key()) == file.value(), qPrintable(command));
  }
}

void InspectTest::AnAttackTellsOfRadiiBranchAndTransfer() {
  const Ended ended = inspect(QStringLiteral("attack tiny --image 5 --attack pgd-3 --epsilon 4/255 --smallest-epsilon --up-to 64/255 --sweep 1/255,4/255 --branch-step 1 "
                                             "--branch-objective dlr --branch-steps 2 --target least-likely --transfer %1 --json --output %2")
                                  .arg(checkpoint("finetune-last"), at("full")));
  QVERIFY2(ended.code == 0, ended.err);
  const auto file = read_safetensors(at("full/attack.safetensors").toStdString());
  QVERIFY(file.has_value());
  const auto shape = [&](const char* name) { return file->find(name) ? file->find(name)->shape : std::vector<std::int64_t>{-1}; };
  QCOMPARE(shape("sweep_adversarial"), (std::vector<std::int64_t>{2, 1, 3, 32, 32}));
  QCOMPARE(shape("sweep_epsilon"), (std::vector<std::int64_t>{2}));
  QCOMPARE(shape("branch_path"), (std::vector<std::int64_t>{3, 1, 3, 32, 32}));
  QCOMPARE(shape("branch_loss"), (std::vector<std::int64_t>{1, 3}));
  QCOMPARE(shape("smallest_adversarial"), (std::vector<std::int64_t>{1, 3, 32, 32}));
  const auto clean = file->find("clean")->as<float>();
  const auto sweep = file->find("sweep_adversarial")->as<float>();
  QVERIFY(largest_difference(clean, sweep.first(3072)) <= 1.0 / 255 + 1e-6);
  QVERIFY(largest_difference(sweep.last(3072), file->find("adversarial")->as<float>()) == 0);  // at the attack's own radius
  QVERIFY(largest_difference(clean, file->find("branch_adversarial")->as<float>()) <= 4.0 / 255 + 1e-6);
  // Shown to itself, the images are answered as before.
  QVERIFY(file->find("transfer_adversarial_logits")->bytes == file->find("adversarial_logits")->bytes);
  const QJsonObject image = ended.json()[QLatin1String("images")][0].toObject();
  QCOMPARE(image[QLatin1String("transfer_adversarial_prediction")], image[QLatin1String("adversarial_prediction")]);
  QVERIFY(image[QLatin1String("tried")].toArray().size() >= 1);
  if (!image[QLatin1String("smallest_epsilon")].isNull()) {
    QVERIFY(largest_difference(clean, file->find("smallest_adversarial")->as<float>()) <= image[QLatin1String("smallest_epsilon")].toDouble() + 1e-6);
  }
  QCOMPARE(ended.json()[QLatin1String("branch")][QLatin1String("step")].toInt(), 1);
}

void InspectTest::AttentionSumsToOneAndIsDrawn() {
  const Ended ended = inspect(QStringLiteral("attend tiny --image 6 --attack fgsm --json --output ") + at("attention"));
  QVERIFY2(ended.code == 0, ended.err);
  const auto file = read_safetensors(at("attention/attention.safetensors").toStdString());
  QVERIFY(file.has_value());
  for (const char* name : {"attention", "adversarial_attention"}) {
    const Array* attention = file->find(name);
    QVERIFY(attention);
    QCOMPARE(attention->shape, (std::vector<std::int64_t>{2, 2, 65, 65}));
    const auto values = attention->as<float>();
    for (std::size_t row = 0; row < values.size(); row += 65) {
      double sum = 0;
      for (const float value : values.subspan(row, 65)) sum += value;
      QVERIFY(std::abs(sum - 1) < 1e-5);
    }
  }
  for (const char* name : {"rollout_map", "gradient_rollout_map", "relevance_map", "adversarial_relevance_map"}) {
    QVERIFY2(file->find(name) && file->find(name)->shape == std::vector<std::int64_t>{64}, name);
  }
  QCOMPARE(file->find("rollout")->shape, (std::vector<std::int64_t>{65, 65}));
  QCOMPARE(file->find("distance")->shape, (std::vector<std::int64_t>{2, 2}));
  QCOMPARE(file->find("cka")->shape, (std::vector<std::int64_t>{2}));
  const QJsonObject json = ended.json();
  QCOMPARE(json[QLatin1String("readout")].toString(), QStringLiteral("mean"));
  QCOMPARE(json[QLatin1String("layers")].toArray().size(), 2);
  QCOMPARE(json[QLatin1String("layers")][1][QLatin1String("prediction")], json[QLatin1String("images")][0][QLatin1String("prediction")]);
  const QByteArray figure = content(at("attention/attend.svg"));
  for (const char* part : {"layer 2", "relevance", "one scale", "what each layer would answer", "total variation"}) QVERIFY2(figure.contains(part), part);

  const Ended encoder = inspect(QStringLiteral("attend %1 --json --image 6").arg(checkpoint("pretrain-last")));
  QVERIFY2(encoder.code == 0, encoder.err);
  QCOMPARE(encoder.json()[QLatin1String("class_dependent")], QJsonValue(false));
}

void InspectTest::AReconstructionsNumbersAreThoseOfItsArrays() {
  const Ended ended = inspect(QStringLiteral("reconstruct tiny --image 2,9 --mask 0,1,2,10,63 --json --output ") + at("r"));
  QVERIFY2(ended.code == 0, ended.err);
  const auto file = read_safetensors(at("r/reconstruction.safetensors").toStdString());
  QVERIFY(file.has_value());
  const auto clean = file->find("clean")->as<float>(), made = file->find("reconstruction")->as<float>(), mask = file->find("mask")->as<float>();
  QCOMPARE(file->find("mask")->shape, (std::vector<std::int64_t>{2, 64}));
  QVERIFY(file->find("adversarial")->bytes == file->find("clean")->bytes);
  double masked = 0, visible = 0;
  for (std::size_t i = 0; i < 3 * 32 * 32; ++i) {  // of the second image
    const std::size_t pixel = i % 1024, patch = pixel / 32 / 4 * 8 + pixel % 32 / 4;
    const double squared = std::pow(static_cast<double>(made[3072 + i]) - clean[3072 + i], 2);
    QCOMPARE(mask[64 + patch] == 1, (patch < 3 || patch == 10 || patch == 63));
    (mask[64 + patch] == 1 ? masked : visible) += squared;
  }
  const QJsonObject image = ended.json()[QLatin1String("images")][1].toObject();
  QCOMPARE(image[QLatin1String("masked")].toInt(), 5);
  QVERIFY(std::abs(image[QLatin1String("error_masked")].toDouble() - masked / (5 * 48)) < 1e-5 * (1 + masked));
  QVERIFY(std::abs(image[QLatin1String("error_visible")].toDouble() - visible / (59 * 48)) < 1e-5 * (1 + visible));
  QVERIFY(std::abs(image[QLatin1String("psnr")].toDouble() + 10 * std::log10((masked + visible) / 3072)) < 1e-4);
  for (const char* key : {"ssim", "psnr_masked", "ssim_masked"}) QVERIFY2(image[QLatin1String(key)].isDouble(), key);
  QCOMPARE(ended.json()[QLatin1String("uses_ground_truth_statistics")], QJsonValue(true));
  const QByteArray figure = content(at("r/reconstruct.svg"));
  for (const char* part : {"encoder input", "visible patches pasted", "mean and variance of each true patch", "squared error"}) QVERIFY2(figure.contains(part), part);
}

void InspectTest::ARunInItsFirstEpochsIsLookedAt() {
  const QString young = at("workspace/runs/2026-01-01-young-bbbbbb");
  QVERIFY(QDir().mkpath(young + QStringLiteral("/checkpoints")));
  QVERIFY(QFile::copy(run_ + QStringLiteral("/recipe.toml"), young + QStringLiteral("/recipe.toml")));
  const auto copy = [&](const char* name, const char* as, int age) {
    QFile file(young + QStringLiteral("/checkpoints/") + QString::fromUtf8(as));
    return QFile::copy(checkpoint(name), file.fileName()) && file.open(QIODevice::ReadWrite) &&
           file.setFileTime(QDateTime::currentDateTime().addSecs(-age), QFileDevice::FileModificationTime);
  };
  const auto taken = [&](const char* command) {
    const Ended ended = inspect(QStringLiteral("%1 young --json --image 1").arg(QLatin1String(command)));
    return ended.code == 0 ? QFileInfo(ended.json()[QLatin1String("checkpoint")][QLatin1String("path")].toString()).fileName() : QString::fromUtf8(ended.err);
  };
  QVERIFY(copy("pretrain-last", "pretrain-9.safetensors", 20) && copy("pretrain-last", "pretrain-10.safetensors", 10) && copy("pretrain-last", "pretrain-11.safetensors.part", 0));
  QCOMPARE(taken("attend"), QStringLiteral("pretrain-10.safetensors"));
  QVERIFY(copy("finetune-last", "finetune-3.safetensors", 5));
  QCOMPARE(taken("attend"), QStringLiteral("finetune-3.safetensors"));
  QCOMPARE(taken("reconstruct"), QStringLiteral("pretrain-10.safetensors"));
  QCOMPARE(inspect(QStringLiteral("evaluate young --images 4 --attacks natural --json")).code, 0);
}

void InspectTest::WhatCannotBeLookedAtIsOneSentence_data() {
  QTest::addColumn<QString>("line");
  QTest::addColumn<int>("code");
  QTest::addColumn<QByteArray>("part");
  const auto row = [](const char* name, const QString& line, int code, const char* part) { QTest::newRow(name) << line << code << QByteArray(part); };
  row("pre-training checkpoint in attack", QStringLiteral("attack %pretrain --image 1"), 4, "fine-tuned checkpoint");
  row("fine-tuned checkpoint in reconstruct", QStringLiteral("reconstruct %finetune --image 1"), 4, "no decoder");
  row("run without a checkpoint", QStringLiteral("attend empty --image 1"), 3, "has no checkpoint yet");
  row("run that is not there", QStringLiteral("attend nothing --image 1"), 3, "there is no run");
  row("checkpoint that is not there", QStringLiteral("attend ./none.safetensors"), 3, "none.safetensors");
  row("damaged checkpoint", QStringLiteral("attend %damaged"), 3, "damaged.safetensors");
  row("image outside the set", QStringLiteral("attack tiny --image 99999"), 3, "99999");
  row("image that is no picture", QStringLiteral("attack tiny --image %recipe"), 3, "neither a JPEG nor a PNG");
  row("picture that breaks off", QStringLiteral("attack tiny --image %broken"), 3, "broken.png");
  row("picture that is not there", QStringLiteral("attack tiny --image ./none.png"), 3, "none.png");
  row("unknown attack", QStringLiteral("attack tiny --attack pdg"), 2, "\"pgd\"");
  row("epsilon of eight", QStringLiteral("attack tiny --epsilon 8"), 2, "8/255");
  row("parameter of another attack", QStringLiteral("attack tiny --attack fgsm --set num_steps=3"), 2, "num_steps");
  row("unknown class", QStringLiteral("attack tiny --target zebra"), 2, "zebra");
  row("unknown class in attend", QStringLiteral("attend tiny --attack fgsm --target zebra"), 2, "zebra");
  row("objective without a targeted form", QStringLiteral("attend tiny --attack fgsm --objective margin --target 1"), 2, "ce or dlr");
  row("bound of an attack that leaves the ball", QStringLiteral("attack tiny --attack n-fgsm --smallest-epsilon"), 2, "no bound");
  row("measure by an attack that leaves the ball", QStringLiteral("evaluate tiny --attacks natural,n-fgsm"), 2, "no measure of robustness");
  row("target of no attack", QStringLiteral("attend tiny --target 1"), 2, "--attack");
  row("step behind the path", QStringLiteral("attack tiny --attack fgsm --step 2"), 2, "ends with step 1");
  row("restart that there is none of", QStringLiteral("attack tiny --attack pgd-2 --restart 1"), 2, "has 1");
  row("steps said twice", QStringLiteral("attack tiny --attack pgd-5 --set num_steps=3"), 2, "already");
  row("several images attended to", QStringLiteral("attend tiny --image 1,2"), 2, "one image");
  row("nothing masked, attacked", QStringLiteral("reconstruct tiny --mask-ratio 0 --attack fgsm"), 2, "nothing is masked");
  row("patch outside the image", QStringLiteral("reconstruct tiny --mask 64"), 2, "from 0 to 63");
  row("option misspelt", QStringLiteral("attack tiny --epsilom 8/255"), 2, "--epsilon");
  row("figure of another kind", QStringLiteral("attack tiny --figure f.png"), 2, ".svg");
  row("bf16", QStringLiteral("attack tiny --precision bf16"), 2, "fp32");
  row("weights without an architecture", QStringLiteral("attend %weights --image 1"), 3, "--model");
  row("weights of another architecture", QStringLiteral("attend %weights --model vit,embed_dim=64,depth=2,num_heads=2 --image 1"), 4, "architecture");
}

void InspectTest::WhatCannotBeLookedAtIsOneSentence() {
  QFETCH(QString, line);
  QFETCH(int, code);
  QFETCH(QByteArray, part);
  if (!QFile::exists(at("broken.png"))) {
    const std::vector<std::uint8_t> pixels(64 * 64 * 3, 90);
    QVERIFY(write_png(at("whole.png").toStdString(), 64, 64, 3, pixels).has_value());
    QFile broken(at("broken.png")), damaged(at("damaged.safetensors"));
    QVERIFY(broken.open(QIODevice::WriteOnly) && damaged.open(QIODevice::WriteOnly));
    broken.write(content(at("whole.png")).chopped(30));
    damaged.write(content(checkpoint("finetune-last")).chopped(100));
    // A run whose training has not come to a checkpoint, and weights as another program stores them.
    const QString empty = at("workspace/runs/2026-01-01-empty-aaaaaa");
    QVERIFY(QDir().mkpath(empty));
    QVERIFY(QFile::copy(run_ + QStringLiteral("/recipe.toml"), empty + QStringLiteral("/recipe.toml")));
    auto weights = read_safetensors(checkpoint("finetune-last").toStdString()).value();
    weights.metadata.clear();
    QVERIFY(write_safetensors(at("weights.safetensors").toStdString(), weights).has_value());
  }
  line.replace(QLatin1String("%pretrain"), checkpoint("pretrain-last")).replace(QLatin1String("%finetune"), checkpoint("finetune-last"))
      .replace(QLatin1String("%damaged"), at("damaged.safetensors")).replace(QLatin1String("%weights"), at("weights.safetensors"))
      .replace(QLatin1String("%recipe"), at("tiny.toml")).replace(QLatin1String("%broken"), at("broken.png"));
  const Ended ended = inspect(line);
  QVERIFY2(ended.code == code, ended.err + ended.out);
  QVERIFY2(ended.err.contains(part), ended.err);
  QVERIFY2(ended.err.count('\n') == 1, ended.err);
  QVERIFY2(ended.out.isEmpty(), ended.out);
}

void InspectTest::APictureOfOnesOwnIsTakenAndSaid() {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 50 * 40; ++i) pixels.insert(pixels.end(), {static_cast<std::uint8_t>(i), 40, 200, static_cast<std::uint8_t>(i % 2 ? 255 : 10)});
  QVERIFY(write_png(at("own.png").toStdString(), 50, 40, 4, pixels).has_value());
  const Ended ended = inspect(QStringLiteral("attack tiny --attack fgsm --json --image ") + at("own.png"));
  QVERIFY2(ended.code == 0, ended.err);
  const QJsonObject json = ended.json(), image = json[QLatin1String("images")][0].toObject();
  QVERIFY(image[QLatin1String("index")].isNull() && image[QLatin1String("label")].isNull());
  QCOMPARE(json[QLatin1String("notes")].toArray().size(), 2);
  QVERIFY(ended.err.contains("50 x 40") && ended.err.contains("over black"));
  QVERIFY(json[QLatin1String("data")].isNull());

  // Its classes have the names of what the model was trained on.
  const QJsonArray names = inspect(QStringLiteral("attack tiny --attack fgsm --json --image 3")).json()[QLatin1String("data")].toObject()[QLatin1String("classes")].toArray();
  QVERIFY(names.size() > 1);
  QCOMPARE(json[QLatin1String("checkpoint")].toObject()[QLatin1String("classes")].toArray(), names);
  const Ended aimed = inspect(QStringLiteral("attack tiny --attack fgsm --target ") + names.last().toString() + QStringLiteral(" --image ") + at("own.png"));
  QVERIFY2(aimed.code == 0, aimed.err);
  QVERIFY2(aimed.out.contains(names[image[QLatin1String("prediction")].toInt()].toString().toUtf8()) && !aimed.out.contains("class "), aimed.out);

  const std::vector<std::uint8_t> large(5000UL * 4000, 120);  // 20 megapixel, grey
  QVERIFY(write_png(at("large.png").toStdString(), 5000, 4000, 1, large).has_value());
  const Ended photo = inspect(QStringLiteral("reconstruct tiny --json --image ") + at("large.png"));
  QVERIFY2(photo.code == 0, photo.err);
  QVERIFY(photo.err.contains("5000 x 4000") && photo.err.contains("grey"));
}

void InspectTest::AnImageOutsideOfTheBallIsSaid() {
  for (const char* command : {"attack tiny", "attend tiny", "reconstruct tiny"}) {
    const auto said = [&](const char* attack) { return inspect(QLatin1String(command) + QStringLiteral(" --image 3 --quiet --attack ") + QLatin1String(attack)).err; };
    QVERIFY2(said("n-fgsm").contains("n-fgsm does not stay in the epsilon ball: 1 of 1"), said("n-fgsm"));
    QVERIFY2(!said("fgsm-rs").contains("ball"), said("fgsm-rs"));
  }
}

void InspectTest::TheWorkerAnswersAsTheCommandDoes() {
  const Ended command = inspect(QStringLiteral("attack tiny --image 8 --attack pgd-3 --sweep 2/255,6/255 --output ") + at("same"));
  QVERIFY2(command.code == 0, command.err);
  const auto file = read_safetensors(at("same/attack.safetensors").toStdString()).value();
  Worker worker(workspace());
  const WorkerAnswer hello = worker.next();
  QVERIFY(hello.part == AnswerPart::hello);
  QCOMPARE(hello.result["protocol"].get<int>(), 1);
  QVERIFY(hello.result["build"].is_string());
  worker.send(request(11, "attack", {{"image", "8"}, {"attack", "pgd-3"}, {"sweep", "2/255,6/255"}}));
  std::vector<WorkerAnswer> parts;
  const WorkerAnswer answer = worker.ending(11, &parts);
  QVERIFY2(answer.part == AnswerPart::final, answer.message.c_str());
  QCOMPARE(answer.arrays.size(), file.arrays.size());
  for (const auto& [name, array] : file.arrays) QVERIFY2(answer.arrays.at(name).bytes == array.bytes, name.c_str());
  const auto better = [](const WorkerAnswer& part) { return part.part == AnswerPart::better; };
  QCOMPARE(std::count_if(parts.begin(), parts.end(), better), std::ptrdiff_t{2});
  const auto first = std::find_if(parts.begin(), parts.end(), better);
  QCOMPARE(first->arrays.at("sweep_adversarial").shape, (std::vector<std::int64_t>{1, 3, 32, 32}));
  QVERIFY(std::any_of(parts.begin(), parts.end(), [](const WorkerAnswer& part) { return part.part == AnswerPart::progress && part.result["total"] > 0; }));
  QCOMPARE(worker.end(), 0);
}

void InspectTest::TheWorkerListsCheckpointsAndImages() {
  Worker worker(workspace());
  worker.send(request(1, "checkpoints", {}));
  const WorkerAnswer list = worker.ending(1);
  QVERIFY2(list.part == AnswerPart::final, list.message.c_str());
  QVERIFY(list.result["checkpoints"].size() >= 2);
  QCOMPARE(list.result["run"]["name"].get<std::string>(), std::string("tiny"));
  QVERIFY(QFile::exists(QString::fromStdString(list.result["checkpoints"][0]["path"].get<std::string>())));

  const auto images = [&](std::int64_t id, nlohmann::json options) {
    worker.send(request(id, "images", std::move(options)));
    return worker.ending(id);
  };
  const WorkerAnswer page = images(2, {{"offset", 4}, {"count", 3}});
  QVERIFY2(page.part == AnswerPart::final, page.message.c_str());
  QCOMPARE(page.result["images"].size(), std::size_t{3});
  QCOMPARE(page.result["images"][0]["index"].get<int>(), 4);
  QCOMPARE(page.arrays.at("images").shape, (std::vector<std::int64_t>{3, 3, 32, 32}));
  const WorkerAnswer wrong = images(3, {{"show", "wrong"}, {"order", "margin"}, {"count", 100}, {"scan", 100}});
  QVERIFY2(wrong.part == AnswerPart::final, wrong.message.c_str());
  QVERIFY(wrong.result["total"].get<int>() > 0);
  double before = 0;
  for (const auto& image : wrong.result["images"]) {
    QVERIFY(image["prediction"] != image["label"]);
    const double margin = image["margin"].get<double>();
    QVERIFY(margin >= before - 1e-4);
    before = margin;
  }
  const WorkerAnswer right = images(4, {{"show", "right"}, {"count", 1}, {"scan", 100}});
  QCOMPARE(right.result["total"].get<int>() + wrong.result["total"].get<int>(), wrong.result["scanned"].get<int>());
  const WorkerAnswer of_class = images(5, {{"class", 2}, {"count", 5}});
  for (const auto& image : of_class.result["images"]) QCOMPARE(image["label"].get<int>(), 2);
  const WorkerAnswer some = images(6, {{"image", "9,3"}});
  QCOMPARE(some.result["images"][1]["index"].get<int>(), 3);
  QCOMPARE(images(7, {{"class", "zebra"}}).code, std::string("usage"));
}

void InspectTest::TheWorkerTakesPicturesAndMasksAsTensors() {
  Worker worker(workspace());
  WorkerRequest asked = request(1, "reconstruct", {});
  std::vector<std::uint8_t> mask(64, 0);
  mask[5] = mask[6] = 1;
  asked.arrays["mask"] = Array::of<std::uint8_t>(Dtype::u8, {64}, mask);
  worker.send(asked);
  const WorkerAnswer answer = worker.ending(1);
  QVERIFY2(answer.part == AnswerPart::final, answer.message.c_str());
  QCOMPARE(answer.result["images"][0]["masked"].get<int>(), 2);
  QVERIFY(answer.result["command"].get<std::string>().ends_with(" --mask 5,6"));
  const std::vector<float> pixels(3 * 20 * 24, 0.25F);
  WorkerRequest own = request(2, "attend", {});
  own.arrays["image"] = Array::of<float>(Dtype::f32, {3, 20, 24}, pixels);
  worker.send(own);
  const WorkerAnswer seen = worker.ending(2);
  QVERIFY2(seen.part == AnswerPart::final, seen.message.c_str());
  QVERIFY(seen.result["command"].is_null() && seen.result["notes"].size() == 1);
  own.id = 3;
  own.arrays["image"] = Array::of<float>(Dtype::f32, {20 * 24 * 3}, pixels);
  worker.send(own);
  QCOMPARE(worker.ending(3).code, std::string("input"));
  asked.id = 4;
  asked.arrays["mask"] = Array::of<std::uint8_t>(Dtype::u8, {8, 8}, mask);
  worker.send(asked);
  QCOMPARE(worker.ending(4).code, std::string("input"));
}

void InspectTest::ACancelEndsTheRequestAndTheNextIsAnswered() {
  Worker worker(workspace());
  worker.send(request(1, "attack", {{"image", "1"}, {"attack", "pgd"}, {"set", {"num_steps=1000000"}}}));
  worker.send(request(2, "attack", {{"image", "1"}, {"attack", "pgd"}, {"set", {"num_steps=1000000"}}}));
  worker.send(request(3, "attack", {{"image", "1"}, {"attack", "fgsm"}}));
  WorkerAnswer part = worker.next();
  while (part.part != AnswerPart::progress || part.result["done"] < 3) part = worker.next();
  worker.send({2, "cancel", nlohmann::json::object(), {}});  // waits
  worker.send({1, "cancel", nlohmann::json::object(), {}});  // runs
  QVERIFY(worker.ending(1).part == AnswerPart::cancelled);
  QVERIFY(worker.ending(2).part == AnswerPart::cancelled);
  QVERIFY(worker.ending(3).part == AnswerPart::final);
  worker.send({77, "cancel", nlohmann::json::object(), {}});  // nobody: nothing
  QCOMPARE(worker.end(), 0);
}

void InspectTest::DamagedFramesAreAnsweredAndTheWorkerGoesOn() {
  Worker worker(workspace());
  std::mt19937 random(4);
  const auto whole = encode_frame(test::sample_request());
  const std::vector<std::byte> document(whole.begin() + 8, whole.end());
  for (int i = 0; i < 60; ++i) {
    auto damaged = test::mutate(document, random);
    const std::uint64_t length = damaged.size();
    std::vector<std::byte> frame(8);
    std::memcpy(frame.data(), &length, 8);
    frame.insert(frame.end(), damaged.begin(), damaged.end());
    worker.raw(frame);
  }
  WorkerRequest other = request(900, "atend", {});
  worker.send(other);
  const WorkerAnswer unknown = worker.ending(900);
  QCOMPARE(unknown.code, std::string("usage"));
  QVERIFY(unknown.message.find("\"attend\"") != std::string::npos);
  worker.send(request(901, "attend", {{"imag", "1"}}));
  QVERIFY(worker.ending(901).message.find("\"image\"") != std::string::npos);
  worker.send(request(902, "attend", {{"image", "1"}}));
  QVERIFY(worker.ending(902).part == AnswerPart::final);
  QCOMPARE(worker.end(), 0);
}

void InspectTest::AStreamThatCannotBeReadOnEndsWithThree() {
  {
    Worker worker(workspace());
    worker.raw(std::vector<std::byte>(16, std::byte{0xff}));
    const WorkerAnswer answer = worker.ending(-1);
    QCOMPARE(answer.code, std::string("input"));
    QCOMPARE(worker.end(), 3);
  }
  Worker worker(workspace());
  const auto whole = encode_frame(test::sample_request());
  worker.raw({whole.begin(), whole.begin() + 40});
  QCOMPARE(worker.end(), 3);
}

QTEST_GUILESS_MAIN(InspectTest)
#include "inspect_test.moc"
