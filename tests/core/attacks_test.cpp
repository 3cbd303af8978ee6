#include <torch/torch.h>

#include <QTest>

#include <cmath>
#include <numeric>

#include "core/attacks/attack.h"
#include "core/attacks/classifier_objective.h"
#include "core/attacks/projections.h"
#include "core/attacks/reconstruction_objective.h"
#include "core/tensor/recorded_draws.h"
#include "core/training/robust_losses.h"

using namespace mimir;

namespace {

constexpr std::int64_t kClasses = 5;
constexpr double kEpsilon = 8.0 / 255;

at::Tensor normal(at::IntArrayRef shape, std::uint64_t seed) {
  return at::normal(0.0, 1.0, shape, at::detail::createCPUGenerator(seed), at::kDouble);
}

/// [count, 3, 4, 4] with values of the whole box, 0 and 1 among them.
at::Tensor some_images(std::int64_t count) { return (0.5 + 0.3 * normal({count, 3, 4, 4}, 1)).clamp(0, 1); }

std::vector<std::int64_t> ids_from(std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

/// logits = W2 tanh(W1 x), or W x where `hidden` is 0.
class SmallModel final : public ClassifierImpl {
 public:
  explicit SmallModel(std::int64_t hidden) {
    const std::int64_t pixels = 48;
    first = register_parameter("first", normal({hidden ? hidden : kClasses, pixels}, 2) * 0.5);
    if (hidden) second = register_parameter("second", normal({kClasses, hidden}, 3));
  }
  at::Tensor forward(const at::Tensor& images, const ForwardContext& = {}) override {
    const at::Tensor z = at::linear(images.flatten(1) - 0.5, first);
    return second.defined() ? at::linear(z.tanh(), second) : z;
  }
  at::Tensor features(const at::Tensor& images, const ForwardContext& = {}) override { return forward(images).unsqueeze(1); }
  std::int64_t num_classes() const override { return kClasses; }
  at::Tensor first, second;
};

/// A batch, a small model and its labels (what the model says of the clean images).
struct Scene {
  explicit Scene(at::ScalarType dtype = at::kDouble, std::int64_t hidden = 16, std::int64_t count = 6) : model(hidden), clean(some_images(count).to(dtype)) {
    model.to(dtype);
    at::NoGradGuard no_grad;
    labels = model.forward(clean).argmax(1);
    ids = ids_from(100, count);
  }
  at::Tensor attack(const std::string& name, const AttackOptions& options, std::uint64_t seed = 1) {
    ClassifierObjective objective(model, labels);
    const PhiloxDraws draws(seed);
    return (*make_attack(name, options))->run(objective, clean, {draws, {Purpose::pgd, 3}, ids});
  }
  at::Tensor loss(const at::Tensor& images) {
    at::NoGradGuard no_grad;
    return cross_entropy(model.forward(images), labels);
  }
  SmallModel model;
  at::Tensor clean, labels;
  std::vector<std::int64_t> ids;
};

template <typename Test>
void for_each_attack(Test test) {
  for (const auto& [id, entry] : attacks()) {
    for (const Norm norm : entry.norms) {
      test(id, entry, AttackOptions{.threat = {norm, norm == Norm::linf ? kEpsilon : 0.5}});
    }
  }
}

Error error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const ErrorException& exception) {
    return exception.error;
  }
  return {ErrorCode::defect, "no error", {}};
}

/// |gradient . direction - central difference| along a random direction, relative.
template <typename Value>
double slope_error(const at::Tensor& x, const at::Tensor& gradient, Value value) {
  const at::Tensor direction = normal(x.sizes(), 77);
  const double h = 1e-6, slope = (gradient * direction).sum().template item<double>();
  const double numeric = (value(x.detach() + h * direction) - value(x.detach() - h * direction)) / (2 * h);
  return std::abs(numeric - slope) / (std::abs(slope) + 1e-12);
}

