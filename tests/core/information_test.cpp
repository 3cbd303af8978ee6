#include <torch/torch.h>

#include <QTest>

#include <cmath>
#include <limits>

#include "core/information/estimator.h"
#include "core/information/hsic.h"
#include "core/information/kernel.h"
#include "core/information/renyi.h"

using namespace mimir;

namespace {

at::Tensor normal(at::IntArrayRef shape, std::uint64_t seed) {
  return at::normal(0.0, 1.0, shape, at::detail::createCPUGenerator(seed), at::kDouble);
}

std::unique_ptr<Estimator> estimator(const std::string& id, EstimatorOptions options = {}) {
  return *make_estimator(id, options);
}

double value_of(const Estimator& estimator, const at::Tensor& x, const at::Tensor& y) {
  return estimator.value(x, y).item<double>();
}

/// Largest difference between a gradient and central differences of `value` at `x`, over the gradient's largest entry.
template <typename Value>
double finite_difference_error(const at::Tensor& x, const at::Tensor& gradient, Value value) {
  const double h = 1e-5;
  at::Tensor numeric = at::zeros_like(x);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    at::Tensor up = x.detach().clone(), down = x.detach().clone();
    up.flatten()[i] += h;
    down.flatten()[i] -= h;
    numeric.flatten()[i] = (value(up) - value(down)) / (2 * h);
  }
  return ((numeric - gradient).abs().max() / (gradient.abs().max() + 1e-12)).item<double>();
}

/// Every entry but the one that measures nothing, in each mode.
template <typename Test>
void for_each_estimator(Test test) {
  for (const auto& [id, entry] : estimators()) {
    if (id == "none") continue;
    for (const Mode mode : {Mode::corrected, Mode::official}) test(id, EstimatorOptions{.mode = mode, .sigma = 1});
  }
}

}  // namespace

class InformationTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void RegistryHasTheKnownEstimators();
  void DependenceIsSmallForIndependentDataAndGrows();
  void GradientsAgreeWithFiniteDifferences();
  void OfficialRenyiHasAValueAndNoGradient();
  void BothFormsOfNhsicAreOneNumber();
  void NhsicStaysBelowBatchSize();
  void NormalisedHsicOfAMatrixWithItselfIsOne();
  void RenyiOfOrderTwoHasItsClosedForm();
  void OneSampleGivesZero();
  void EqualSamplesGiveFiniteNumbers();
  void NotANumberIsPassedOn();
  void FloatInputsGetFloatGradients();
  void AConstantImageNeedsNoGradient();
  void BandwidthsLeaveTheSampleItselfOut();
  void WrongOptionsAreRefused();
};

void InformationTest::RegistryHasTheKnownEstimators() {
  QCOMPARE(estimators().ids(), (std::vector<std::string>{"hsic", "hsic_normalised", "hsic_plain", "none", "renyi"}));
  for (const auto& [id, entry] : estimators()) QVERIFY2(!entry.info.help.empty() && !entry.info.source.empty(), id.c_str());
  QCOMPARE(value_of(*estimator("none"), normal({5, 3}, 1), normal({5, 3}, 2)), 0.0);
}

void InformationTest::DependenceIsSmallForIndependentDataAndGrows() {
  const at::Tensor x = normal({64, 1}, 1), noise = normal({64, 1}, 2);
  for_each_estimator([&](const std::string& id, const EstimatorOptions& options) {
    const auto measure = estimator(id, options);
    std::vector<double> values;
    for (const double share : {0.0, 0.7, 1.0}) values.push_back(value_of(*measure, x, share * x + (1 - share) * noise));
    const QString text = QStringLiteral("%1: %2 %3 %4").arg(QString::fromStdString(id)).arg(values[0]).arg(values[1]).arg(values[2]);
    QVERIFY2(values[0] < values[1] && values[1] < values[2], qPrintable(text));
    // The published Rényi kernel is so narrow that independent data, too, reach nearly the largest value.
    if (id != "renyi" || options.mode == Mode::corrected) QVERIFY2(values[0] < 0.5 * values[2], qPrintable(text));
  });
}

