#include <torch/torch.h>

#include <QTest>

#include <array>
#include <atomic>
#include <stdexcept>

#include "core/training/finetune_step.h"
#include "tests/support/expected.h"

using namespace mimir;

namespace {

constexpr VitOptions kSmall{.img_size = 16, .embed_dim = 24, .depth = 2, .num_heads = 3};
constexpr std::int64_t kImages = 5;

/// A few images with labels, and a classifier with its parameters.
struct Bench {
  PhiloxDraws draws{7};
  ShardPool pool;
  VitClassifier model{kSmall};
  std::vector<at::Tensor> parameters;
  at::Tensor images, labels;
  std::vector<std::int64_t> ids;

  explicit Bench(int threads = 1) : pool(threads) {
    initialise_classifier(*model, 3);
    for (const at::Tensor& parameter : model->parameters()) {
      if (parameter.requires_grad()) parameters.push_back(parameter);
    }
    images = at::rand({kImages, 3, 16, 16}, at::detail::createCPUGenerator(11));
    for (std::int64_t i = 0; i < kImages; ++i) ids.push_back(i);
    labels = at::arange(kImages) % kSmall.num_classes;
  }

  Expected<FinetuneStep> step(const FinetuneRecipe& recipe, int shards = 1) { return FinetuneStep::make(recipe, model, parameters, draws, pool, shards, {}); }

  TrainBatch batch(double epoch) const {
    const auto take = [](const at::Tensor& from) {
      return [from](std::span<const std::int64_t> wanted) { return from.slice(0, wanted.front(), wanted.back() + 1); };
    };
    return {.ids = ids, .draw_step = 4, .epoch = epoch, .images = take(images), .labels = take(labels)};
  }
};

double largest_difference(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, (a[i] - b[i]).abs().max().item<double>());
  return largest;
}

bool equal(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  return a.size() == b.size() && largest_difference(a, b) == 0;
}

FinetuneRecipe recipe_of(const std::string& method) {
  FinetuneRecipe recipe;
  recipe.method = method;
  recipe.drop_path = 0;
  recipe.attack.epsilon = recipe.attack.step_size = 8.0 / 255;
  recipe.attack.num_steps = 1;
  return recipe;
}

}  // namespace

class TrainingTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void EpsilonRisesAfterTheNaturalEpochs();
  void PatchesAreDroppedOnlyInTheirEpochs();
  void NaturalGradientIsThatOfTheSmoothedLoss();
  void NeitherShardsNorThreadsChangeTheStep_data();
  void NeitherShardsNorThreadsChangeTheStep();
  void UnknownMethodIsRefused();
  void BatchIsSplitEvenly();
  void PoolRunsEachIndexOnceAndThrowsTheFirstFailure();
};

void TrainingTest::EpsilonRisesAfterTheNaturalEpochs() {
  Bench bench;
  FinetuneRecipe recipe = recipe_of("n-fgsm");
  recipe.natural_epochs = 2;
  recipe.epsilon_warmup_epochs = 4;
  const auto step = bench.step(recipe);
  QVERIFY_OK(step);
  for (const auto& [epoch, scale] : {std::pair{0.0, 0.0}, {1.99, 0.0}, {2.0, 0.0}, {3.0, 0.25}, {5.0, 0.75}, {6.0, 1.0}, {50.0, 1.0}}) QCOMPARE(step->epsilon_scale(epoch), scale);
  recipe.epsilon_warmup_epochs = 0;
  QCOMPARE(bench.step(recipe)->epsilon_scale(2.0), 1.0);
  QCOMPARE(bench.step(recipe)->epsilon_scale(1.99), 0.0);
  recipe.method = "natural";
  QCOMPARE(bench.step(recipe)->epsilon_scale(50), 0.0);
}

void TrainingTest::PatchesAreDroppedOnlyInTheirEpochs() {
  Bench bench;
  FinetuneRecipe recipe = recipe_of("natural");
  const auto whole = bench.step(recipe);
  recipe.patch_drop_rate = 0.5;
  const auto always = bench.step(recipe);
  recipe.patch_drop_epochs = 3;
  const auto dropping = bench.step(recipe);
  QVERIFY_OK(whole);
  QVERIFY_OK(always);
  QVERIFY_OK(dropping);
  QVERIFY(!whole->drops_patches(0));
  QVERIFY(always->drops_patches(0) && always->drops_patches(1000));
  QVERIFY(dropping->drops_patches(0) && dropping->drops_patches(2.999));
  QVERIFY(!dropping->drops_patches(3));
  const auto gradients = [&](const FinetuneStep& step, double epoch) { return step.compute(bench.batch(epoch)).gradients; };
  QVERIFY(equal(gradients(*dropping, 2.5), gradients(*always, 2.5)));
  QVERIFY(equal(gradients(*dropping, 3), gradients(*whole, 3)));
  QVERIFY(!equal(gradients(*dropping, 2.5), gradients(*whole, 2.5)));
}

