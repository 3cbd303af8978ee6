#include <torch/torch.h>

#include <QTest>
#include <cmath>
#include <numeric>

#include "core/attacks/projections.h"
#include "core/inspection/attack_path.h"
#include "core/inspection/reconstruction.h"
#include "core/models/vit.h"
#include "core/service/architecture.h"
#include "core/service/settings.h"
#include "core/tensor/arrays.h"
#include "tests/support/expected.h"

#include <nlohmann/json.hpp>

using namespace mimir;

namespace {

VitOptions small_options() {
  VitOptions options;
  options.img_size = 16;
  options.patch_size = 4;
  options.embed_dim = 16;
  options.depth = 2;
  options.num_heads = 2;
  options.num_classes = 4;
  options.decoder_embed_dim = 16;
  options.decoder_depth = 1;
  options.decoder_num_heads = 2;
  return options;
}

VitClassifier small_classifier() {
  VitClassifier model(small_options());
  initialise_classifier(*model, 2);
  at::NoGradGuard no_grad;
  for (auto& parameter : model->parameters()) {
    if (parameter.dim() == 2) parameter.mul_(8);
  }
  return model;
}

at::Tensor pictures(std::int64_t count, std::uint64_t seed) { return at::rand({count, 3, 16, 16}, at::detail::createCPUGenerator(seed), at::kFloat); }

std::vector<std::int64_t> places(std::int64_t count) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  return ids;
}

double worst(const at::Tensor& a, const at::Tensor& b) { return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>(); }

/// Two classes, logits 0 and `slope` * (mean of the pixels - 0.5 - distance): wrong from an L-infinity epsilon of `distance` on.
std::shared_ptr<LinearClassifierImpl> known_radius(double distance) {
  auto model = std::make_shared<LinearClassifierImpl>(2, 3 * 16 * 16);
  at::NoGradGuard no_grad;
  model->weight.zero_();
  model->weight[1].fill_(10.0 / (3 * 16 * 16));
  model->bias.zero_();
  model->bias[1] = -10 * (0.5 + distance);
  return model;
}

}  // namespace

class InspectionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void APathTellsEveryStepAsItIs();
  void TheKeptRestartIsTheStrongest();
  void ATargetedPathLeadsToTheTarget();
  void ABranchBeginsWhereItIsTold();
  void TheSmallestEpsilonIsTheKnownRadius();
  void NoSuccessIsNoEpsilon();
  void RoundingNeverLeavesTheBall();
  void MasksAreNestedExactAndOfTheirKind();
  void ARandomMaskIsTheProbesMask();
  void AGivenMaskReconstructsAsTheDrawnOne();
  void ErrorsAndQualityEqualLoops();
  void NormalisedPredictionsAreShownWithTrueStatistics();
  void CancelledWorkEnds();
  void SettingsNameWhatIsWrong();
  void SettingsSayTheCommandAgain();
};

