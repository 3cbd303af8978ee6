#include <torch/torch.h>

#include <QTest>
#include <cmath>
#include <vector>

#include "core/inspection/attention.h"
#include "core/inspection/faithfulness.h"

using namespace mimir;

namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

Matrix to_matrix(const at::Tensor& tensor) {  // [n, m]
  const at::Tensor wide = tensor.detach().to(at::kDouble).contiguous();
  Matrix result;
  for (std::int64_t i = 0; i < wide.size(0); ++i) {
    const double* row = wide.data_ptr<double>() + i * wide.size(1);
    result.emplace_back(row, row + wide.size(1));
  }
  return result;
}
Vector to_vector(const at::Tensor& tensor) { return to_matrix(tensor.flatten().unsqueeze(0)).front(); }

Matrix times(const Matrix& a, const Matrix& b) {
  Matrix c(a.size(), Vector(b.front().size(), 0));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < b.size(); ++k)
      for (std::size_t j = 0; j < b.front().size(); ++j) c[i][j] += a[i][k] * b[k][j];
  return c;
}

Matrix identity(std::size_t n) {
  Matrix result(n, Vector(n, 0));
  for (std::size_t i = 0; i < n; ++i) result[i][i] = 1;
  return result;
}

Matrix linear(const Matrix& x, LinearImpl& layer) {
  const Matrix weight = to_matrix(layer.weight);
  const Vector bias = to_vector(layer.bias);
  Matrix y(x.size(), bias);
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t o = 0; o < bias.size(); ++o)
      for (std::size_t k = 0; k < x[i].size(); ++k) y[i][o] += x[i][k] * weight[o][k];
  return y;
}

Matrix layer_norm(Matrix x, LayerNormImpl& layer) {
  const Vector weight = to_vector(layer.weight), bias = to_vector(layer.bias);
  for (Vector& row : x) {
    double mean = 0, variance = 0;
    for (const double v : row) mean += v / static_cast<double>(row.size());
    for (const double v : row) variance += (v - mean) * (v - mean) / static_cast<double>(row.size());
    for (std::size_t k = 0; k < row.size(); ++k) row[k] = (row[k] - mean) / std::sqrt(variance + 1e-6) * weight[k] + bias[k];
  }
  return x;
}

/// One entry of one layer's attention, moved after the softmax.
struct Nudge {
  std::size_t layer = 99, head = 0, query = 0, key = 0;
  double by = 0;
};

/// The model in loops over doubles: attention [layer][head] of one image, and its logits.
struct PlainPass {
  std::vector<std::vector<Matrix>> attention;
  Vector logits;
};