MaskedAutoencoder small_autoencoder() {
  VitOptions options;
  options.img_size = 8;
  options.patch_size = 2;
  options.embed_dim = 8;
  options.depth = 1;
  options.num_heads = 2;
  options.decoder_embed_dim = 8;
  options.decoder_depth = 1;
  options.decoder_num_heads = 2;
  MaskedAutoencoder model(options);
  initialise_masked_autoencoder(*model, 1);
  model->to(at::kDouble);
  return model;
}

}  // namespace

class AttacksTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void RegistryHasTheKnownAttacks();
  void AttacksStayInBallAndBoxAndKeepTheDtype();
  void AttacksRaiseTheLoss();
  void AttacksAreAFunctionOfTheSeed();
  void AttacksDoNotDependOnBatchSplitOrOrder();
  void AttacksLeaveParameterGradientsAlone();
  void AttacksWorkWhereGradientsAreSwitchedOff();
  void EpsilonZeroGivesTheCleanImage();
  void EmptyBatchGivesAnEmptyBatch();
  void WrongInputsAreRefused();
  void CancelledAttackThrowsStopped();
  void PgdReachesTheOptimumOfALinearModel();
  void NFgsmLeavesTheBallAndFgsmRsDoesNot();
  void RestartsKeepTheHighestLossOfEachImage();
  void TargetedPgdReachesItsTarget();
  void ObserverSeesEveryStep();
  void GivenStartIsTakenAsItIs();
  void L2StartIsUniformInTheRadius();
  void ProjectionIsTheNearestPointOfTheBall();
  void LossesHaveTheirGradients();
  void DlrDoesNotSeeScaleAndShift();
  void LossesNeedTheirClasses();
  void ClassifierObjectiveSaysWhatItLacks();
  void ReconstructionAttackTouchesVisiblePatchesOnly();
  void OfficialReconstructionDifferentiatesItsTarget();
  void OfficialReconstructionMasksAnewAtEachStep();
  void RobustLossesAreTheirFormulas();
  void RecordedDrawsReplayAndRefuse();
};

void AttacksTest::RegistryHasTheKnownAttacks() {
  QCOMPARE(attacks().ids(), (std::vector<std::string>{"fgsm", "fgsm-rs", "n-fgsm", "pgd"}));
  for (const auto& [id, entry] : attacks()) {
    QVERIFY2(!entry.info.help.empty() && !entry.info.source.empty() && !entry.norms.empty(), id.c_str());
    for (const Parameter& parameter : entry.info.parameters) QVERIFY2(!parameter.help.empty() && !parameter.unit.empty(), id.c_str());
    if (entry.leaves_ball) QVERIFY2(entry.info.help.find("leave") != std::string::npos, id.c_str());
  }
}

void AttacksTest::AttacksStayInBallAndBoxAndKeepTheDtype() {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    Scene scene(dtype);
    for_each_attack([&](const std::string& id, const AttackEntry& entry, const AttackOptions& options) {
      const at::Tensor images = scene.attack(id, options);
      QCOMPARE(images.scalar_type(), dtype);
      QVERIFY(!images.requires_grad());
      QVERIFY(images.sizes() == scene.clean.sizes());
      QVERIFY2(images.min().item<double>() >= 0 && images.max().item<double>() <= 1, id.c_str());
      const double size = perturbation_size(images, scene.clean, options.threat.norm).max().item<double>();
      QVERIFY2(size > 0.5 * options.threat.epsilon, id.c_str());
      const double bound = entry.leaves_ball ? (options.noise_scale + 1) * options.threat.epsilon : options.threat.epsilon;
      QVERIFY2(size <= bound + 1e-6, id.c_str());
    });
  }
}

void AttacksTest::AttacksRaiseTheLoss() {
  Scene scene;
  for_each_attack([&](const std::string& id, const AttackEntry&, const AttackOptions& options) {
    const at::Tensor gain = scene.loss(scene.attack(id, options)) - scene.loss(scene.clean);
    QVERIFY2(gain.min().item<double>() > 0, id.c_str());
  });
}

void AttacksTest::AttacksAreAFunctionOfTheSeed() {
  Scene scene;
  for_each_attack([&](const std::string& id, const AttackEntry&, const AttackOptions& options) {
    const at::Tensor images = scene.attack(id, options, 5);
    QVERIFY2(images.equal(scene.attack(id, options, 5)), id.c_str());
    QCOMPARE(images.equal(scene.attack(id, options, 6)), id == "fgsm");
  });
}

