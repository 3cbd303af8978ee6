#include <torch/torch.h>

#include <QTest>

#include <cmath>

#include "core/models/fused_linear.h"
#include "core/models/packed_attention.h"
#include "core/models/vit.h"

using namespace mimir;

namespace {

at::Tensor normal(at::IntArrayRef shape, std::uint64_t seed) {
  return at::normal(0.0, 1.0, shape, at::detail::createCPUGenerator(seed), at::kDouble);
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

/// A function's value at x and the gradient of its product with `cotangent`.
template <typename Function>
std::pair<at::Tensor, at::Tensor> value_and_gradient(const at::Tensor& x, const at::Tensor& cotangent, Function&& function) {
  const at::Tensor input = x.detach().requires_grad_();
  const at::Tensor value = function(input);
  return {value.detach(), torch::autograd::grad({value}, {input}, {cotangent.to(value.scalar_type())})[0]};
}

/// softmax(q k^T / sqrt(d)) v, written out.
at::Tensor plain_attention(const at::Tensor& qkv, std::int64_t heads) {
  const std::int64_t dim = qkv.size(2) / 3 / heads;
  const auto parts = qkv.view({qkv.size(0), qkv.size(1), 3, heads, dim}).permute({2, 0, 3, 1, 4}).unbind(0);
  const at::Tensor weights = at::softmax(at::matmul(parts[0], parts[1].transpose(-2, -1)) / std::sqrt(static_cast<double>(dim)), -1);
  return at::matmul(weights, parts[2]).transpose(1, 2).flatten(2);
}

}  // namespace

class ModelsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void PackedAttentionEqualsThePlainProductInDouble_data();
  void PackedAttentionEqualsThePlainProductInDouble();
  void LargeScoresGiveNoOverflow();
  void KernelsDoNotDependOnThreads();
  void FusedLinearEqualsLibtorchInDouble_data();
  void FusedLinearEqualsLibtorchInDouble();
  void GeluHoldsToBothEnds();
  void BothPathsOfAttentionAgree();
};

void ModelsTest::PackedAttentionEqualsThePlainProductInDouble_data() {
  QTest::addColumn<int>("tokens");
  QTest::addColumn<int>("heads");
  QTest::addColumn<int>("dim");
  for (const int tokens : {1, 2, 5, 6, 8, 16, 17, 24, 65, 197}) QTest::addRow("%d tokens, 3 heads of 64", tokens) << tokens << 3 << 64;
  for (const int dim : {1, 4, 7, 8, 16, 20}) QTest::addRow("65 tokens, 2 heads of %d", dim) << 65 << 2 << dim;
}

void ModelsTest::PackedAttentionEqualsThePlainProductInDouble() {
  QFETCH(int, tokens);
  QFETCH(int, heads);
  QFETCH(int, dim);
  const at::Tensor qkv = normal({3, tokens, 3 * heads * dim}, 1), cotangent = normal({3, tokens, heads * dim}, 2);
  const auto [value, gradient] = value_and_gradient(qkv.to(at::kFloat), cotangent, [&](const at::Tensor& x) { return packed_attention(x, heads); });
  const auto [plain, plain_gradient] = value_and_gradient(qkv.to(at::kFloat).to(at::kDouble), cotangent, [&](const at::Tensor& x) { return plain_attention(x, heads); });
  QCOMPARE_LT(largest_difference(value, plain), 5e-6);
  QCOMPARE_LT(largest_difference(gradient, plain_gradient), 1e-5);
}

void ModelsTest::LargeScoresGiveNoOverflow() {
  const at::Tensor qkv = (normal({2, 17, 3 * 32}, 3) * 30).to(at::kFloat), cotangent = normal({2, 17, 32}, 4);
  const auto [value, gradient] = value_and_gradient(qkv, cotangent, [&](const at::Tensor& x) { return packed_attention(x, 2); });
  const auto [plain, plain_gradient] = value_and_gradient(qkv.to(at::kDouble), cotangent, [&](const at::Tensor& x) { return plain_attention(x, 2); });
  QVERIFY(value.isfinite().all().item<bool>() && gradient.isfinite().all().item<bool>());
  QCOMPARE_LT(largest_difference(value, plain), 1e-2);  // scores near 4000, with 4e-4 of rounding in each
}