PlainPass plain_pass(VitClassifierImpl& model, const at::Tensor& image, const Nudge& nudge = {}) {
  const VitOptions& options = model.options();
  const std::int64_t p = options.patch_size;
  const Matrix weight = to_matrix(model.patch_embed->proj->weight.flatten(1));
  const Vector bias = to_vector(model.patch_embed->proj->bias), cls = to_vector(model.cls_token);
  const Matrix positions = to_matrix(model.pos_embed[0]);
  Matrix x = {cls};
  for (std::int64_t row = 0; row < options.grid(); ++row) {
    for (std::int64_t column = 0; column < options.grid(); ++column) {
      const Vector pixels = to_vector(image.slice(1, row * p, (row + 1) * p).slice(2, column * p, (column + 1) * p));
      Vector token = bias;
      for (std::size_t o = 0; o < token.size(); ++o)
        for (std::size_t k = 0; k < pixels.size(); ++k) token[o] += pixels[k] * weight[o][k];
      x.push_back(token);
    }
  }
  for (std::size_t t = 0; t < x.size(); ++t)
    for (std::size_t k = 0; k < x[t].size(); ++k) x[t][k] += positions[t][k];

  PlainPass pass;
  const std::size_t tokens = x.size(), width = x[0].size(), heads = static_cast<std::size_t>(options.num_heads), d = width / heads;
  for (std::size_t l = 0; l < static_cast<std::size_t>(options.depth); ++l) {
    auto* block = model.blocks[l]->as<Block>();
    const Matrix qkv = linear(layer_norm(x, *block->norm1), *block->attn->qkv);
    Matrix joined(tokens, Vector(width, 0));
    pass.attention.emplace_back();
    for (std::size_t h = 0; h < heads; ++h) {
      Matrix a(tokens, Vector(tokens, 0));
      for (std::size_t i = 0; i < tokens; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < tokens; ++j) {
          double score = 0;
          for (std::size_t k = 0; k < d; ++k) score += qkv[i][h * d + k] * qkv[j][width + h * d + k];
          sum += a[i][j] = std::exp(score / std::sqrt(static_cast<double>(d)));
        }
        for (double& v : a[i]) v /= sum;
      }
      if (nudge.layer == l && nudge.head == h) a[nudge.query][nudge.key] += nudge.by;
      for (std::size_t i = 0; i < tokens; ++i)
        for (std::size_t j = 0; j < tokens; ++j)
          for (std::size_t k = 0; k < d; ++k) joined[i][h * d + k] += a[i][j] * qkv[j][2 * width + h * d + k];
      pass.attention.back().push_back(a);
    }
    const Matrix attended = linear(joined, *block->attn->proj);
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t k = 0; k < width; ++k) x[t][k] += attended[t][k];
    Matrix hidden = linear(layer_norm(x, *block->norm2), *block->mlp->fc1);
    for (Vector& row : hidden)
      for (double& v : row) v = 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)));
    const Matrix added = linear(hidden, *block->mlp->fc2);
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t k = 0; k < width; ++k) x[t][k] += added[t][k];
  }
  Matrix pooled(1, Vector(width, 0));
  if (options.global_pool) {
    for (std::size_t t = 1; t < tokens; ++t)
      for (std::size_t k = 0; k < width; ++k) pooled[0][k] += x[t][k] / static_cast<double>(tokens - 1);
    pooled = layer_norm(pooled, *model.fc_norm);
  } else {
    pooled[0] = layer_norm(x, *model.norm)[0];
  }
  pass.logits = linear(pooled, *model.head)[0];
  return pass;
}

/// a_D … a_1 of E by layer.
Matrix plain_rollout(const std::vector<Matrix>& layers) {
  Matrix result = identity(layers[0].size());
  for (Matrix a : layers) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < a.size(); ++j) sum += a[i][j] = (a[i][j] + (i == j)) / 2;
      for (double& v : a[i]) v /= sum;
    }
    result = times(a, result);
  }
  return result;
}

double largest_difference(const Matrix& a, const at::Tensor& tensor) {
  const Matrix b = to_matrix(tensor);
  double worst = a.size() == b.size() ? 0 : 1e9;
  for (std::size_t i = 0; i < a.size() && worst < 1e9; ++i)
    for (std::size_t j = 0; j < a[i].size(); ++j) worst = std::max(worst, std::abs(a[i][j] - b[i][j]));
  return worst;
}

VitClassifier small_model(bool global_pool) {
  VitOptions options;
  options.img_size = 12;
  options.patch_size = 4;
  options.embed_dim = 16;
  options.depth = 3;
  options.num_heads = 2;
  options.mlp_ratio = 2;
  options.num_classes = 5;
  options.global_pool = global_pool;
  VitClassifier model(options);
  initialise_classifier(*model, 3);
  at::NoGradGuard no_grad;
  // Larger weights than at the start of a training, so that attention is far from even.
  for (auto& parameter : model->parameters()) {
    if (parameter.dim() == 2) parameter.mul_(12);
  }
  model->to(at::kDouble);
  return model;
}

at::Tensor pictures(std::int64_t count, std::uint64_t seed) {
  return at::rand({count, 3, 12, 12}, at::detail::createCPUGenerator(seed), at::kDouble);
}

}  // namespace

class AttentionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ThePassEqualsLoopsOverDoubles_data() { pools(); }
  void ThePassEqualsLoopsOverDoubles();
  void GradientsEqualFiniteDifferences_data() { pools(); }
  void GradientsEqualFiniteDifferences();
  void RolloutsAndRelevanceEqualLoopsOverDoubles();
  void DiscardKeepsThePrefixAndTakesTheSmallest();
  void TheReadoutFitsTheModel();
  void TheLastLayerAnswersAsTheModelDoes();
  void AnAutoencodersEncoderIsLookedAtToo();
  void DistancesAreZeroForTheSameAndWithinTheirRange();
  void CkaEqualsItsDefinition();
  void ATrueMapIsMoreFaithfulThanChance();
  void ACancelledPassEndsWithinABlock();

 private:
  static void pools() {
    QTest::addColumn<bool>("global_pool");
    QTest::newRow("mean of patches") << true;
    QTest::newRow("class token") << false;
  }
};

void AttentionTest::ThePassEqualsLoopsOverDoubles() {
  QFETCH(bool, global_pool);
  VitClassifier model = small_model(global_pool);
  const at::Tensor images = pictures(2, 1);
  const AttentionPass pass = attention_pass(*model, images);
  double unevenness = 0;
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    const PlainPass plain = plain_pass(*model, images[i]);
    for (std::size_t l = 0; l < plain.attention.size(); ++l) {
      for (std::size_t h = 0; h < plain.attention[l].size(); ++h) {
        const at::Tensor weights = pass.attention[l][i][static_cast<std::int64_t>(h)];
        QVERIFY(largest_difference(plain.attention[l][h], weights) < 1e-12);
        QVERIFY((weights.sum(-1) - 1).abs().max().item<double>() < 1e-12);
        unevenness = std::max(unevenness, (weights - weights.mean()).abs().max().item<double>());
      }
    }
    QVERIFY(largest_difference({plain.logits}, pass.logits.slice(0, i, i + 1)) < 1e-11);
  }
  QVERIFY(unevenness > 0.1);  // else the comparison would say little
  QVERIFY((pass.logits - model->forward(images)).abs().max().item<double>() < 1e-11);
  model->to(at::kFloat);
  const at::Tensor fused = model->forward(images.to(at::kFloat));  // the packed kernel
  QVERIFY((attention_pass(*model, images.to(at::kFloat)).logits - fused).abs().max().item<double>() < 1e-5);
}

void AttentionTest::GradientsEqualFiniteDifferences() {
  QFETCH(bool, global_pool);
  VitClassifier model = small_model(global_pool);
  const at::Tensor images = pictures(2, 2);
  const std::int64_t chosen = 3;
  const AttentionPass pass = attention_pass(*model, images, {}, Graph::keep);
  const auto gradients = attention_gradients(pass, at::full({2}, chosen, at::kLong));
  double largest = 0;
  for (std::size_t l = 0; l < 3; ++l) {
    for (const auto& [query, key] : {std::pair<std::size_t, std::size_t>{0, 4}, {2, 0}, {7, 7}}) {
      const double step = 1e-5;
      const double up = plain_pass(*model, images[1], {l, 1, query, key, step}).logits[chosen];
      const double down = plain_pass(*model, images[1], {l, 1, query, key, -step}).logits[chosen];
      const double found = gradients[l][1][1][static_cast<std::int64_t>(query)][static_cast<std::int64_t>(key)].item<double>();
      QVERIFY2(std::abs((up - down) / (2 * step) - found) < 1e-6 * (1 + std::abs(found)), qPrintable(QString::number(found)));
      largest = std::max(largest, std::abs(found));
    }
  }
  QVERIFY(largest > 1e-3);
  // What the head does not read has no gradient in the last layer.
  const at::Tensor unread = global_pool ? gradients[2].select(2, 0) : gradients[2].slice(2, 1);
  QCOMPARE(unread.abs().max().item<double>(), 0.0);
  QVERIFY(gradients[1].select(2, 0).abs().max().item<double>() > 0 || !global_pool);
}

