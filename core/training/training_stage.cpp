#include "core/training/training_stage.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/tensor/checkpoint.h"
#include "core/training/gradients.h"

namespace mimir {
namespace {

/// AdamW's first moment, in both stages as published.
constexpr double kBeta1 = 0.9;

/// On a device, values are fetched together this often; on the CPU they are at hand.
constexpr auto kDrainEvery = std::chrono::milliseconds(250);

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TrainingStage::TrainingStage(const StageContext& context, const OptimisationRecipe& optimisation,
                             std::shared_ptr<const Split> train, std::uint32_t draw_offset)
    : context_(context), optimisation_(optimisation), train_(std::move(train)), draw_offset_(draw_offset),
      schedule_(make_schedule(optimisation)) {
  batch_size_ = std::min(optimisation.batch_size, train_->size());
  const std::int64_t batches = train_->size() / batch_size_;  // an incomplete last batch is dropped
  steps_per_epoch_ = std::max<std::int64_t>(1, batches / optimisation.accumulate);
}

void TrainingStage::set_up(std::shared_ptr<torch::nn::Module> model, ModelRecipe model_recipe, std::vector<ParameterGroup> groups) {
  model_ = std::move(model);
  model_recipe_ = std::move(model_recipe);
  optimizer_.emplace(std::move(groups), kBeta1, optimisation_.beta2);
  diverged_ = at::zeros({1}, at::TensorOptions().dtype(at::kFloat).device(context_.compute.device));
  if (optimisation_.ema > 0) {
    for (const at::Tensor& parameter : parameters()) average_.push_back(parameter.detach().clone());
  }
}

Expected<std::int64_t> TrainingStage::prepare() {
  if (auto built = build(); !built) return pass_on(built);

  // The newest of what this stage left behind: its last checkpoint, or a periodic one.
  std::optional<Checkpoint> newest;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(context_.folder.checkpoints(), error)) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with(name() + "-") || file == name() + "-best.safetensors" || entry.path().extension() != ".safetensors") continue;
    auto checkpoint = read_checkpoint(entry.path());
    if (!checkpoint) {
      context_.observer.message(Level::warning, "checkpoint_unreadable", checkpoint.error().message);
      continue;
    }
    if (newest && newest->step >= checkpoint->step) continue;
    newest = std::move(*checkpoint);
    last_periodic_ = file.ends_with("-last.safetensors") ? "" : entry.path().string();
  }
  if (newest) {
    if (auto loaded = load_parameters(*model_, *newest, "model."); !loaded) return pass_on(loaded);
    if (auto loaded = optimizer_->load(*newest); !loaded) return pass_on(loaded);
    if (!average_.empty()) {
      const AverageScope scope(*this);
      if (auto loaded = load_parameters(*model_, *newest, "ema."); !loaded) return pass_on(loaded);
    }
    restore(newest->state);
    step_ = newest->step;
  }
  first_step_ = step_;
  return step_;
}

Expected<void> TrainingStage::run() {
  try {
    return run_steps();
  } catch (const ErrorException& error) {
    if (error.error.code != ErrorCode::stopped) throw;
    drain(true);
    return stopped();  // now: the step begun is given up, and no checkpoint is written
  }
}

Expected<void> TrainingStage::run_steps() {
  last_drain_ = Clock::now();
  while (step_ < total()) {
    if (auto go_on = heed_control(); !go_on) return go_on;
    if (auto looked = before_step(step_); !looked) return looked;
    if (auto done = one_step(); !done) return done;

    const bool epoch_ends = step_ % steps_per_epoch_ == 0;
    if (epoch_ends) {
      drain(true);
      auto best = end_epoch(step_ / steps_per_epoch_);
      if (!best) return pass_on(best);
      if (auto flushed = context_.writer.flush(); !flushed) return pass_on(flushed);
      if (*best) {
        if (auto saved = save("best"); !saved) return saved;
      }
    }
    const std::int64_t every = optimisation_.checkpoint_every;
    if (step_ < total() && (every > 0 ? step_ % every == 0 : epoch_ends)) {
      if (auto saved = save_periodic(); !saved) return saved;
    }
    if (epoch_ends && context_.control.stop().level() == Stop::after_epoch) {
      if (auto saved = save("last"); !saved) return saved;
      return fail(ErrorCode::stopped, "stopped after epoch {} of {}, as asked", step_ / steps_per_epoch_, name());
    }
  }
  drain(true);
  if (auto finished = finish(); !finished) return finished;
  if (auto saved = save("last"); !saved) return saved;
  if (!last_periodic_.empty()) {
    std::error_code error;
    std::filesystem::remove(last_periodic_, error);
  }
  return {};
}