void AttacksTest::AttacksDoNotDependOnBatchSplitOrOrder() {
  Scene whole;
  for_each_attack([&](const std::string& id, const AttackEntry&, const AttackOptions& options) {
    const at::Tensor images = whole.attack(id, options);
    const at::Tensor order = at::tensor({4, 0, 5}, at::kLong);
    Scene part;
    part.clean = whole.clean.index_select(0, order);
    part.labels = whole.labels.index_select(0, order);
    part.ids = {104, 100, 105};
    QVERIFY2(part.attack(id, options).allclose(images.index_select(0, order), 0, 1e-12), id.c_str());
  });
}

void AttacksTest::AttacksLeaveParameterGradientsAlone() {
  Scene scene;
  for_each_attack([&](const std::string& id, const AttackEntry&, const AttackOptions& options) {
    scene.model.first.mutable_grad() = at::ones_like(scene.model.first);
    scene.model.second.mutable_grad() = at::Tensor();
    const at::Tensor before = scene.model.first.detach().clone();
    scene.attack(id, options);
    QVERIFY2(scene.model.first.grad().equal(at::ones_like(before)) && !scene.model.second.grad().defined(), id.c_str());
    QVERIFY2(scene.model.first.requires_grad() && scene.model.first.equal(before), id.c_str());
    QVERIFY2(!scene.clean.requires_grad(), id.c_str());
  });
}

void AttacksTest::AttacksWorkWhereGradientsAreSwitchedOff() {
  Scene scene;
  for_each_attack([&](const std::string& id, const AttackEntry&, const AttackOptions& options) {
    const at::Tensor images = scene.attack(id, options);
    at::NoGradGuard no_grad;
    QVERIFY2(images.equal(scene.attack(id, options)), id.c_str());
    QVERIFY(!at::GradMode::is_enabled());
  });
}

void AttacksTest::EpsilonZeroGivesTheCleanImage() {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    Scene scene(dtype);
    for_each_attack([&](const std::string& id, const AttackEntry&, AttackOptions options) {
      options.threat.epsilon = 0;
      QVERIFY2(scene.attack(id, options).equal(scene.clean), id.c_str());
    });
  }
}

void AttacksTest::EmptyBatchGivesAnEmptyBatch() {
  Scene scene(at::kFloat, 16, 0);
  for_each_attack([&](const std::string& id, const AttackEntry&, const AttackOptions& options) {
    QVERIFY2(scene.attack(id, options).sizes() == scene.clean.sizes(), id.c_str());
  });
}

void AttacksTest::WrongInputsAreRefused() {
  const auto refused = [](const std::string& name, const AttackOptions& options, const char* hint) {
    const auto attack = make_attack(name, options);
    return !attack && attack.error().code == ErrorCode::usage && attack.error().message.find(hint) != std::string::npos;
  };
  QVERIFY(refused("pgd", {.threat = {Norm::linf, 8}}, "8/255"));
  QVERIFY(make_attack("pgd", {.threat = {Norm::l2, 8}}));
  QVERIFY(refused("pgd", {.threat = {Norm::linf, -0.1}}, "epsilon"));
  QVERIFY(refused("pgd", {.threat = {Norm::linf, std::nan("")}}, "epsilon"));
  QVERIFY(refused("pgd", {.threat = {}, .num_steps = 0}, "step"));
  QVERIFY(refused("pgd", {.threat = {}, .step_size = -1}, "step size"));
  QVERIFY(refused("pgdd", {}, "\"pgd\""));
  QVERIFY(refused("pgd-0", {}, "pgd"));
  QVERIFY(refused("fgsm-3", {}, "fgsm"));
  QVERIFY(refused("fgsm-rs", {.threat = {Norm::l2, 0.5}}, "l2"));
  QVERIFY(make_attack("pgd-20", {}));

  Scene scene;
  for (const double shift : {-0.5, 1e-4}) {
    Scene normalised;
    normalised.clean = normalised.clean.add(shift);
    QCOMPARE(error_of([&] { normalised.attack("pgd", {}); }).code, ErrorCode::input);
  }
  scene.labels[0] = kClasses;
  QCOMPARE(error_of([&] { scene.attack("pgd", {}); }).code, ErrorCode::mismatch);
}