void AttentionTest::RolloutsAndRelevanceEqualLoopsOverDoubles() {
  VitClassifier model = small_model(true);
  const at::Tensor images = pictures(2, 4);
  const AttentionPass pass = attention_pass(*model, images, {}, Graph::keep);
  const auto gradients = attention_gradients(pass, at::full({2}, 1, at::kLong));
  for (std::int64_t i = 0; i < 2; ++i) {
    std::vector<Matrix> mean, largest, smallest, weighted;
    for (std::size_t l = 0; l < pass.attention.size(); ++l) {
      const Matrix a0 = to_matrix(pass.attention[l][i][0]), a1 = to_matrix(pass.attention[l][i][1]);
      const Matrix g0 = to_matrix(gradients[l][i][0]), g1 = to_matrix(gradients[l][i][1]);
      Matrix m = a0, x = a0, n = a0, w = a0;
      for (std::size_t r = 0; r < a0.size(); ++r) {
        for (std::size_t c = 0; c < a0.size(); ++c) {
          m[r][c] = (a0[r][c] + a1[r][c]) / 2;
          x[r][c] = std::max(a0[r][c], a1[r][c]);
          n[r][c] = std::min(a0[r][c], a1[r][c]);
          w[r][c] = (std::max(0.0, g0[r][c] * a0[r][c]) + std::max(0.0, g1[r][c] * a1[r][c])) / 2;
        }
      }
      mean.push_back(m);
      largest.push_back(x);
      smallest.push_back(n);
      weighted.push_back(w);
    }
    const auto rolled = [&](Fusion fusion) { return attention_rollout(pass.attention, fusion, 0)[i]; };
    QVERIFY(largest_difference(plain_rollout(mean), rolled(Fusion::mean)) < 1e-13);
    QVERIFY(largest_difference(plain_rollout(largest), rolled(Fusion::max)) < 1e-13);
    QVERIFY(largest_difference(plain_rollout(smallest), rolled(Fusion::min)) < 1e-13);
    QVERIFY(largest_difference(plain_rollout(weighted), gradient_rollout(pass.attention, gradients)[i]) < 1e-13);
    QVERIFY((rolled(Fusion::max).sum(-1) - 1).abs().max().item<double>() < 1e-13);
    Matrix relevant = identity(weighted[0].size());
    for (const Matrix& layer : weighted) {
      const Matrix added = times(layer, relevant);
      for (std::size_t r = 0; r < added.size(); ++r)
        for (std::size_t c = 0; c < added.size(); ++c) relevant[r][c] += added[r][c];
    }
    QVERIFY(largest_difference(relevant, relevance(pass.attention, gradients)[i]) < 1e-13);
  }
}

void AttentionTest::DiscardKeepsThePrefixAndTakesTheSmallest() {
  // One layer, one head, T = 3; the four smallest of nine go, but for column 0: [0][1], [1][2] and one of the two 0.1.
  const at::Tensor weights = at::tensor({0.90, 0.04, 0.06, 0.03, 0.92, 0.05, 0.30, 0.30, 0.40}, at::kDouble).view({1, 1, 3, 3});
  const at::Tensor rolled = attention_rollout({weights}, Fusion::mean, 4.0 / 9)[0];
  const at::Tensor kept = at::tensor({0.90, 0.0, 0.0, 0.03, 0.92, 0.0, 0.30, 0.30, 0.40}, at::kDouble).view({3, 3});
  const at::Tensor a = (kept + at::eye(3, at::kDouble)) / 2;
  QVERIFY((rolled - a / a.sum(-1, true)).abs().max().item<double>() < 1e-15);
  QVERIFY((attention_rollout({weights}, Fusion::mean, 0)[0] - rolled).abs().max().item<double>() > 1e-3);
}

void AttentionTest::TheReadoutFitsTheModel() {
  const at::TensorOptions options(at::kDouble);
  QVERIFY(readout_vector(true, 5, options).equal(at::tensor({0.0, 0.25, 0.25, 0.25, 0.25}, at::kDouble)));
  QVERIFY(readout_vector(false, 3, options).equal(at::tensor({1.0, 0.0, 0.0}, at::kDouble)));
  const at::Tensor matrix = at::arange(9, at::kDouble).view({1, 3, 3});
  QVERIFY(patch_map(matrix, readout_vector(false, 3, options)).equal(at::tensor({1.0, 2.0}, at::kDouble).view({1, 2})));
  QVERIFY(patch_map(matrix, readout_vector(true, 3, options)).equal(at::tensor({5.5, 6.5}, at::kDouble).view({1, 2})));
}

