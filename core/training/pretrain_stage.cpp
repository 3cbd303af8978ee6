#include "core/training/pretrain_stage.h"

#include <torch/torch.h>

#include "core/models/model_options.h"
#include "core/training/pretrain_step.h"
#include "core/training/probe.h"
#include "core/training/training_stage.h"

namespace mimir {
namespace {

class PretrainStage final : public TrainingStage {
 public:
  explicit PretrainStage(const StageContext& context)
      : TrainingStage(context, *context.recipe.pretrain, context.data.train, /*draw_offset=*/0), recipe_(*context.recipe.pretrain) {}

  std::string name() const override { return "pretrain"; }

 protected:
  Expected<void> build() override {
    auto options = resolve_model(context_.recipe.model, static_cast<std::int64_t>(train().classes().size()));
    if (!options) return pass_on(options);
    model_ = MaskedAutoencoder(*options);
    initialise_masked_autoencoder(*model_, static_cast<std::uint64_t>(context_.recipe.seed));
    model_->to(context_.compute.device);
    set_up(model_.ptr(), resolved_recipe(context_.recipe.model, *options), weight_decay_groups(*model_, recipe_.weight_decay));
    auto rule = PretrainStep::make(recipe_, model_, parameters(), context_.draws, context_.pool, context_.compute.shards,
                                   {.bf16 = context_.compute.bf16, .stop = context_.control.stop_token()});
    if (!rule) return pass_on(rule);
    rule_ = std::make_unique<PretrainStep>(std::move(*rule));
    probe_ = std::make_unique<Probe>(recipe_, train(), context_.draws, context_.compute.device);
    return {};
  }

  BatchGradients compute(const TrainBatch& batch) override { return rule_->compute(batch); }

  Expected<void> before_step(std::int64_t step) override {
    const std::int64_t every = recipe_.probe_every > 0 ? recipe_.probe_every : steps_per_epoch();
    return step % every == 0 ? probe_->run(model_, *rule_, step, context_.folder, context_.observer) : Expected<void>();
  }

  Expected<void> finish() override { return probe_->run(model_, *rule_, total(), context_.folder, context_.observer); }

 private:
  const PretrainRecipe& recipe_;
  MaskedAutoencoder model_{nullptr};
  std::unique_ptr<PretrainStep> rule_;
  std::unique_ptr<Probe> probe_;
};

}  // namespace

Expected<std::unique_ptr<Stage>> make_pretrain_stage(const StageContext& context) {
  return std::make_unique<PretrainStage>(context);
}

}  // namespace mimir