void AttacksTest::CancelledAttackThrowsStopped() {
  Scene scene;
  ClassifierObjective objective(scene.model, scene.labels);
  const PhiloxDraws draws(1);
  for_each_attack([&](const std::string& id, const AttackEntry&, const AttackOptions& options) {
    StopSource source;
    source.request(Stop::now);
    AttackRun run{draws, {Purpose::pgd}, scene.ids, StopToken(source)};
    QVERIFY2(error_of([&] { (*make_attack(id, options))->run(objective, scene.clean, run); }).code == ErrorCode::stopped, id.c_str());
  });
  StopSource source;  // in the middle
  int steps = 0;
  AttackRun run{draws, {Purpose::pgd}, scene.ids, StopToken(source)};
  run.observe = [&](const AttackStep& step) {
    ++steps;
    if (step.step == 2) source.request(Stop::now);
  };
  QCOMPARE(error_of([&] { (*make_attack("pgd-50", {}))->run(objective, scene.clean, run); }).code, ErrorCode::stopped);
  QCOMPARE(steps, 3);
}

void AttacksTest::PgdReachesTheOptimumOfALinearModel() {
  Scene scene(at::kDouble, /*hidden=*/0);
  const at::Tensor targets = (scene.labels + 1).remainder(kClasses);
  // The loss z_t - z_y of a linear model: its gradient is the same everywhere.
  struct LinearObjective final : Objective {
    explicit LinearObjective(at::Tensor slope) : slope(std::move(slope)) {}
    ObjectiveValue evaluate(const at::Tensor& images, int) override {
      const at::Tensor value = (images * slope).flatten(1).sum(1);
      return {value, value.sum(), {}};
    }
    at::Tensor slope;
  };
  const at::Tensor slope = (scene.model.first.index_select(0, targets) - scene.model.first.index_select(0, scene.labels))
                               .detach()
                               .view(scene.clean.sizes());
  LinearObjective objective(slope);
  const PhiloxDraws draws(1);
  const AttackRun run{draws, {Purpose::pgd}, scene.ids};
  const at::Tensor linf = (*make_attack("pgd-20", {}))->run(objective, scene.clean, run);
  QVERIFY(linf.allclose((scene.clean + kEpsilon * slope.sign()).clamp(0, 1), 0, 1e-15));

  const at::Tensor grey = at::full_like(scene.clean, 0.5);  // no pixel reaches the box
  const at::Tensor l2 = (*make_attack("pgd-100", {.threat = {Norm::l2, 0.3}}))->run(objective, grey, run);
  QVERIFY(l2.allclose(grey + 0.3 * slope / sample_norm(slope), 0, 1e-9));
}

void AttacksTest::NFgsmLeavesTheBallAndFgsmRsDoesNot() {
  Scene scene;
  const at::Tensor n_fgsm = scene.attack("n-fgsm", {}), fgsm_rs = scene.attack("fgsm-rs", {});
  QVERIFY(perturbation_size(n_fgsm, scene.clean, Norm::linf).min().item<double>() > 1.5 * kEpsilon);
  const at::Tensor moved = (fgsm_rs - scene.clean).abs();
  const double at_bound = moved.ge(kEpsilon - 1e-9).to(at::kDouble).mean().item<double>();
  QVERIFY(at_bound > 0.4 && at_bound < 0.9);  // 62.5 % and the pixels at the box
}