void InformationTest::GradientsAgreeWithFiniteDifferences() {
  const at::Tensor x = normal({7, 4}, 3), y = 0.5 * x.slice(1, 0, 3) + normal({7, 3}, 4);
  for_each_estimator([&](const std::string& id, const EstimatorOptions& options) {
    if (id == "renyi" || id == "hsic") return;  // tested below: a bandwidth held fixed, and a ridge that differences resolve
    const auto measure = estimator(id, options);
    const at::Tensor a = x.clone().requires_grad_(), b = y.clone().requires_grad_();
    const auto gradients = torch::autograd::grad({3 * measure->value(a, b)}, {a, b});
    const double by_latent = finite_difference_error(a, gradients[0], [&](const at::Tensor& p) { return 3 * value_of(*measure, p, y); });
    const double by_image = finite_difference_error(b, gradients[1], [&](const at::Tensor& p) { return 3 * value_of(*measure, x, p); });
    QVERIFY2(by_latent < 1e-6 && by_image < 1e-6, qPrintable(QStringLiteral("%1: %2 %3").arg(QString::fromStdString(id)).arg(by_latent).arg(by_image)));
  });
  for (const auto form : {nhsic, nhsic_official}) {
    const at::Tensor a = x.clone().requires_grad_(), b = y.clone().requires_grad_();
    const auto gradients = torch::autograd::grad({form(a, b, 1, 0.1)}, {a, b});
    QVERIFY(finite_difference_error(a, gradients[0], [&](const at::Tensor& p) { return form(p, y, 1, 0.1).item<double>(); }) < 1e-6);
    QVERIFY(finite_difference_error(b, gradients[1], [&](const at::Tensor& p) { return form(x, p, 1, 0.1).item<double>(); }) < 1e-6);
  }
  for (const double alpha : {0.7, 1.01, 2.0}) {
    const at::Tensor fixed = gaussian_kernel(y, knn_bandwidth(y)), bandwidth = knn_bandwidth(x);
    const auto information = [&](const at::Tensor& p) { return renyi_information(gaussian_kernel(p, bandwidth), fixed, alpha).mutual; };
    const at::Tensor a = x.clone().requires_grad_();
    const at::Tensor gradient = torch::autograd::grad({information(a)}, {a})[0];
    QVERIFY(finite_difference_error(a, gradient, [&](const at::Tensor& p) { return information(p).item<double>(); }) < 1e-6);
    const at::Tensor by_estimator = torch::autograd::grad({estimator("renyi", {.alpha = alpha})->value(a, y)}, {a})[0];
    QVERIFY(by_estimator.allclose(gradient, 1e-9, 1e-12));
  }
}

void InformationTest::OfficialRenyiHasAValueAndNoGradient() {
  const at::Tensor x = normal({12, 4}, 3).requires_grad_();
  const at::Tensor value = estimator("renyi", {.mode = Mode::official})->value(x, normal({12, 3}, 4));
  QVERIFY(value.item<double>() > 0);
  QVERIFY(value.requires_grad());
  QCOMPARE(torch::autograd::grad({value}, {x})[0].abs().max().item<double>(), 0.0);
}

void InformationTest::BothFormsOfNhsicAreOneNumber() {
  for (const std::int64_t m : {2, 3, 17, 64}) {
    const at::Tensor x = normal({m, 20}, 5).requires_grad_(), y = normal({m, 30}, 6);
    const at::Tensor corrected = estimator("hsic")->value(x, y);
    const at::Tensor official = estimator("hsic", {.mode = Mode::official})->value(x, y);
    QVERIFY(corrected.allclose(official, 1e-8, 1e-8));
    QVERIFY(torch::autograd::grad({corrected}, {x})[0].allclose(torch::autograd::grad({official}, {x})[0], 1e-5, 1e-8));
    const double fp32 = value_of(*estimator("hsic", {.official_fp32 = true}), x, y);
    QVERIFY(std::abs(fp32 - official.item<double>()) < 0.05 * static_cast<double>(m));
  }
}

void InformationTest::NhsicStaysBelowBatchSize() {
  for (const std::int64_t m : {2, 9, 40}) {
    const at::Tensor x = normal({m, 100}, 7);
    for (const at::Tensor& y : {x, normal({m, 100}, 8)}) {
      const double value = value_of(*estimator("hsic", {.sigma = 0.1}), x, y);
      QVERIFY(value >= 0 && value < static_cast<double>(m - 1));
    }
  }
}

void InformationTest::NormalisedHsicOfAMatrixWithItselfIsOne() {
  const at::Tensor x = normal({20, 6}, 9);
  QVERIFY(std::abs(value_of(*estimator("hsic_normalised"), x, x) - 1) < 1e-12);
  const double other = value_of(*estimator("hsic_normalised"), x, normal({20, 6}, 10));
  QVERIFY(other > 0 && other < 1);
}

void InformationTest::RenyiOfOrderTwoHasItsClosedForm() {
  const at::Tensor x = normal({15, 3}, 11);
  const at::Tensor kernel = gaussian_kernel(x, knn_bandwidth(x)), a = kernel / kernel.diagonal().sum();
  QVERIFY(std::abs(renyi_entropy(kernel, 2).item<double>() + std::log2(a.square().sum().item<double>())) < 1e-12);
  QVERIFY(std::abs(renyi_entropy(at::eye(16, at::kDouble), 1.01).item<double>() - 4) < 1e-12);  // log2 m
  QVERIFY(std::abs(renyi_entropy(at::ones({16, 16}, at::kDouble), 1.01).item<double>()) < 1e-12);
}

