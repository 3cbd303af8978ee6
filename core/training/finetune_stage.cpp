#include "core/training/finetune_stage.h"

#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/data/subset.h"
#include "core/models/initialisation.h"
#include "core/models/model_options.h"
#include "core/models/position_embedding.h"
#include "core/training/finetune_step.h"
#include "core/training/training_stage.h"
#include "core/training/validation.h"

namespace mimir {
namespace {

/// Published value for CIFAR and the small sets; ImageNet's is 2e-5.
constexpr double kHeadDeviation = 2e-2;
constexpr double kImageNetHeadDeviation = 2e-5;
constexpr int kValidationSteps = 10;
/// A fall of robust accuracy by this much within one epoch, while FGSM accuracy rises, is catastrophic overfitting
/// (Wong et al. 2020).
constexpr double kSuddenFall = 0.1;

class FinetuneStage final : public TrainingStage {
 public:
  FinetuneStage(const StageContext& context, HeldOut data)
      : TrainingStage(context, *context.recipe.finetune, data.rest, kFinetuneStepOffset), recipe_(*context.recipe.finetune),
        held_(std::move(data.held)) {}

  std::string name() const override { return "finetune"; }

 protected:
  Expected<void> build() override {
    auto options = resolve_model(context_.recipe.model, static_cast<std::int64_t>(train().classes().size()));
    if (!options) return pass_on(options);
    model_ = VitClassifier(*options);
    initialise_classifier(*model_, static_cast<std::uint64_t>(context_.recipe.seed));
    if (auto inherited = inherit_weights(); !inherited) return inherited;
    model_->to(context_.compute.device);
    set_up(model_.ptr(), resolved_recipe(context_.recipe.model, *options),
           layer_decay_groups(*model_, options->depth, recipe_.weight_decay, recipe_.layer_decay));
    auto step = FinetuneStep::make(recipe_, model_, parameters(), context_.draws, context_.pool, context_.compute.shards,
                                   {.bf16 = context_.compute.bf16, .stop = context_.control.stop_token()});
    if (!step) return pass_on(step);
    step_rule_ = std::make_unique<FinetuneStep>(std::move(*step));
    return make_validation_attacks();
  }

  BatchGradients compute(const TrainBatch& batch) override {
    BatchGradients result = step_rule_->compute(batch);
    result.metrics.push_back({"epsilon", at::scalar_tensor(step_rule_->epsilon_scale(batch.epoch) * recipe_.attack.epsilon, result.loss.options())});
    return result;
  }

  void observe(const char* metric, double value) override {
    if (std::string_view(metric) != "train_robust_accuracy") return;
    robust_sum_ += value;
    ++robust_count_;
  }

  Expected<bool> end_epoch(std::int64_t) override {
    const double trained = robust_count_ > 0 ? robust_sum_ / static_cast<double>(robust_count_) : -1;
    robust_sum_ = 0;
    robust_count_ = 0;
    if (held_->size() == 0) return false;
    const AverageScope scope(*this);
    const auto run = [&](const Attack* attack) {
      return score(*model_, *held_, held_->ids(), attack, context_.draws, context_.pool, context_.compute.device,
                   {.batch_size = 50, .key = {Purpose::pgd}, .stop = context_.control.stop_token()});
    };
    const Score natural = run(nullptr);
    const Score fgsm = run(fgsm_.get());
    const Score robust = run(pgd_.get());
    record("natural_accuracy", step(), natural.accuracy());
    record("natural_loss", step(), natural.loss);
    record("fgsm_accuracy", step(), fgsm.accuracy());
    record("robust_accuracy", step(), robust.accuracy());
    record("robust_loss", step(), robust.loss);
    if (trained >= 0) record("overfitting_gap", step(), trained - robust.accuracy());
    if (previous_robust_ >= 0 && robust.accuracy() < previous_robust_ - kSuddenFall && fgsm.accuracy() > previous_fgsm_) {
      context_.observer.message(Level::warning, "catastrophic_overfitting",
                              fmt::format("Robust accuracy fell from {:.1f} to {:.1f} % in one epoch while FGSM accuracy rose: "
                                          "the model has overfitted to a one-step attack.",
                                          100 * previous_robust_, 100 * robust.accuracy()));
    }
    previous_robust_ = robust.accuracy();
    previous_fgsm_ = fgsm.accuracy();
    // What the method trains for decides, the other accuracy breaks ties.
    const bool attacks = step_rule_->method().attacks();
    const std::pair now = attacks ? std::pair(robust.accuracy(), natural.accuracy()) : std::pair(natural.accuracy(), robust.accuracy());
    if (now <= best_) return false;
    best_ = now;
    return true;
  }