Expected<void> TrainingStage::heed_control() {
  RunControl& control = context_.control;
  control.set_position(name(), step_, total());
  if (control.paused()) {
    drain(true);
    context_.writer.set_state(SegmentState::paused);
    while (control.paused() && control.stop().level() == Stop::none) control.wait_while_paused();
    context_.writer.set_state(SegmentState::running);
    last_drain_ = Clock::now();
  }
  if (control.take_checkpoint_request()) {
    if (auto saved = save(std::to_string(step_)); !saved) return saved;
  }
  if (auto failure = context_.writer.failure()) return tl::unexpected<Error>(std::move(*failure));
  const Stop level = control.stop().level();
  if (level < Stop::after_step) return {};
  context_.writer.set_state(SegmentState::stopping);
  drain(true);
  if (level == Stop::after_step) {
    if (auto saved = save("last"); !saved) return saved;
  }
  return stopped();
}

Expected<void> TrainingStage::stopped() const {
  return fail(ErrorCode::stopped, "stopped at step {} of {} of {}, as asked", step_, total(), name());
}

TrainBatch TrainingStage::make_batch(std::int64_t micro_batch, std::span<const std::int64_t> ids) const {
  TrainBatch batch;
  batch.ids = ids;
  // Accumulated batches hold different images, so one step word serves all of them.
  batch.draw_step = static_cast<std::uint32_t>(step_) + draw_offset_;
  batch.epoch = static_cast<double>(step_) / static_cast<double>(steps_per_epoch_);
  batch.measure = step_ % optimisation_.log_every == 0 && micro_batch == 0;
  const AugmentationEntry* augmentation = augmentations().find(context_.recipe.data.augmentation);
  TORCH_CHECK(augmentation, "there is no augmentation ", context_.recipe.data.augmentation);
  const auto device = context_.compute.device;
  batch.images = [this, augmentation, device, draw_step = batch.draw_step](std::span<const std::int64_t> part) {
    return train_->train_batch(part, *augmentation, context_.draws, draw_step).to(device, /*non_blocking=*/true);
  };
  batch.labels = [this, device](std::span<const std::int64_t> part) { return train_->labels(part).to(device, /*non_blocking=*/true); };
  return batch;
}

Expected<void> TrainingStage::one_step() {
  const auto begin = Clock::now();
  const std::int64_t epoch = step_ / steps_per_epoch_;
  if (epoch != order_epoch_) {
    const auto places = context_.draws.order({Purpose::order, static_cast<std::uint32_t>(epoch) + draw_offset_}, train_->size());
    order_.resize(places.size());
    std::transform(places.begin(), places.end(), order_.begin(),
                   [&](std::int64_t place) { return train_->ids()[static_cast<std::size_t>(place)]; });
    order_epoch_ = epoch;
  }

  std::vector<at::Tensor> gradients;
  std::vector<StepMetric> metrics;
  double data_seconds = 0;
  const std::int64_t first = (step_ % steps_per_epoch_) * batch_size_ * optimisation_.accumulate;
  std::int64_t images = 0;
  at::Tensor loss;
  for (std::int64_t micro = 0; micro < optimisation_.accumulate; ++micro) {
    const std::int64_t from = first + micro * batch_size_;
    if (from + batch_size_ > train_->size()) break;
    const auto ids = std::span(order_).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(batch_size_));
    BatchGradients result = compute(make_batch(micro, ids));
    add_gradients(gradients, std::move(result.gradients));
    loss = loss.defined() ? loss + result.loss : result.loss;
    if (micro == 0) metrics = std::move(result.metrics);
    data_seconds += result.seconds.data;
    images += batch_size_;
  }
  const double batches = static_cast<double>(images / batch_size_);
  if (batches > 1) at::_foreach_div_(gradients, batches);

  const at::Tensor norm = gradient_norm(gradients);
  if (optimisation_.clip_grad > 0) {
    const at::Tensor factor = (optimisation_.clip_grad / (norm + 1e-6)).clamp_max(1.0);
    at::_foreach_mul_(gradients, factor);
  }
  const at::Tensor bad = (loss.isfinite() & norm.isfinite()).logical_not().to(at::kFloat).view({1});
  diverged_ = at::maximum(diverged_, bad);
  const double learning_rate = schedule_.at(static_cast<double>(step_) / static_cast<double>(steps_per_epoch_));
  optimizer_->step(learning_rate, gradients, diverged_);
  if (!average_.empty()) {
    at::NoGradGuard no_grad;
    const at::Tensor weight = (1 - optimisation_.ema) * (1 - diverged_);
    for (std::size_t i = 0; i < average_.size(); ++i) average_[i].lerp_(parameters()[i], weight.squeeze());
  }

  const bool log = step_ % optimisation_.log_every == 0;
  if (log) {
    for (StepMetric& metric : metrics) pending_.push_back({metric.name, step_, std::move(metric.value)});
    pending_.push_back({"grad_norm", step_, norm});
  }
  pending_.push_back({"", step_, diverged_.clone()});
  drain(false);
  if (!pending_.empty() && pending_.front().metric == "diverged") {
    const std::int64_t at_step = pending_.front().step;
    pending_.clear();
    context_.writer.message(Level::error, "diverged", fmt::format("The loss or its gradient is not finite at step {}.", at_step));
    if (auto saved = save("last"); !saved) return saved;
    return fail(ErrorCode::diverged, "the loss or its gradient is not finite at step {} of {}; {}-last holds the last good weights: lower the learning rate",
                at_step, name(), name());
  }

  const double seconds = seconds_since(begin);
  const double rate = static_cast<double>(images) / std::max(seconds, 1e-9);
  smoothed_rate_ = smoothed_rate_ == 0 ? rate : 0.95 * smoothed_rate_ + 0.05 * rate;
  if (log) {
    record("learning_rate", step_, learning_rate);
    record("images_per_second", step_, rate);
    record("data_wait", step_, data_seconds / std::max(seconds, 1e-9));
    record("memory", step_, memory_mebibytes(context_.compute.device));
  }
  ++step_;
  tell_progress();
  return {};
}

