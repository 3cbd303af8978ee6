// make_workspace --runs N --output DIR: a workspace of N finished runs to look at and to measure with. Each has the
// fields of a whole recipe and 20 metrics of 200 points; the first has a million points of pretrain/loss, one of them NaN.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "core/store/run_writer.h"
#include "core/store/trainer_lock.h"
#include "core/store/workspace.h"

namespace mimir {
namespace {

constexpr const char* kPretrainMetrics[] = {"loss", "reconstruction", "information", "information_weighted", "penalty_skipped",
                                            "learning_rate", "grad_norm", "attack_saturation", "attack_zero_gradient",
                                            "images_per_second"};
constexpr const char* kFinetuneMetrics[] = {"loss", "train_robust_accuracy", "learning_rate", "epsilon", "grad_norm",
                                            "images_per_second", "natural_accuracy", "robust_accuracy"};
constexpr const char* kEvaluateMetrics[] = {"natural_accuracy", "robust_accuracy"};
constexpr std::int64_t kSteps = 200, kManySteps = 1'000'000;

Recipe recipe_of(std::mt19937_64& random) {
  const auto one_of = [&](std::initializer_list<double> values) { return values.begin()[random() % values.size()]; };
  Recipe recipe;
  recipe.seed = static_cast<std::int64_t>(random() % 1000);
  recipe.pretrain.emplace().learning_rate = one_of({5e-4, 1e-3, 2e-3});
  recipe.pretrain->information.weight = one_of({0, 1e-6, 1e-5, 1e-4});
  recipe.finetune.emplace().learning_rate = one_of({5e-4, 1e-3, 2e-3});
  recipe.finetune->attack.epsilon = one_of({2, 4, 8}) / 255;
  recipe.evaluate.emplace();
  return recipe;
}

/// Values that fall, or rise, towards a level drawn for the metric, with noise.
template <std::size_t N>
void record(RunWriter& writer, const std::string& stage, const char* const (&metrics)[N], std::int64_t steps, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform(0.2, 0.6);
  std::normal_distribution<double> normal;
  for (const char* metric : metrics) {
    const std::int64_t count = std::string_view(metric) == "loss" ? steps : std::min(steps, kSteps);
    const std::int64_t nan_at = count > kSteps ? static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count)) : -1;
    const double level = uniform(random), begin = level * (uniform(random) < 0.5 ? 1.6 : 0.3);
    for (std::int64_t step = 0; step < count; ++step) {
      const double share = static_cast<double>(step) / static_cast<double>(count);
      const double value = level + (begin - level) * std::exp(-5 * share) + 0.02 * level * normal(random);
      writer.scalar(stage + "/" + metric, step, step == nan_at ? std::numeric_limits<double>::quiet_NaN() : value);
    }
  }
}

Expected<void> make_run(const Workspace& workspace, int index) {
  std::mt19937_64 random(static_cast<std::uint64_t>(index));
  const Recipe recipe = recipe_of(random);
  auto run = workspace.create_run(fmt::format("run-{}", index), recipe, nlohmann::json::object());
  if (!run) return pass_on(run);
  auto lock = TrainerLock::acquire(*run);
  if (!lock) return pass_on(lock);
  auto writer = RunWriter::open(*run, stage_names(recipe));
  if (!writer) return pass_on(writer);
  const std::int64_t steps = index == 0 ? kManySteps : kSteps;
  (*writer)->begin_segment("pretrain", 0, steps);
  record(**writer, "pretrain", kPretrainMetrics, steps, random);
  (*writer)->begin_segment("finetune", 0, kSteps);
  record(**writer, "finetune", kFinetuneMetrics, kSteps, random);
  (*writer)->begin_segment("evaluate", 0, 1);
  record(**writer, "evaluate", kEvaluateMetrics, 1, random);
  (*writer)->end_segment(SegmentState::finished);
  return (*writer)->close();
}

}  // namespace
}  // namespace mimir

int main(int argc, char** argv) {
  CLI::App app("Makes a workspace of finished runs to measure with");
  int runs = 0;
  std::string output;
  app.add_option("--runs", runs, "How many runs")->required()->check(CLI::Range(1, 1'000'000));
  app.add_option("--output", output, "Folder of the workspace; runs that are there stay")->required();
  CLI11_PARSE(app, argc, argv);
  const mimir::Workspace workspace(output);
  for (int i = 0; i < runs; ++i) {
    if (auto made = mimir::make_run(workspace, i); !made) {
      fmt::print(stderr, "{}\n", made.error().message);
      return static_cast<int>(made.error().code);
    }
  }
  return 0;
}