void AttacksTest::RestartsKeepTheHighestLossOfEachImage() {
  // Many maxima: the loss is a sum of cosines of the pixels.
  struct WavyObjective final : Objective {
    ObjectiveValue evaluate(const at::Tensor& images, int) override {
      const at::Tensor value = (60 * images).cos().mul(1 + images).flatten(1).sum(1);
      return {value, value.sum(), {}};
    }
  } objective;
  Scene scene;
  const PhiloxDraws draws(1);
  const AttackOptions options{.threat = {Norm::linf, 0.2}, .step_size = 0.01};
  const auto run_with = [&](int restarts, std::uint32_t first) {
    AttackOptions with = options;
    with.restarts = restarts;
    return (*make_attack("pgd-20", with))->run(objective, scene.clean, {draws, {Purpose::pgd, 0, first}, scene.ids});
  };
  const at::Tensor best = run_with(4, 0);
  const at::Tensor loss = objective.evaluate(best, 0).per_sample;
  at::Tensor highest = at::full_like(loss, -1e9);
  for (std::uint32_t restart = 0; restart < 4; ++restart) {
    highest = at::maximum(highest, objective.evaluate(run_with(1, restart), 0).per_sample);
  }
  QVERIFY(loss.equal(highest));
  QVERIFY(!best.equal(run_with(1, 0)));
}

void AttacksTest::TargetedPgdReachesItsTarget() {
  Scene scene;
  const at::Tensor targets = (scene.labels + 2).remainder(kClasses);
  const PhiloxDraws draws(1);
  for (const Loss loss : {Loss::ce_targeted, Loss::dlr_targeted}) {
    ClassifierObjective objective(scene.model, scene.labels, {loss, targets});
    const at::Tensor images = (*make_attack("pgd-40", {.threat = {Norm::linf, 0.3}}))->run(objective, scene.clean, {draws, {Purpose::pgd}, scene.ids});
    const at::Tensor logits = scene.model.forward(images);
    const at::Tensor lead = logits.gather(1, targets.unsqueeze(1)) - logits.gather(1, scene.labels.unsqueeze(1));
    QVERIFY2(lead.gt(0).all().item<bool>(), loss_name(loss));
  }
}

void AttacksTest::ObserverSeesEveryStep() {
  Scene scene;
  ClassifierObjective objective(scene.model, scene.labels);
  const PhiloxDraws draws(1);
  for (const bool last : {false, true}) {
    std::vector<AttackStep> steps;
    AttackRun run{draws, {Purpose::pgd}, scene.ids};
    run.observe = [&](const AttackStep& step) { steps.push_back(step); };
    run.observe_last = last;
    const at::Tensor images = (*make_attack("pgd-7", {}))->run(objective, scene.clean, run);
    QCOMPARE(steps.size(), std::size_t(last ? 8 : 7));
    for (std::size_t i = 0; i < steps.size(); ++i) {
      QCOMPARE(steps[i].step, static_cast<int>(i));
      QCOMPARE(steps[i].gradient.defined(), i < 7);
      QVERIFY(!steps[i].value.total.requires_grad() && !steps[i].images.requires_grad());
      QVERIFY(steps[i].value.per_sample.allclose(scene.loss(steps[i].images), 1e-12, 1e-12));
    }
    if (last) QVERIFY(steps.back().images.equal(images));
  }
}

void AttacksTest::GivenStartIsTakenAsItIs() {
  Scene scene;
  ClassifierObjective objective(scene.model, scene.labels);
  const RecordedDraws none;  // a draw would throw
  AttackRun run{none, {Purpose::pgd}, scene.ids};
  run.start = scene.clean - 0.001;  // partly outside the box
  at::Tensor first;
  run.observe = [&](const AttackStep& step) {
    if (step.step == 0) first = step.images;
  };
  for (const auto& [id, entry] : attacks()) {
    (*make_attack(id, {}))->run(objective, scene.clean, run);
    QVERIFY2(first.equal(run.start), id.c_str());
  }
}