void InspectionTest::APathTellsEveryStepAsItIs() {
  VitClassifier model = small_classifier();
  const at::Tensor images = pictures(3, 1), labels = at::tensor({0, 1, 2}, at::kLong);
  const PhiloxDraws draws(4);
  AttackPathOptions options;
  options.settings.num_steps = 4;
  options.settings.restarts = 2;
  options.patch_size = 4;
  options.keep_images = true;
  int told = 0;
  options.progress = [&](int done) { told = done; };
  const auto path = attack_path(*model, images, labels, places(3), draws, options);
  QVERIFY_OK(path);
  QCOMPARE(path->images.sizes().vec(), (std::vector<std::int64_t>{2, 5, 3, 3, 16, 16}));
  QCOMPARE(path->logits.sizes().vec(), (std::vector<std::int64_t>{2, 5, 3, 4}));
  QCOMPARE(path->gradient.sizes().vec(), (std::vector<std::int64_t>{2, 5, 3, 16}));
  QCOMPARE(path->forward, std::int64_t{10});
  QCOMPARE(path->backward, std::int64_t{8});
  QCOMPARE(told, 10);
  const ThreatModel threat = options.settings.threat;
  for (std::int64_t r = 0; r < 2; ++r) {
    for (std::int64_t s = 0; s < 5; ++s) {
      const at::Tensor point = path->images[r][s].detach().clone().requires_grad_();
      QVERIFY(perturbation_size(point.detach(), images, Norm::linf).max().item<double>() <= threat.epsilon + 1e-6);
      const at::Tensor logits = model->forward(point);
      QVERIFY(worst(logits.detach(), path->logits[r][s]) < 1e-5);
      QVERIFY(worst(cross_entropy(logits, labels).detach(), path->loss[r][s]) < 1e-5);
      QVERIFY(worst(margin(logits, labels).detach(), path->margin[r][s]) < 1e-5);
      if (s == 4) {
        QVERIFY(path->gradient[r][s].isnan().all().item<bool>());
        continue;
      }
      const at::Tensor gradient = torch::autograd::grad({cross_entropy(logits, labels).sum()}, {point})[0];
      const at::Tensor first_patch = at::linalg_vector_norm(gradient.slice(2, 0, 4).slice(3, 4, 8).flatten(1), 2, {1});  // patch 1
      QVERIFY(worst(first_patch, path->gradient[r][s].select(1, 1)) < 1e-5);
      const at::Tensor next = project(path->images[r][s] + threat.epsilon / 4 * gradient.sign(), images, threat);
      QVERIFY((next - path->images[r][s + 1]).abs().gt(1e-6).to(at::kDouble).mean().item<double>() < 1e-3);  // a sign near 0 may differ
    }
  }
  QVERIFY(!path->images[0][0].equal(path->images[1][0]));
  options.keep_images = false;
  options.keep_step = 2;
  const auto one = attack_path(*model, images, labels, places(3), draws, options);
  QVERIFY_OK(one);
  QVERIFY(one->images.equal(path->images.slice(1, 2, 3)));
  options.keep_step = 5;
  QVERIFY(!attack_path(*model, images, labels, places(3), draws, options)->images.defined());
}

void InspectionTest::TheKeptRestartIsTheStrongest() {
  VitClassifier model = small_classifier();
  const at::Tensor images = pictures(6, 2), labels = at::zeros({6}, at::kLong);
  const PhiloxDraws draws(5);
  AttackPathOptions options;
  options.settings.num_steps = 3;
  options.settings.restarts = 3;
  options.keep_images = true;
  const auto path = attack_path(*model, images, labels, places(6), draws, options);
  QVERIFY_OK(path);
  const at::Tensor last = path->loss.select(1, 3);  // [R, N]
  QVERIFY(path->restart.equal(last.argmax(0)));
  QVERIFY(path->restart.max().item<std::int64_t>() > 0);
  const at::Tensor kept = of_restart(path->images, path->restart);
  QCOMPARE(kept.sizes().vec(), (std::vector<std::int64_t>{6, 4, 3, 16, 16}));
  QVERIFY(kept.select(1, 3).equal(path->adversarial));
}

void InspectionTest::ATargetedPathLeadsToTheTarget() {
  VitClassifier model = small_classifier();
  const at::Tensor images = pictures(4, 3);
  const at::Tensor logits = model->forward(images).detach(), labels = logits.argmax(1), targets = logits.argmin(1);
  const PhiloxDraws draws(6);
  AttackPathOptions options;
  options.settings.threat.epsilon = 0.3;
  options.settings.num_steps = 20;
  options.targets = targets;
  const auto path = attack_path(*model, images, labels, places(4), draws, options);
  QVERIFY_OK(path);
  const at::Tensor attacked = model->forward(path->adversarial).detach();
  const at::Tensor before = logits.softmax(1).gather(1, targets.unsqueeze(1)), after = attacked.softmax(1).gather(1, targets.unsqueeze(1));
  QVERIFY((after > before).all().item<bool>());
  QVERIFY(attack_succeeded(attacked, labels, targets).equal(attacked.argmax(1).eq(targets)));
  options.loss = Loss::margin;
  QVERIFY_FAILS(attack_path(*model, images, labels, places(4), draws, options), ErrorCode::usage, "ce or dlr");
  options.targets = at::Tensor();
  options.attack = "pdg";
  QVERIFY_FAILS(attack_path(*model, images, labels, places(4), draws, options), ErrorCode::usage, "\"pgd\"");
}