void TrainingTest::NaturalGradientIsThatOfTheSmoothedLoss() {
  Bench bench;
  FinetuneRecipe recipe = recipe_of("natural");
  recipe.label_smoothing = 0.2;
  const auto step = bench.step(recipe, 2);
  QVERIFY_OK(step);
  const BatchGradients found = step->compute(bench.batch(0));
  const at::Tensor loss = torch::nn::functional::cross_entropy(bench.model->forward(bench.images), bench.labels, torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(0.2));
  const auto expected = torch::autograd::grad({loss}, bench.parameters);
  QCOMPARE_LT((found.loss - loss).abs().item<double>(), 1e-6);
  QCOMPARE(found.gradients.size(), expected.size());
  QCOMPARE_LT(largest_difference(found.gradients, expected), 1e-6);
}

void TrainingTest::NeitherShardsNorThreadsChangeTheStep_data() {
  QTest::addColumn<QString>("method");
  for (const char* method : {"natural", "pgd", "fgsm-rs", "n-fgsm"}) QTest::newRow(method) << QString::fromLatin1(method);
}

void TrainingTest::NeitherShardsNorThreadsChangeTheStep() {
  QFETCH(QString, method);
  FinetuneRecipe recipe = recipe_of(method.toStdString());
  recipe.drop_path = 0.2;
  recipe.patch_drop_rate = 0.25;
  Bench alone(1), together(3);
  const auto whole = alone.step(recipe), cut = alone.step(recipe, 3), threaded = together.step(recipe, 3);
  QVERIFY_OK(whole);
  QVERIFY_OK(cut);
  QVERIFY_OK(threaded);
  const auto once = whole->compute(alone.batch(1)), of_three = cut->compute(alone.batch(1)), by_three = threaded->compute(together.batch(1));
  QVERIFY(equal(of_three.gradients, by_three.gradients));
  QVERIFY(of_three.loss.equal(by_three.loss));
  // Sums in another order; where a gradient's sign decides a pixel a rounding can move it by twice the step.
  QCOMPARE_LT(largest_difference(once.gradients, of_three.gradients), method == QStringLiteral("natural") ? 1e-6 : 1e-3);
}

void TrainingTest::UnknownMethodIsRefused() {
  Bench bench;
  QVERIFY_FAILS(bench.step(recipe_of("magic")), ErrorCode::usage, "magic");
}

void TrainingTest::BatchIsSplitEvenly() {
  const auto sizes = [](std::int64_t count, int shards) {
    std::vector<std::int64_t> found;
    std::int64_t next = 0;
    for (const ShardRange& range : split_batch(count, shards)) {
      if (range.begin != next) return std::vector<std::int64_t>{-1};
      next = range.end;
      found.push_back(range.size());
    }
    return next == count ? found : std::vector<std::int64_t>{-1};
  };
  QCOMPARE(sizes(10, 4), (std::vector<std::int64_t>{3, 3, 2, 2}));
  QCOMPARE(sizes(2, 4), (std::vector<std::int64_t>{1, 1}));
  QCOMPARE(sizes(0, 4), std::vector<std::int64_t>{});
}

void TrainingTest::PoolRunsEachIndexOnceAndThrowsTheFirstFailure() {
  ShardPool pool(3);
  std::array<std::atomic<int>, 50> calls{};
  pool.run(50, [&](int i) { ++calls[static_cast<std::size_t>(i)]; });
  for (const auto& count : calls) QCOMPARE(count.load(), 1);
  std::string caught;
  try {
    pool.run(50, [&](int i) {
      if (i % 7 == 3) throw std::runtime_error(std::to_string(i));
    });
  } catch (const std::runtime_error& error) {
    caught = error.what();
  }
  QCOMPARE(caught, std::string("3"));
  int after = 0;
  pool.run(1, [&](int) { ++after; });  // and goes on
  QCOMPARE(after, 1);
}

QTEST_APPLESS_MAIN(TrainingTest)
#include "training_test.moc"