void AttacksTest::L2StartIsUniformInTheRadius() {
  const std::int64_t count = 4000;
  const at::Tensor grey = at::full({count, 1, 2, 2}, 0.5, at::kDouble);
  struct Flat final : Objective {
    ObjectiveValue evaluate(const at::Tensor& images, int) override { return {images.flatten(1).sum(1) * 0, (images * 0).sum(), {}}; }
  } objective;
  const PhiloxDraws draws(1);
  at::Tensor start;
  AttackRun run{draws, {Purpose::pgd}, ids_from(0, count)};
  const std::vector<std::int64_t> ids = ids_from(0, count);
  run.ids = ids;
  run.observe = [&](const AttackStep& step) { start = step.images; };
  const at::Tensor images = (*make_attack("pgd-1", {.threat = {Norm::l2, 0.2}}))->run(objective, grey, run);
  QVERIFY(images.allclose(start, 0, 1e-11));  // sign(0) = 0, 0 / (0 + tiny) = 0: nothing moves
  const at::Tensor share = perturbation_size(start, grey, Norm::l2) / 0.2;
  QVERIFY(std::abs(share.mean().item<double>() - 0.5) < 0.02);
  QVERIFY(std::abs(share.square().mean().item<double>() - 1.0 / 3) < 0.02);
  QVERIFY((start - grey).mean().abs().item<double>() < 0.002);
  // The length shares no bits with the direction.
  const at::Tensor first = (start - grey).flatten(1).select(1, 0).abs() / perturbation_size(start, grey, Norm::l2);
  const at::Tensor correlation = at::corrcoef(at::stack({first, share}));
  QVERIFY(std::abs(correlation[0][1].item<double>()) < 0.06);
}

void AttacksTest::ProjectionIsTheNearestPointOfTheBall() {
  const at::Tensor clean = at::full({20, 3, 4, 4}, 0.5, at::kDouble), images = clean + 0.1 * normal(clean.sizes(), 4);
  for (const Norm norm : {Norm::linf, Norm::l2}) {
    const ThreatModel threat{norm, norm == Norm::linf ? 0.05 : 0.4};
    const at::Tensor nearest = project(images, clean, threat);
    QVERIFY(perturbation_size(nearest, clean, norm).max().item<double>() <= threat.epsilon + 1e-12);
    // No point of the ball on the way to another of its points is nearer (2-norm).
    const at::Tensor other = project(clean + 0.1 * normal(clean.sizes(), 5), clean, threat);
    QVERIFY(((other - nearest) * (images - nearest)).flatten(1).sum(1).max().item<double>() < 1e-9);
    QVERIFY(project(nearest, clean, threat).allclose(nearest, 0, 1e-12));
    QVERIFY(project(clean, clean, threat).equal(clean));
  }
}

void AttacksTest::LossesHaveTheirGradients() {
  const at::Tensor logits = (3 * normal({8, kClasses}, 6)).requires_grad_();
  const at::Tensor labels = at::arange(8, at::kLong).remainder(kClasses), targets = (labels + 1).remainder(kClasses);
  const at::Tensor reference = normal({8, kClasses}, 7);
  struct Raw final : ClassifierImpl {
    at::Tensor forward(const at::Tensor& images, const ForwardContext&) override { return images; }
    at::Tensor features(const at::Tensor& images, const ForwardContext&) override { return images; }
    std::int64_t num_classes() const override { return kClasses; }
  } raw;
  for (const Loss loss : {Loss::ce, Loss::ce_targeted, Loss::margin, Loss::cw_hinge, Loss::dlr, Loss::dlr_targeted, Loss::kl}) {
    QCOMPARE(*parse_loss(loss_name(loss)), loss);
    ClassifierObjective objective(raw, labels, {loss, targets, reference});
    const auto total = [&](const at::Tensor& z) { return objective.evaluate(z, 0).total; };
    const at::Tensor gradient = torch::autograd::grad({total(logits)}, {logits})[0];
    const double error = slope_error(logits, gradient, [&](const at::Tensor& z) { return total(z).item<double>(); });
    QVERIFY2(error < 1e-6, loss_name(loss));
    QVERIFY(objective.evaluate(logits, 0).per_sample.sizes() == labels.sizes());
  }
  QVERIFY(!parse_loss("cee"));
  const at::Tensor margins = margin(logits, labels), wrong = logits.argmax(1).ne(labels);
  QVERIFY(margins.gt(0).equal(wrong));
  QVERIFY(difference_of_logits_ratio(logits, labels).gt(0).equal(wrong));
  QVERIFY(margin(-100 - logits.abs(), labels).isfinite().all().item<bool>());
  QVERIFY(margin(at::full({1, 3}, -5.0), at::zeros({1}, at::kLong)).item<double>() == 0);  // all negative: not max(0, …)
}