void InspectionTest::ABranchBeginsWhereItIsTold() {
  VitClassifier model = small_classifier();
  const at::Tensor images = pictures(2, 4), labels = at::zeros({2}, at::kLong);
  const PhiloxDraws draws(7);
  AttackPathOptions options;
  options.settings.num_steps = 6;
  options.keep_images = true;
  const auto whole = attack_path(*model, images, labels, places(2), draws, options);
  QVERIFY_OK(whole);
  options.start = whole->images[0][2].contiguous();
  options.settings.num_steps = 4;
  const auto rest = attack_path(*model, images, labels, places(2), draws, options);
  QVERIFY_OK(rest);
  QVERIFY(rest->images[0][0].equal(whole->images[0][2]));
  QVERIFY(rest->adversarial.equal(whole->adversarial));  // the same attack goes on as it would have
  options.loss = Loss::margin;
  options.settings.step_size = 1.0 / 255;
  const auto other = attack_path(*model, images, labels, places(2), draws, options);
  QVERIFY_OK(other);
  QVERIFY(!other->adversarial.equal(whole->adversarial));
  QVERIFY(worst(other->loss, other->margin) == 0);
}

void InspectionTest::TheSmallestEpsilonIsTheKnownRadius() {
  const double radius = 0.0237, up_to = 0.08;
  const auto model = known_radius(radius);
  const at::Tensor image = at::full({1, 3, 16, 16}, 0.5, at::kFloat), label = at::zeros({1}, at::kLong);
  const PhiloxDraws draws(8);
  AttackPathOptions options;
  options.attack = "fgsm";
  int told = 0;
  const auto found = smallest_epsilon(*model, image, label, 0, draws, options, up_to, [&](double epsilon, bool success, double low, double high) {
    ++told;
    QVERIFY(success == (epsilon > radius));
    QVERIFY(low < radius && high >= radius);
  });
  QVERIFY_OK(found);
  QVERIFY(found->epsilon.has_value());
  QVERIFY2(*found->epsilon >= radius && *found->epsilon <= radius + up_to / 1024 * 1.001, qPrintable(QString::number(*found->epsilon)));
  QCOMPARE(told, static_cast<int>(found->tried.size()));
  const at::Tensor adversarial = found->adversarial.unsqueeze(0);
  QVERIFY(perturbation_size(adversarial, image, Norm::linf).item<double>() <= *found->epsilon + 1e-6);
  QCOMPARE(model->forward(adversarial).argmax(1).item<std::int64_t>(), std::int64_t{1});
}

void InspectionTest::NoSuccessIsNoEpsilon() {
  const at::Tensor image = at::full({1, 3, 16, 16}, 0.5, at::kFloat);
  const PhiloxDraws draws(9);
  AttackPathOptions options;
  options.attack = "fgsm";
  const auto none = smallest_epsilon(*known_radius(0.05), image, at::zeros({1}, at::kLong), 0, draws, options, 0.04);
  QVERIFY_OK(none);
  QVERIFY(!none->epsilon && none->tried.size() == 1 && none->adversarial.equal(image[0]));
  const auto wrong = smallest_epsilon(*known_radius(0.05), image, at::ones({1}, at::kLong), 0, draws, options, 0.04);
  QVERIFY_OK(wrong);
  QCOMPARE(wrong->epsilon.value(), 0.0);
  options.settings.step_size = 0.5;
  options.settings.threat.epsilon = 0.1;
  QVERIFY(std::abs(at_radius(options.settings, 0.02).step_size - 0.1) < 1e-12);
}

