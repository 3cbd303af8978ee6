#include <torch/torch.h>

#include <QTest>

#include <cmath>

#include "core/models/fused_linear.h"
#include "core/models/masked_autoencoder.h"
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
  void FusedLayersEqualLibtorchInDouble_data();
  void FusedLayersEqualLibtorchInDouble();
  void GeluHoldsToBothEnds();
  void BothPathsOfAttentionAgree();
  void ErrorOfTheRemovedPatchesNeedsNoOthers();
  void DroppedPatchesAreNotSeen();
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
  const at::Tensor attention = packed_attention(qkv, 3), hidden = fused_mlp(x, weight, bias, weight.t(), bias.slice(0, 0, 48));
  at::set_num_threads(3);
  QVERIFY(attention.equal(packed_attention(qkv, 3)));
  QVERIFY(hidden.equal(fused_mlp(x, weight, bias, weight.t(), bias.slice(0, 0, 48))));
  at::set_num_threads(before);
}

void ModelsTest::FusedLayersEqualLibtorchInDouble_data() {
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("in");
  QTest::addColumn<int>("hidden");
  QTest::addColumn<int>("out");
  const auto linear = [](int rows, int in, int out) { QTest::addRow("%d x %d to %d", rows, in, out) << rows << in << 0 << out; };
  const auto mlp = [](int rows, int in, int hidden, int out) { QTest::addRow("%d x %d through %d to %d", rows, in, hidden, out) << rows << in << hidden << out; };
  linear(1, 1, 1);
  linear(97, 48, 96);       // one row more than a block
  linear(6, 385, 17);       // one more than the depth of a block
  linear(12, 1600, 24);     // a library's product
  mlp(5, 12, 19, 12);       // neither a whole tile nor a whole panel
  mlp(260, 33, 50, 21);
  mlp(7, 1000, 40, 1000);   // three depths of a block, forward and backward
  mlp(9, 20, 1600, 20);     // the second product a library's
  mlp(8, 20, 24, 1600);     // the hidden gradient's deeper than a library would be asked for
}

void ModelsTest::FusedLayersEqualLibtorchInDouble() {
  QFETCH(int, rows);
  QFETCH(int, in);
  QFETCH(int, hidden);
  QFETCH(int, out);
  std::vector<at::Tensor> arrays{normal({rows, in}, 9)};
  const auto layer = [&](int from, int to, std::uint64_t seed) {
    arrays.push_back(normal({to, from}, seed) / std::sqrt(from));
    arrays.push_back(normal({to}, seed + 1));
  };
  if (hidden > 0) layer(in, hidden, 10);
  layer(hidden > 0 ? hidden : in, out, 12);
  const at::Tensor cotangent = normal({rows, out}, 14);
  const auto run = [&](at::ScalarType dtype, auto&& function) {
    std::vector<at::Tensor> inputs;
    for (const at::Tensor& each : arrays) inputs.push_back(each.to(at::kFloat).to(dtype).requires_grad_());
    std::vector<at::Tensor> results{function(inputs)};
    for (const at::Tensor& gradient : torch::autograd::grad({results[0]}, inputs, {cotangent.to(dtype)})) results.push_back(gradient);
    return results;
  };
  using Arrays = std::vector<at::Tensor>;
  const auto ours = run(at::kFloat, [&](const Arrays& a) { return hidden > 0 ? fused_mlp(a[0], a[1], a[2], a[3], a[4]) : fused_linear(a[0], a[1], a[2]); });
  const auto exact = run(at::kDouble, [&](const Arrays& a) {
    const at::Tensor first = at::linear(a[0], a[1], a[2]);
    return hidden > 0 ? at::linear(at::gelu(first), a[3], a[4]) : first;
  });
  for (std::size_t i = 0; i < exact.size(); ++i) {
    QCOMPARE(ours[i].sizes().vec(), exact[i].sizes().vec());
    QCOMPARE_LT(largest_difference(ours[i], exact[i]), 3e-6 * (1 + exact[i].abs().max().item<double>()));
  }
}

void ModelsTest::GeluHoldsToBothEnds() {
  const at::Tensor wide = at::linspace(-40, 40, 4001, at::kFloat).view({-1, 1});  // through both ends of the exponential
  const at::Tensor one = at::ones({1, 1}), zero = at::zeros({1});
  QCOMPARE_LT(((fused_mlp(wide, one, zero, one, zero).to(at::kDouble) - at::gelu(wide.to(at::kDouble))).abs() / (1 + wide.abs())).max().item<double>(), 3e-7);
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

namespace {

constexpr VitOptions kSmall{.img_size = 16, .patch_size = 4, .embed_dim = 24, .depth = 2, .num_heads = 2, .decoder_embed_dim = 16, .decoder_num_heads = 2};

}  // namespace

void ModelsTest::ErrorOfTheRemovedPatchesNeedsNoOthers() {
  MaskedAutoencoder model(kSmall);
  initialise_masked_autoencoder(*model, 17);
  model->to(at::kDouble);
  const at::Tensor images = normal({3, 3, 16, 16}, 18), target = reconstruction_target(images, 4, false);
  const PatchMask mask = make_patch_mask(normal({3, 16}, 19), 0.75);
  const at::Tensor one = at::ones({3}, at::kDouble);
  const auto [few, of_few] = value_and_gradient(images, one, [&](const at::Tensor& x) { return model->removed_error(model->encode(x, mask), mask, target); });
  const auto [all, of_all] = value_and_gradient(images, one, [&](const at::Tensor& x) { return reconstruction_error(model->forward(x, mask).prediction, target, mask.mask); });
  QCOMPARE_LT(largest_difference(few, all), 1e-12);
  QCOMPARE_LT(largest_difference(of_few, of_all), 1e-12);
}

void ModelsTest::DroppedPatchesAreNotSeen() {
  VitClassifier model(kSmall);
  initialise_classifier(*model, 20);
  const at::Tensor images = normal({2, 3, 16, 16}, 21).to(at::kFloat), order = normal({2, 16}, 22);
  const auto logits = [&](const at::Tensor& x, double rate) { return model->forward(x, {.ids_keep = make_patch_mask(order, rate).ids_keep}); };
  QCOMPARE_LT(largest_difference(logits(images, 0), model->forward(images)), 1e-5);  // all of them, in another order
  const at::Tensor dropped = patches_to_pixels(make_patch_mask(order, 0.5).mask, 4).unsqueeze(1);  // [2, 1, 16, 16]
  QVERIFY(logits(images + dropped, 0.5).equal(logits(images, 0.5)));
  QVERIFY(largest_difference(logits(images + 1 - dropped, 0.5), logits(images, 0.5)) > 1e-3);
}

QTEST_APPLESS_MAIN(ModelsTest)
#include "models_test.moc"