void AttacksTest::DlrDoesNotSeeScaleAndShift() {
  const at::Tensor logits = normal({8, kClasses}, 6), labels = at::arange(8, at::kLong).remainder(kClasses);
  const at::Tensor targets = (labels + 1).remainder(kClasses);
  QVERIFY(difference_of_logits_ratio(1000 * logits - 7, labels).allclose(difference_of_logits_ratio(logits, labels), 1e-9, 1e-9));
  QVERIFY(targeted_difference_of_logits_ratio(1000 * logits - 7, labels, targets)
              .allclose(targeted_difference_of_logits_ratio(logits, labels, targets), 1e-9, 1e-9));
}

void AttacksTest::LossesNeedTheirClasses() {
  const at::Tensor labels = at::zeros({2}, at::kLong);
  QVERIFY_EXCEPTION_THROWN(difference_of_logits_ratio(normal({2, 2}, 1), labels), c10::Error);
  QVERIFY_EXCEPTION_THROWN(targeted_difference_of_logits_ratio(normal({2, 3}, 1), labels, labels), c10::Error);
}

void AttacksTest::ClassifierObjectiveSaysWhatItLacks() {
  Scene scene;
  QVERIFY_EXCEPTION_THROWN(ClassifierObjective(scene.model, scene.labels, {Loss::kl}), c10::Error);
  QVERIFY_EXCEPTION_THROWN(ClassifierObjective(scene.model, scene.labels, {Loss::dlr_targeted}), c10::Error);
  QVERIFY_EXCEPTION_THROWN(ClassifierObjective(scene.model, {}, {Loss::ce}), c10::Error);
}

void AttacksTest::ReconstructionAttackTouchesVisiblePatchesOnly() {
  MaskedAutoencoder model = small_autoencoder();
  const at::Tensor clean = (0.5 + 0.2 * normal({3, 3, 8, 8}, 1)).clamp(0.1, 0.9);
  const PatchMask mask = make_patch_mask(at::rand({3, 16}, at::detail::createCPUGenerator(1)), 0.75);
  ReconstructionObjective objective(*model, mask, reconstruction_target(clean, 2, true));
  const PhiloxDraws draws(1);
  const std::vector<std::int64_t> ids = ids_from(0, 3);
  at::Tensor gradient, before;
  AttackRun run{draws, {Purpose::pretrain_attack}, ids};
  run.observe = [&](const AttackStep& step) {
    gradient = step.gradient;
    before = step.value.per_sample;
  };
  const at::Tensor images = (*make_attack("pgd-1", {.threat = {}, .step_size = kEpsilon}))->run(objective, clean, run);
  const at::Tensor removed = mask.mask.to(at::kBool);
  const at::Tensor per_patch = patchify(gradient, 2).abs().sum(-1);  // [B, L]
  QVERIFY(per_patch.masked_select(removed).eq(0).all().item<bool>());
  QVERIFY(per_patch.masked_select(removed.logical_not()).gt(0).all().item<bool>());
  at::NoGradGuard no_grad;
  QVERIFY(objective.evaluate(images, 1).total.item<double>() > before.sum().item<double>());
  // A mean over images of the per-image errors is the published loss.
  QVERIFY(objective.evaluate(images, 1).per_sample.sizes() == at::IntArrayRef({3}));
}

void AttacksTest::OfficialReconstructionDifferentiatesItsTarget() {
  MaskedAutoencoder model = small_autoencoder();
  const at::Tensor images = (0.5 + 0.2 * normal({2, 3, 8, 8}, 1)).clamp(0.1, 0.9).requires_grad_();
  const PhiloxDraws draws(1);
  const std::vector<std::int64_t> ids = ids_from(0, 2);
  for (const bool norm_pix_loss : {false, true}) {
    OfficialReconstructionObjective objective(*model, draws, ids, {.norm_pix_loss = norm_pix_loss});
    const at::Tensor gradient = torch::autograd::grad({objective.evaluate(images, 0).total}, {images})[0];
    QVERIFY(slope_error(images, gradient, [&](const at::Tensor& x) { return objective.evaluate(x, 0).total.item<double>(); }) < 1e-6);
    QVERIFY(patchify(gradient, 2).abs().sum(-1).gt(0).all().item<bool>());  // removed patches too
  }
}