void InspectionTest::RoundingNeverLeavesTheBall() {
  const at::Tensor clean = (pictures(4, 5) * 255).round() / 255;
  const at::Tensor noise = pictures(4, 6) * 2 - 1;
  const double epsilon = 8.0 / 255;
  const at::Tensor adversarial = (clean + noise * epsilon).clamp(0, 1);
  const at::Tensor rounded = rounded_towards(clean, adversarial).to(at::kDouble) / 255;
  QVERIFY(worst(rounded, clean) <= epsilon + 1e-6);
  QVERIFY(((rounded - clean.to(at::kDouble)).abs() <= (adversarial - clean).to(at::kDouble).abs() + 1e-6).all().item<bool>());
  QVERIFY(worst(rounded, adversarial) < 1.0 / 255);
  const at::Tensor whole = (clean + epsilon * noise.sign()).clamp(0, 1);  // whole levels stay what they are
  QVERIFY(worst(rounded_towards(clean, whole).to(at::kDouble) / 255, whole) < 1e-6);
}

void InspectionTest::MasksAreNestedExactAndOfTheirKind() {
  const PhiloxDraws draws(10);
  for (const MaskKind kind : {MaskKind::random, MaskKind::block, MaskKind::grid}) {
    const at::Tensor quarter = draw_mask(kind, 0.25, draws, places(3), 8).mask, most = draw_mask(kind, 0.75, draws, places(3), 8).mask;
    QVERIFY(quarter.sum(1).eq(16).all().item<bool>());
    QVERIFY(most.sum(1).eq(48).all().item<bool>());
    QVERIFY((most >= quarter).all().item<bool>());
    if (kind != MaskKind::grid) QVERIFY(!quarter[0].equal(quarter[1]));  // a grid has few places to be
  }
  const at::Tensor spread = draw_mask(MaskKind::grid, 0.75, draws, places(1), 8).mask[0].view({8, 8});
  const at::Tensor kept = (1 - spread).view({4, 2, 4, 2}).sum({1, 3});
  QVERIFY(kept.eq(1).all().item<bool>());  // one in each square of four
  const at::Tensor block = draw_mask(MaskKind::block, 0.25, draws, places(1), 8).mask[0].view({8, 8});
  QVERIFY(block.sum(0).gt(0).sum().item<std::int64_t>() <= 6 && block.sum(1).gt(0).sum().item<std::int64_t>() <= 8);
  const at::Tensor rows = block.sum(1), busy = rows.gt(0).nonzero();
  QCOMPARE(busy.max().item<std::int64_t>() - busy.min().item<std::int64_t>() + 1, busy.size(0));  // in one piece
  QVERIFY_FAILS(parse_mask_kind("blok"), ErrorCode::usage, "random, block or grid");
}

void InspectionTest::ARandomMaskIsTheProbesMask() {
  const PhiloxDraws draws(11);
  const auto ids = places(4);
  const PatchMask probe = make_patch_mask(draw_uniform(draws, {Purpose::probe}, ids, {16}), 0.75);
  QVERIFY(draw_mask(MaskKind::random, 0.75, draws, ids, 4).mask.equal(probe.mask));
}

void InspectionTest::AGivenMaskReconstructsAsTheDrawnOne() {
  MaskedAutoencoder model(small_options());
  initialise_masked_autoencoder(*model, 1);
  const at::Tensor images = pictures(2, 7);
  const PhiloxDraws draws(12);
  const PatchMask drawn = draw_mask(MaskKind::random, 0.5, draws, places(2), 4);
  const PatchMask given = given_mask(drawn.mask);
  QVERIFY(given.mask.equal(drawn.mask));
  QVERIFY(!given.ids_keep.equal(drawn.ids_keep));
  const ReconstructionView a = reconstruct(*model, images, images, drawn, true), b = reconstruct(*model, images, images, given, true);
  QVERIFY(worst(a.reconstruction, b.reconstruction) < 1e-5);
  const ReconstructionView all = reconstruct(*model, images, images, given_mask(at::ones({2, 16})), false);  // nothing is visible
  QVERIFY(all.error_visible.isnan().all().item<bool>());
  QVERIFY(all.reconstruction.isfinite().all().item<bool>());
  const ReconstructionView none = reconstruct(*model, images, images, given_mask(at::zeros({2, 16})), false);
  QVERIFY(none.error_masked.isnan().all().item<bool>() && none.psnr.isfinite().all().item<bool>());
}

