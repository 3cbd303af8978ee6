#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "core/training/batch.h"
#include "core/training/optimizer.h"
#include "core/training/schedule.h"
#include "core/training/stage.h"

namespace mimir {

/// The loop that both training stages share: batches, accumulation, clipping, schedule, optimiser, moving average,
/// recording, checkpoints, pause and stop. What is learned is the derived class's.
class TrainingStage : public Stage {
 public:
  std::int64_t total() const override { return steps_per_epoch_ * optimisation_.epochs; }
  Expected<std::int64_t> prepare() override;
  Expected<void> run() override;

 protected:
  /// train: the images trained on. draw_offset: added to the step for DrawKey::step.
  TrainingStage(const StageContext& context, const OptimisationRecipe& optimisation, std::shared_ptr<const Split> train,
                std::uint32_t draw_offset);

  /// Builds model and optimiser (set_up) with fresh or inherited weights. Called once, before any step.
  virtual Expected<void> build() = 0;
  virtual BatchGradients compute(const TrainBatch& batch) = 0;
  /// Before the step `step`, when what came before is recorded: probes.
  virtual Expected<void> before_step(std::int64_t step) { (void)step; return {}; }
  /// After an epoch; true if the model is the best so far.
  virtual Expected<bool> end_epoch(std::int64_t epoch) { (void)epoch; return false; }
  /// After the last step.
  virtual Expected<void> finish() { return {}; }
  /// JSON that a checkpoint keeps besides tensors.
  virtual std::string state() const { return "{}"; }
  virtual void restore(const std::string& state) { (void)state; }
  /// What a step's metric means to the stage besides the curve.
  virtual void observe(const char* metric, double value) { (void)metric, (void)value; }

  void set_up(std::shared_ptr<torch::nn::Module> model, ModelRecipe model_recipe, std::vector<ParameterGroup> groups);
  const std::vector<at::Tensor>& parameters() const { return optimizer_->parameters(); }
  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  std::int64_t step() const { return step_; }
  void record(const std::string& metric, std::int64_t step, double value);
  /// The moving average in place of the weights while the object lives; nothing if none is kept.
  class AverageScope;

  const StageContext& context_;
  const Split& train() const { return *train_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Pending {
    std::string metric;
    std::int64_t step;
    at::Tensor value;
  };

  Expected<void> one_step();
  TrainBatch make_batch(std::int64_t micro_batch, std::span<const std::int64_t> ids) const;
  void drain(bool force);
  void tell_progress();
  Expected<void> save(const std::string& mark);
  Expected<void> save_periodic();
  Expected<void> heed_control();
  Expected<void> run_steps();
  Expected<void> stopped() const;

  const OptimisationRecipe& optimisation_;
  std::shared_ptr<const Split> train_;
  std::uint32_t draw_offset_;
  std::int64_t batch_size_ = 1;
  std::int64_t steps_per_epoch_ = 1;
  std::int64_t step_ = 0;  ///< finished updates
  CosineSchedule schedule_;

  std::shared_ptr<torch::nn::Module> model_;
  ModelRecipe model_recipe_;
  std::optional<AdamW> optimizer_;
  std::vector<at::Tensor> average_;  ///< of the parameters, in the optimiser's order; empty if none is kept
  at::Tensor diverged_;              ///< [1] fp32: 1 once a loss or gradient was not finite; sticky

  std::int64_t order_epoch_ = -1;
  std::vector<std::int64_t> order_;  ///< image ids of order_epoch_
  std::vector<Pending> pending_;
  Clock::time_point last_drain_;
  std::string last_periodic_;        ///< path of the checkpoint that the next one replaces
  std::int64_t first_step_ = 0;
  double smoothed_rate_ = 0;  ///< images/s
};

class TrainingStage::AverageScope {
 public:
  explicit AverageScope(TrainingStage& stage);
  ~AverageScope();
  AverageScope(const AverageScope&) = delete;
  AverageScope& operator=(const AverageScope&) = delete;

 private:
  void swap();
  TrainingStage& stage_;
};

}  // namespace mimir