void AttentionTest::TheLastLayerAnswersAsTheModelDoes() {
  for (const bool global_pool : {true, false}) {
    VitClassifier model = small_model(global_pool);
    const AttentionPass pass = attention_pass(*model, pictures(2, 5));
    const at::Tensor answers = layer_logits(*model, pass);
    QCOMPARE(answers.sizes().vec(), (std::vector<std::int64_t>{3, 2, 5}));
    QVERIFY((answers[2] - pass.logits).abs().max().item<double>() < 1e-13);
    QVERIFY((answers[0] - pass.logits).abs().max().item<double>() > 1e-6);
    const at::Tensor similarity = token_similarity(pass);
    QVERIFY((similarity.diagonal(0, 2, 3) - 1).abs().max().item<double>() < 1e-12);
    QVERIFY(similarity.abs().max().item<double>() < 1 + 1e-12);
  }
}

void AttentionTest::AnAutoencodersEncoderIsLookedAtToo() {
  VitOptions options;
  options.img_size = 12;
  options.patch_size = 4;
  options.embed_dim = 16;
  options.depth = 2;
  options.num_heads = 2;
  options.decoder_embed_dim = 16;
  options.decoder_depth = 1;
  options.decoder_num_heads = 2;
  MaskedAutoencoder model(options);
  initialise_masked_autoencoder(*model, 1);
  const at::Tensor images = pictures(2, 6).to(at::kFloat);
  const AttentionPass pass = attention_pass(*model, images);
  QVERIFY(!pass.logits.defined());
  const PatchMask whole = make_patch_mask(at::arange(9, at::kFloat).expand({2, 9}), 0);
  const at::Tensor latent = model->encode(images, whole);
  QVERIFY((model->norm->forward(pass.tokens.back()) - latent).abs().max().item<double>() < 1e-5);
}

void AttentionTest::DistancesAreZeroForTheSameAndWithinTheirRange() {
  VitClassifier model = small_model(true);
  const AttentionPass a = attention_pass(*model, pictures(2, 7)), b = attention_pass(*model, pictures(2, 8));
  const AttentionDistance none = attention_distance(a, a), some = attention_distance(a, b);
  QCOMPARE(none.total_variation.abs().max().item<double>(), 0.0);
  QCOMPARE(none.frobenius.abs().max().item<double>(), 0.0);
  QVERIFY(none.jensen_shannon.abs().max().item<double>() < 1e-12);
  QVERIFY((none.cosine - 1).abs().max().item<double>() < 1e-12);
  QVERIFY((none.cka - 1).abs().max().item<double>() < 1e-9);
  QCOMPARE(some.total_variation.sizes().vec(), (std::vector<std::int64_t>{2, 3, 2}));
  QVERIFY(some.total_variation.min().item<double>() > 0 && some.total_variation.max().item<double>() < 1);
  QVERIFY(some.cka.max().item<double>() < 1 - 1e-6);
  // Two rows without a common key are one bit and a total variation of one apart.
  const at::Tensor left = at::eye(2, at::kDouble).view({1, 1, 2, 2}), right = left.flip(3);
  const at::Tensor tokens = at::randn({1, 2, 4}, at::kDouble);
  const AttentionDistance far = attention_distance({{left}, {tokens}, {}}, {{right}, {tokens * 3}, {}});
  QCOMPARE(far.total_variation.item<double>(), 1.0);
  QVERIFY(std::abs(far.jensen_shannon.item<double>() - 1) < 1e-12);
  QCOMPARE(far.cosine.item<double>(), 0.0);
  QVERIFY(std::abs(far.cka.item<double>() - 1) < 1e-9);
  QVERIFY(std::abs(head_entropy({at::full({1, 1, 4, 4}, 0.25, at::kDouble)}).item<double>() - std::log(4.0)) < 1e-12);
}