void InformationTest::OneSampleGivesZero() {
  for (const auto& [id, entry] : estimators()) {
    const at::Tensor x = at::full({1, 3}, std::numeric_limits<double>::infinity()).requires_grad_();
    const at::Tensor value = estimator(id)->value(x, normal({1, 2, 2}, 1));
    QCOMPARE(value.item<double>(), 0.0);
    QCOMPARE(torch::autograd::grad({value}, {x})[0].abs().max().item<double>(), 0.0);
  }
}

void InformationTest::EqualSamplesGiveFiniteNumbers() {
  for_each_estimator([&](const std::string& id, const EstimatorOptions& options) {
    for (const std::int64_t m : {2, 6}) {
      const at::Tensor x = normal({1, 5}, 1).expand({m, 5}).clone().requires_grad_();
      const at::Tensor value = estimator(id, options)->value(x, normal({m, 4}, 2));
      QVERIFY2(std::abs(value.item<double>()) < 1e-6, id.c_str());
      QVERIFY2(torch::autograd::grad({value}, {x})[0].isfinite().all().item<bool>(), id.c_str());
    }
  });
}

void InformationTest::NotANumberIsPassedOn() {
  for_each_estimator([&](const std::string& id, const EstimatorOptions& options) {
    for (const double broken : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      const at::Tensor x = normal({6, 3}, 1);
      x[2][1] = broken;
      QVERIFY2(std::isnan(value_of(*estimator(id, options), x, normal({6, 3}, 2))), id.c_str());
    }
  });
}

void InformationTest::FloatInputsGetFloatGradients() {
  for (const auto& [id, entry] : estimators()) {
    const at::Tensor x = normal({10, 2, 3}, 1), y = normal({10, 3, 2, 2}, 2).to(at::kFloat);
    const at::Tensor sharp = x.to(at::kFloat).to(at::kDouble).requires_grad_(), rough = x.to(at::kFloat).requires_grad_();
    const at::Tensor value = estimator(id)->value(rough, y);
    QCOMPARE(value.scalar_type(), at::kDouble);
    const at::Tensor gradient = torch::autograd::grad({value}, {rough})[0];
    QCOMPARE(gradient.scalar_type(), at::kFloat);
    const at::Tensor expected = torch::autograd::grad({estimator(id)->value(sharp, y)}, {sharp})[0];
    QVERIFY2(gradient.to(at::kDouble).allclose(expected, 1e-6, 1e-9), id.c_str());
  }
}

void InformationTest::AConstantImageNeedsNoGradient() {
  for_each_estimator([&](const std::string& id, const EstimatorOptions& options) {
    const at::Tensor x = normal({6, 3}, 1), y = normal({6, 4}, 2).requires_grad_();
    QVERIFY2(!estimator(id, options)->value(x, x).requires_grad(), id.c_str());
    const at::Tensor by_image = torch::autograd::grad({estimator(id, options)->value(x, y)}, {y})[0];
    QVERIFY(by_image.isfinite().all().item<bool>());
    at::NoGradGuard no_grad;
    QVERIFY2(!estimator(id, options)->value(x, y).requires_grad(), id.c_str());
  });
}

void InformationTest::BandwidthsLeaveTheSampleItselfOut() {
  const at::Tensor line = at::arange(12, at::kDouble).unsqueeze(1);  // neighbours at 1, 2, 3 …
  QVERIFY(std::abs(knn_bandwidth(line, 1).item<double>() - 1) < 1e-12);
  QVERIFY(std::abs(official_bandwidth(line, 1).item<double>() - 66.0 / 12) < 1e-12);  // its first row: 0 … 11
  const double smallest = smallest_eigenvalue(normal({10, 2, 3}, 1)).item<double>();
  QVERIFY(smallest > 0 && smallest < 0.1);
}

void InformationTest::WrongOptionsAreRefused() {
  QVERIFY(make_estimator("hsicc", {}).error().message.find("\"hsic\"") != std::string::npos);
  QVERIFY(!make_estimator("hsic", {.sigma = 0}));
  QVERIFY(!make_estimator("renyi", {.alpha = 1}));
  QVERIFY(!estimator_options({}, "offical"));
  InformationRecipe recipe;
  recipe.precision = "official_fp32";
  QVERIFY(estimator_options(recipe, "official")->official_fp32);
}

QTEST_APPLESS_MAIN(InformationTest)
#include "information_test.moc"
