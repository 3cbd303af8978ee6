#include "core/evaluation/evaluate_stage.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/evaluation/evaluation.h"
#include "core/models/model_options.h"
#include "core/store/files.h"

namespace mimir {
namespace {

class EvaluateStage final : public Stage {
 public:
  EvaluateStage(const StageContext& context, ThreatModel threat)
      : context_(context), recipe_(*context.recipe.evaluate), threat_(threat) {}

  std::string name() const override { return "evaluate"; }

  /// Images times tests.
  std::int64_t total() const override { return images() * static_cast<std::int64_t>(1 + attacks()); }

  /// An evaluation is repeated as a whole: it is short beside the training, and its draws repeat exactly.
  Expected<std::int64_t> prepare() override {
    if (std::filesystem::exists(report_path())) return total();
    auto path = context_.folder.checkpoint("finetune", "best");
    if (!std::filesystem::exists(path)) path = context_.folder.checkpoint("finetune", "last");
    auto checkpoint = read_checkpoint(path);
    if (!checkpoint) return pass_on(checkpoint);
    auto model = classifier_from(*checkpoint, context_.compute.device);
    if (!model) return pass_on(model);
    model_ = std::move(*model);
    return 0;
  }

  Expected<void> run() override {
    EvaluationOptions options;
    options.attacks = recipe_.attacks;
    options.threat = threat_;
    options.images = recipe_.images;
    options.batch_size = recipe_.batch_size;
    options.seed = context_.recipe.seed;
    options.stop = context_.control.stop_token();
    std::int64_t tests_done = 0;
    const auto begin = std::chrono::steady_clock::now();
    auto report = evaluate(
        *model_, *context_.data.test, options, context_.pool, context_.compute.device,
        [&](const EvaluationReport& so_far) {
          ++tests_done;
          record(so_far);
        },
        [&](const std::string&, std::int64_t done, std::int64_t of) {
          tell_progress(tests_done * images() + (of > 0 ? images() * done / of : 0), begin);
        });
    if (!report) return pass_on(report);
    if (context_.control.stop().level() >= Stop::after_step) return fail(ErrorCode::stopped, "stopped during evaluation, as asked");
    std::error_code error;
    std::filesystem::create_directories(report_path().parent_path(), error);
    if (auto written = write_file(report_path(), report_json(*report, /*flags=*/true).dump(1)); !written) return written;
    return context_.writer.flush();
  }

 private:
  std::int64_t images() const {
    const std::int64_t all = context_.data.test->size();
    return recipe_.images > 0 ? std::min(recipe_.images, all) : all;
  }
  /// Tests besides the clean one.
  std::size_t attacks() const {
    return static_cast<std::size_t>(std::count_if(recipe_.attacks.begin(), recipe_.attacks.end(), [](const auto& a) { return a != "natural"; }));
  }
  std::filesystem::path report_path() const { return context_.folder.evaluations() / "stage" / "report.json"; }

  void record(const EvaluationReport& report) {
    const auto scalar = [&](const std::string& name, const std::vector<std::uint8_t>& flags, double accuracy) {
      const auto right = static_cast<std::int64_t>(std::llround(accuracy * static_cast<double>(flags.size())));
      const Interval interval = wilson_interval(right, static_cast<std::int64_t>(flags.size()));
      context_.observer.scalar("evaluate/" + name, total(), accuracy);
      context_.observer.scalar("evaluate/" + name + "_low", total(), interval.low);
      context_.observer.scalar("evaluate/" + name + "_high", total(), interval.high);
    };
    if (report.attacks.empty()) {
      scalar("natural_accuracy", report.natural, report.natural_accuracy());
    } else {
      const AttackReport& last = report.attacks.back();
      scalar(last.name + "/robust_accuracy", last.robust, last.robust_accuracy());
      context_.observer.scalar("evaluate/" + last.name + "/seconds", total(), last.seconds);
    }
    if (report.attacks.size() == attacks()) scalar("robust_accuracy", report.robust, report.robust_accuracy());
  }

  void tell_progress(std::int64_t done, std::chrono::steady_clock::time_point begin) {
    context_.control.set_position(name(), done, total());
    Progress progress;
    progress.stage = name();
    progress.step = done;
    progress.total = total();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    progress.images_per_second = static_cast<double>(done) / std::max(seconds, 1e-9);
    context_.observer.progress(progress);
  }

  const StageContext& context_;
  const EvaluateRecipe& recipe_;
  ThreatModel threat_;
  VitClassifier model_{nullptr};
};

}  // namespace

Expected<VitClassifier> classifier_from(const Checkpoint& checkpoint, c10::Device device) {
  if (checkpoint.stage == "pretrain") {
    return fail(ErrorCode::mismatch, "the checkpoint holds a masked autoencoder, which classifies nothing; fine-tune it first");
  }
  auto options = resolve_model(checkpoint.model, 0);
  if (!options) return pass_on(options);
  VitClassifier model(*options);
  if (auto loaded = load_parameters(*model, checkpoint, checkpoint.has("ema.") ? "ema." : "model."); !loaded) return pass_on(loaded);
  model->to(device);
  return model;
}

Expected<std::unique_ptr<Stage>> make_evaluate_stage(const StageContext& context) {
  auto norm = parse_norm(context.recipe.evaluate->norm);
  if (!norm) return pass_on(norm);
  return std::make_unique<EvaluateStage>(context, ThreatModel{*norm, context.recipe.evaluate->epsilon});
}

}  // namespace mimir