void AttentionTest::CkaEqualsItsDefinition() {
  const at::Tensor x = at::rand({1, 6, 4}, at::detail::createCPUGenerator(9), at::kDouble);
  const at::Tensor y = at::rand({1, 6, 4}, at::detail::createCPUGenerator(10), at::kDouble);
  const at::Tensor a = at::full({1, 1, 6, 6}, 1.0 / 6, at::kDouble);
  const double found = attention_distance({{a}, {x}, {}}, {{a}, {y}, {}}).cka.item<double>();
  // |YᵀX|² / (|XᵀX| |YᵀY|) of centred columns, in loops.
  const auto centred = [](const at::Tensor& t) {
    Matrix m = to_matrix(t[0]);
    for (std::size_t c = 0; c < 4; ++c) {
      double mean = 0;
      for (const Vector& row : m) mean += row[c] / 6;
      for (Vector& row : m) row[c] -= mean;
    }
    return m;
  };
  const Matrix p = centred(x), q = centred(y);
  const auto squared = [](const Matrix& u, const Matrix& v) {
    double sum = 0;
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 4; ++j) {
        double product = 0;
        for (std::size_t t = 0; t < 6; ++t) product += u[t][i] * v[t][j];
        sum += product * product;
      }
    return sum;
  };
  QVERIFY(std::abs(found - squared(q, p) / std::sqrt(squared(p, p) * squared(q, q))) < 1e-12);
}

void AttentionTest::ATrueMapIsMoreFaithfulThanChance() {
  VitClassifier model = small_model(true);
  const at::Tensor image = pictures(1, 11)[0];
  const at::Tensor probabilities = model->forward(image.unsqueeze(0)).softmax(1)[0];
  FaithfulnessOptions options;
  options.patch_size = 4;
  options.label = probabilities.argmax().item<std::int64_t>();
  // The truest map there is: how far the probability falls when a patch alone is removed.
  at::Tensor map = at::zeros({9}, at::kDouble);
  const at::Tensor mean = image.mean(at::IntArrayRef{1, 2}).view({3, 1, 1});
  for (std::int64_t patch = 0; patch < 9; ++patch) {
    at::Tensor without = image.clone();
    without.slice(1, patch / 3 * 4, patch / 3 * 4 + 4).slice(2, patch % 3 * 4, patch % 3 * 4 + 4).copy_(mean.expand({3, 4, 4}));
    map[patch] = probabilities[options.label] - model->forward(without.unsqueeze(0)).softmax(1)[0][options.label];
  }
  const PhiloxDraws draws(5);
  const Faithfulness curves = faithfulness(*model, image, map, draws, options);
  QCOMPARE(curves.share.size(0), std::int64_t{11});
  QVERIFY(std::abs(curves.deletion[0].item<double>() - probabilities[options.label].item<double>()) < 1e-12);
  QVERIFY(std::abs(curves.deletion[10].item<double>() - curves.insertion[0].item<double>()) < 1e-12);
  QVERIFY(std::abs(curves.insertion[10].item<double>() - curves.deletion[0].item<double>()) < 1e-12);
  QVERIFY(curve_area(curves.deletion).item<double>() < curve_area(curves.deletion_random).mean().item<double>());
  QVERIFY(curve_area(curves.insertion).item<double>() > curve_area(curves.insertion_random).mean().item<double>());
  QVERIFY(faithfulness(*model, image, map, draws, options).deletion_random.equal(curves.deletion_random));
  QVERIFY(!curves.deletion_random[0].equal(curves.deletion_random[1]));
  QVERIFY(std::abs(curve_area(at::linspace(0, 1, 11, at::kDouble)).item<double>() - 0.5) < 1e-12);
}

void AttentionTest::ACancelledPassEndsWithinABlock() {
  VitClassifier model = small_model(true);
  StopSource source;
  ForwardContext context;
  context.stop = StopToken(source);
  const AttentionPass pass = attention_pass(*model, pictures(1, 12), context, Graph::keep);
  source.request(Stop::now);
  QVERIFY_THROWS_EXCEPTION(ErrorException, attention_pass(*model, pictures(1, 12), context));
  QVERIFY_THROWS_EXCEPTION(ErrorException, attention_gradients(pass, at::zeros({1}, at::kLong)));  // backward looks too
}

QTEST_APPLESS_MAIN(AttentionTest)
#include "attention_test.moc"