void TrainingStage::drain(bool force) {
  const bool at_hand = context_.compute.device.is_cpu();
  if (pending_.empty() || (!at_hand && !force && Clock::now() - last_drain_ < kDrainEvery)) return;
  std::vector<at::Tensor> values;
  values.reserve(pending_.size());
  for (const Pending& pending : pending_) values.push_back(pending.value.to(at::kDouble).squeeze());
  const at::Tensor fetched = at::stack(values).to(at::kCPU);
  const double* value = fetched.const_data_ptr<double>();
  std::optional<std::int64_t> diverged_at;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const Pending& pending = pending_[i];
    if (pending.metric.empty()) {
      if (value[i] != 0 && !diverged_at) diverged_at = pending.step;
      continue;
    }
    record(pending.metric, pending.step, value[i]);
    observe(pending.metric.c_str(), value[i]);
  }
  pending_.clear();
  if (diverged_at) pending_.push_back({"diverged", *diverged_at, {}});
  last_drain_ = Clock::now();
}

void TrainingStage::record(const std::string& metric, std::int64_t step, double value) {
  context_.observer.scalar(name() + "/" + metric, step, value);
}

void TrainingStage::tell_progress() {
  Progress progress;
  progress.stage = name();
  progress.epoch = step_ / steps_per_epoch_;
  progress.step = step_;
  progress.total = total();
  progress.images_per_second = smoothed_rate_;
  const double images_left = static_cast<double>((total() - step_) * batch_size_ * optimisation_.accumulate);
  if (step_ - first_step_ >= 3) progress.eta_seconds = images_left / std::max(smoothed_rate_, 1e-9);
  context_.observer.progress(progress);
}

Expected<void> TrainingStage::save(const std::string& mark) {
  if (auto flushed = context_.writer.flush(); !flushed) return flushed;
  Checkpoint checkpoint;
  checkpoint.stage = name();
  checkpoint.step = step_;
  checkpoint.epoch = step_ / steps_per_epoch_;
  checkpoint.model = model_recipe_;
  checkpoint.classes = train().classes();
  checkpoint.recipe = context_.recipe_text;
  checkpoint.state = state();
  store_parameters(*model_, "model.", checkpoint);
  optimizer_->store(checkpoint);
  if (!average_.empty()) {
    const AverageScope scope(*this);
    store_parameters(*model_, "ema.", checkpoint);
  }
  const auto path = context_.folder.checkpoint(name(), mark);
  if (auto written = write_checkpoint(path, checkpoint); !written) return written;
  context_.writer.checkpoint(name(), step_, mark == "last" || mark == "best" ? mark : "step", context_.folder.relative(path));
  return {};
}

Expected<void> TrainingStage::save_periodic() {
  const std::string before = last_periodic_;
  if (auto saved = save(std::to_string(step_)); !saved) return saved;
  last_periodic_ = context_.folder.checkpoint(name(), step_).string();
  if (!before.empty() && before != last_periodic_) {
    std::error_code error;
    std::filesystem::remove(before, error);
  }
  return {};
}

TrainingStage::AverageScope::AverageScope(TrainingStage& stage) : stage_(stage) { swap(); }
TrainingStage::AverageScope::~AverageScope() { swap(); }

void TrainingStage::AverageScope::swap() {
  // Exchanges the storages: no copy, and the model's parameters stay the same tensors.
  at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < stage_.average_.size(); ++i) {
    at::Tensor parameter = stage_.parameters()[i];
    const at::Tensor weights = parameter.detach();
    parameter.set_data(stage_.average_[i]);
    stage_.average_[i] = weights;
  }
}

}  // namespace mimir