void InspectionTest::ErrorsAndQualityEqualLoops() {
  MaskedAutoencoder model(small_options());
  initialise_masked_autoencoder(*model, 1);
  const at::Tensor clean = pictures(1, 8), input = pictures(1, 9);
  const PatchMask mask = given_mask(at::arange(16).lt(5).view({1, 16}));
  const ReconstructionView view = reconstruct(*model, input, clean, mask, false);
  const auto a = view.reconstruction.accessor<float, 4>(), b = clean.accessor<float, 4>();
  double masked = 0, visible = 0;
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      double squared = 0;
      for (int c = 0; c < 3; ++c) squared += std::pow(static_cast<double>(a[0][c][y][x]) - b[0][c][y][x], 2) / 3;
      (y / 4 * 4 + x / 4 < 5 ? masked : visible) += squared;
    }
  }
  QVERIFY(std::abs(view.error_masked.item<double>() - masked / (5 * 16)) < 1e-6);
  QVERIFY(std::abs(view.error_visible.item<double>() - visible / (11 * 16)) < 1e-6);
  QVERIFY(std::abs(view.psnr.item<double>() + 10 * std::log10((masked + visible) / 256)) < 1e-5);
  QVERIFY(std::abs(view.loss.item<double>() - masked / (5 * 16)) < 1e-6);

  // Structural similarity at one pixel near a corner and one in the middle, by its definition.
  const at::Tensor map = ssim_map(view.reconstruction, clean);
  QVERIFY(worst(ssim_map(clean, clean), at::ones({1, 16, 16}, at::kDouble)) < 1e-9);
  for (const auto& [row, column] : {std::pair{2, 3}, std::pair{8, 8}}) {
    double mean = 0;
    for (int c = 0; c < 3; ++c) {
      double w = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
      for (int y = std::max(0, row - 5); y <= std::min(15, row + 5); ++y) {
        for (int x = std::max(0, column - 5); x <= std::min(15, column + 5); ++x) {
          const double g = std::exp(-((y - row) * (y - row) + (x - column) * (x - column)) / 4.5), p = a[0][c][y][x], q = b[0][c][y][x];
          w += g, ma += g * p, mb += g * q, aa += g * p * p, bb += g * q * q, ab += g * p * q;
        }
      }
      ma /= w, mb /= w, aa = aa / w - ma * ma, bb = bb / w - mb * mb, ab = ab / w - ma * mb;
      mean += (2 * ma * mb + 1e-4) * (2 * ab + 9e-4) / ((ma * ma + mb * mb + 1e-4) * (aa + bb + 9e-4)) / 3;
    }
    QVERIFY(std::abs(map[0][row][column].item<double>() - mean) < 1e-9);
  }
}

void InspectionTest::NormalisedPredictionsAreShownWithTrueStatistics() {
  MaskedAutoencoder model(small_options());
  initialise_masked_autoencoder(*model, 1);
  at::NoGradGuard no_grad;
  model->decoder_pred->weight.zero_();
  model->decoder_pred->bias.zero_();  // every patch is predicted as its own mean
  const at::Tensor images = pictures(2, 10);
  const PatchMask mask = given_mask(at::arange(16).lt(8).view({1, 16}).expand({2, 16}));
  const ReconstructionView view = reconstruct(*model, images, images, mask, true);
  const at::Tensor means = patchify(images, 4).mean(-1);
  QVERIFY(worst(view.reconstruction[1].slice(1, 4, 8).slice(2, 8, 12), means[1][6].expand({3, 4, 4})) < 1e-6);
  QVERIFY(worst(reconstruct(*model, images, images, mask, false).reconstruction, at::zeros({2, 3, 16, 16})) == 0);
}