void ModelsTest::KernelsDoNotDependOnThreads() {
  const at::Tensor qkv = normal({8, 17, 3 * 48}, 5).to(at::kFloat), x = normal({1000, 48}, 6).to(at::kFloat);
  const at::Tensor weight = normal({96, 48}, 7).to(at::kFloat), bias = normal({96}, 8).to(at::kFloat);
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor attention = packed_attention(qkv, 3), hidden = fused_linear(x, weight, bias, true);
  at::set_num_threads(3);
  QVERIFY(attention.equal(packed_attention(qkv, 3)));
  QVERIFY(hidden.equal(fused_linear(x, weight, bias, true)));
  at::set_num_threads(before);
}

void ModelsTest::FusedLinearEqualsLibtorchInDouble_data() {
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("in");
  QTest::addColumn<int>("out");
  QTest::addColumn<bool>("gelu");
  const auto row = [](int rows, int in, int out, bool gelu) {
    QTest::addRow("%d x %d to %d%s", rows, in, out, gelu ? ", gelu" : "") << rows << in << out << gelu;
  };
  row(1, 1, 1, false);
  row(5, 12, 19, true);       // neither a whole tile nor a whole panel
  row(97, 48, 96, false);     // one row more than a block
  row(260, 33, 50, true);
  row(6, 385, 17, false);     // one more than the depth of a block
  row(7, 1000, 40, true);     // three of them
  row(12, 1600, 24, false);   // a library's product
}

void ModelsTest::FusedLinearEqualsLibtorchInDouble() {
  QFETCH(int, rows);
  QFETCH(int, in);
  QFETCH(int, out);
  QFETCH(bool, gelu);
  const at::Tensor x = normal({rows, in}, 9), weight = normal({out, in}, 10) / std::sqrt(in), bias = normal({out}, 11);
  const at::Tensor cotangent = normal({rows, out}, 12);
  const auto run = [&](at::ScalarType dtype, auto&& function) {
    std::vector<at::Tensor> inputs;
    for (const at::Tensor& each : {x, weight, bias}) inputs.push_back(each.to(at::kFloat).to(dtype).requires_grad_());
    std::vector<at::Tensor> results{function(inputs[0], inputs[1], inputs[2])};
    for (const at::Tensor& gradient : torch::autograd::grad({results[0]}, inputs, {cotangent.to(dtype)})) results.push_back(gradient);
    return results;
  };
  const auto ours = run(at::kFloat, [&](const at::Tensor& a, const at::Tensor& w, const at::Tensor& b) { return fused_linear(a, w, b, gelu); });
  const auto exact = run(at::kDouble, [&](const at::Tensor& a, const at::Tensor& w, const at::Tensor& b) {
    const at::Tensor hidden = at::linear(a, w, b);
    return gelu ? at::gelu(hidden) : hidden;
  });
  for (std::size_t i = 0; i < exact.size(); ++i) {
    QCOMPARE(ours[i].sizes().vec(), exact[i].sizes().vec());
    QCOMPARE_LT(largest_difference(ours[i], exact[i]), 3e-6 * (1 + exact[i].abs().max().item<double>()));
  }
}

void ModelsTest::GeluHoldsToBothEnds() {
  const at::Tensor wide = at::linspace(-40, 40, 4001, at::kFloat).view({-1, 1});  // through both ends of the exponential
  const at::Tensor one = at::ones({1, 1}), zero = at::zeros({1});
  QCOMPARE_LT(((fused_linear(wide, one, zero, true).to(at::kDouble) - at::gelu(wide.to(at::kDouble))).abs() / (1 + wide.abs())).max().item<double>(), 3e-7);
}

void ModelsTest::BothPathsOfAttentionAgree() {
  Attention attention(48, 3);
  for (at::Tensor& parameter : attention->parameters()) {
    at::NoGradGuard no_grad;
    parameter.copy_(normal(parameter.sizes(), 15) * 0.2);
  }
  const at::Tensor x = normal({2, 17, 48}, 16).to(at::kFloat);
  const auto [written, weights] = attention->forward_with_weights(x, {});
  QCOMPARE_LT(largest_difference(attention->forward(x, {}), written), 1e-5);
  QCOMPARE_LT(largest_difference(weights.sum(-1), at::ones({2, 3, 17})), 1e-6);
}

QTEST_APPLESS_MAIN(ModelsTest)
#include "models_test.moc"