  std::string state() const override {
    return nlohmann::json{{"best", best_}, {"previous_robust", previous_robust_},
                          {"previous_fgsm", previous_fgsm_},     {"robust_sum", robust_sum_},     {"robust_count", robust_count_}}
        .dump();
  }

  void restore(const std::string& text) override {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return;
    best_ = json.value("best", best_);
    previous_robust_ = json.value("previous_robust", previous_robust_);
    previous_fgsm_ = json.value("previous_fgsm", previous_fgsm_);
    robust_sum_ = json.value("robust_sum", robust_sum_);
    robust_count_ = json.value("robust_count", robust_count_);
  }

 private:
  /// A pre-trained encoder lacks fc_norm and head, and has a decoder that is not wanted; a position embedding of
  /// another grid is resized. A classifier of the same shape is taken whole.
  Expected<void> inherit_weights() {
    std::filesystem::path path = recipe_.from;
    if (path.empty()) {
      if (!context_.recipe.pretrain) return {};
      path = context_.folder.checkpoint("pretrain", "last");
    }
    auto checkpoint = read_checkpoint(path);
    if (!checkpoint) return pass_on(checkpoint);
    const std::string prefix = checkpoint->has("ema.") ? "ema." : "model.";
    if (checkpoint->stage == "finetune") {
      auto loaded = load_parameters(*model_, *checkpoint, prefix);
      if (!loaded) return fail(loaded.error().code, "{}: {}", path.string(), loaded.error().message);
      return {};
    }
    // The encoder's entries stay, fc_norm and head keep their fresh weights.
    const std::int64_t grid = model_->options().grid();
    for (const auto& parameter : model_->named_parameters()) {
      const std::string& key = parameter.key();
      const bool fresh = key.starts_with("fc_norm.") || key.starts_with("head.");
      at::Tensor& stored = checkpoint->tensors[prefix + key];
      if (fresh) stored = parameter.value().detach().clone();
      else if (key == "pos_embed" && stored.defined() && stored.dim() == 3 && stored.sizes() != parameter.value().sizes()) {
        stored = interpolate_position_embedding(stored, grid);
      }
      if (!stored.defined()) checkpoint->tensors.erase(prefix + key);
    }
    auto loaded = load_parameters(*model_, *checkpoint, prefix);
    if (!loaded) return fail(loaded.error().code, "{}: {}", path.string(), loaded.error().message);
    at::NoGradGuard no_grad;
    Initialiser head(static_cast<std::uint64_t>(context_.recipe.seed) + 1);
    head.normal(model_->head->weight, model_->options().img_size >= 224 ? kImageNetHeadDeviation : kHeadDeviation);
    return {};
  }

  Expected<void> make_validation_attacks() {
    auto norm = parse_norm(recipe_.attack.norm);
    if (!norm) return pass_on(norm);
    AttackOptions options;
    options.threat = {*norm, recipe_.attack.epsilon};
    auto fgsm = make_attack("fgsm", options);
    if (!fgsm) return pass_on(fgsm);
    fgsm_ = std::move(*fgsm);
    options.num_steps = kValidationSteps;
    auto pgd = make_attack("pgd", options);
    if (!pgd) return pass_on(pgd);
    pgd_ = std::move(*pgd);
    return {};
  }

  const FinetuneRecipe& recipe_;
  std::shared_ptr<const Split> held_;
  VitClassifier model_{nullptr};
  std::unique_ptr<FinetuneStep> step_rule_;
  std::unique_ptr<Attack> fgsm_;
  std::unique_ptr<Attack> pgd_;
  double robust_sum_ = 0;
  std::int64_t robust_count_ = 0;
  std::pair<double, double> best_{-1, -1};
  double previous_robust_ = -1, previous_fgsm_ = -1;
};

}  // namespace

Expected<std::unique_ptr<Stage>> make_finetune_stage(const StageContext& context) {
  HeldOut data = hold_out(*context.data.train, context.recipe.finetune->validation_images, context.draws);
  return std::make_unique<FinetuneStage>(context, std::move(data));
}

}  // namespace mimir