void InspectionTest::CancelledWorkEnds() {
  VitClassifier model = small_classifier();
  StopSource source;
  const PhiloxDraws draws(1);
  AttackPathOptions options;
  options.settings.num_steps = 50;
  options.stop = StopToken(source);
  int seen = 0;
  options.progress = [&](int done) {
    seen = done;
    if (done == 3) source.request(Stop::now);
  };
  QVERIFY_THROWS_EXCEPTION(ErrorException, (void)attack_path(*model, pictures(1, 1), at::zeros({1}, at::kLong), places(1), draws, options));
  QCOMPARE(seen, 3);
}

void InspectionTest::SettingsNameWhatIsWrong() {
  std::vector<Parameter> parameters = {{.key = "epsilon", .fallback = 0.5, .minimum = 0, .help = ""},
                                       {.key = "steps", .type = ParameterType::integer, .fallback = 3LL, .help = ""},
                                       {.key = "kind", .type = ParameterType::choice, .fallback = "one", .choices = {"one", "two"}, .help = ""},
                                       {.key = "flag", .type = ParameterType::boolean, .fallback = false, .help = ""},
                                       {.key = "set", .type = ParameterType::list, .fallback = std::vector<std::string>{}, .help = ""}};
  const auto read = [&](const nlohmann::json& options) { return Settings::read(parameters, options); };
  const auto good = read({{"epsilon", "8/255"}, {"steps", 4}, {"flag", true}, {"set", {"a=1", "b=2"}}, {"kind", ""}});
  QVERIFY_OK(good);
  QCOMPARE(good->number("epsilon"), 8.0 / 255);
  QCOMPARE(good->integer("steps"), std::int64_t{4});
  QCOMPARE(good->text("kind"), std::string("one"));
  QVERIFY(good->flag("flag") && good->given("epsilon") && !good->given("kind"));
  QCOMPARE(good->list("set").size(), std::size_t{2});
  QVERIFY_FAILS(read({{"epsilom", 1}}), ErrorCode::usage, "\"epsilon\"");
  QVERIFY_FAILS(read({{"epsilon", "much"}}), ErrorCode::usage, "fraction");
  QVERIFY_FAILS(read({{"epsilon", -1}}), ErrorCode::usage, "smallest");
  QVERIFY_FAILS(read({{"epsilon", {1, 2}}}), ErrorCode::usage, "another kind");
  QVERIFY_FAILS(read({{"epsilon", nullptr}}), ErrorCode::usage, "another kind");
  QVERIFY_FAILS(read({{"steps", "2.5"}}), ErrorCode::usage, "whole number");
  QVERIFY_FAILS(read({{"kind", "tow"}}), ErrorCode::usage, "\"two\"");
  QVERIFY_FAILS(read({{"flag", "maybe"}}), ErrorCode::usage, "true or false");
}

void InspectionTest::SettingsSayTheCommandAgain() {
  std::vector<Parameter> parameters = {{.key = "image", .type = ParameterType::text, .fallback = "", .help = ""},
                                       {.key = "flag", .type = ParameterType::boolean, .fallback = false, .help = ""},
                                       {.key = "set", .type = ParameterType::list, .fallback = std::vector<std::string>{}, .help = ""}};
  const auto settings = Settings::read(parameters, {{"set", {"a=1", "b='x y'"}}, {"flag", true}, {"image", "1,2"}});
  QVERIFY_OK(settings);
  QCOMPARE(settings->command_options({}), std::string(" --image 1,2 --flag --set a=1 --set 'b='\\''x y'\\'''"));
  const std::vector<std::string> without = {"image"};
  QVERIFY(!QByteArray::fromStdString(settings->command_options(without)).contains("--image"));
  QCOMPARE(shell_word(""), std::string("''"));
  QVERIFY_FAILS(parse_architecture("vit,depht=3"), ErrorCode::usage, "depth");
  QCOMPARE(parse_architecture("mae_vit_small,patch_size=2")->model.patch_size, std::int64_t{2});
  QVERIFY(parse_architecture("linear")->family == Architecture::Family::linear);
}

QTEST_APPLESS_MAIN(InspectionTest)
#include "inspection_test.moc"