void AttacksTest::OfficialReconstructionMasksAnewAtEachStep() {
  MaskedAutoencoder model = small_autoencoder();
  const at::Tensor images = (0.5 + 0.2 * normal({2, 3, 8, 8}, 1)).clamp(0.1, 0.9);
  RecordedDraws draws;
  for (std::uint32_t s = 0; s < 2; ++s) {
    draws.record_uniform(Purpose::pretrain_attack_mask, 9, s, at::rand({2, 16}, at::detail::createCPUGenerator(s)));
  }
  const std::vector<std::int64_t> ids = ids_from(0, 2);
  OfficialReconstructionObjective objective(*model, draws, ids, {.step = 9});
  at::NoGradGuard no_grad;
  QVERIFY(objective.evaluate(images, 0).total.item<double>() != objective.evaluate(images, 1).total.item<double>());
  QVERIFY_EXCEPTION_THROWN(objective.evaluate(images, 2), std::logic_error);
}

void AttacksTest::RobustLossesAreTheirFormulas() {
  const at::Tensor natural = normal({6, kClasses}, 1).requires_grad_(), adversarial = normal({6, kClasses}, 2).requires_grad_();
  const at::Tensor labels = at::arange(6, at::kLong).remainder(kClasses);
  const auto same = [&](RobustLoss (*function)(const at::Tensor&, const at::Tensor&, const at::Tensor&, double)) {
    const RobustLoss loss = function(natural, adversarial, labels, 2.5);
    QVERIFY(loss.total.equal(loss.classification + 2.5 * loss.regularisation));
    const auto gradients = torch::autograd::grad({loss.total}, {natural, adversarial});
    QVERIFY(slope_error(natural, gradients[0], [&](const at::Tensor& z) { return function(z, adversarial, labels, 2.5).total.item<double>(); }) < 1e-6);
    QVERIFY(slope_error(adversarial, gradients[1], [&](const at::Tensor& z) { return function(natural, z, labels, 2.5).total.item<double>(); }) < 1e-6);
  };
  same(trades_loss);
  same(mart_loss);
  QVERIFY(std::abs(trades_loss(natural, natural, labels, 6).regularisation.item<double>()) < 1e-15);
}

void AttacksTest::RecordedDrawsReplayAndRefuse() {
  RecordedDraws draws;
  const at::Tensor values = at::arange(6, at::kFloat).view({3, 2});
  draws.record_uniform(Purpose::pgd, 1, 2, values);
  const std::vector<std::int64_t> ids = {2, 0};
  std::vector<float> out(4);
  draws.uniform({Purpose::pgd, 1, 2}, ids, out);
  QCOMPARE(out, (std::vector<float>{4, 5, 0, 1}));
  QVERIFY_EXCEPTION_THROWN(draws.uniform({Purpose::pgd, 1, 3}, ids, out), std::logic_error);
  QVERIFY_EXCEPTION_THROWN(draws.normal({Purpose::pgd, 1, 2}, ids, out), std::logic_error);
  QVERIFY_EXCEPTION_THROWN(draws.uniform({Purpose::pgd, 1, 2}, std::vector<std::int64_t>{3, 0}, out), std::logic_error);
  const at::Tensor noise = (at::rand({1000}, at::detail::createCPUGenerator(1)) * 2 - 1) * kEpsilon;
  const at::Tensor back = (uniform_of_noise(noise, kEpsilon) * 2 - 1) * kEpsilon;
  QVERIFY((back - noise).abs().max().item<double>() < 1e-8);
}

QTEST_APPLESS_MAIN(AttacksTest)
#include "attacks_test.moc"
