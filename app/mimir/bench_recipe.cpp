#include "app/mimir/bench_recipe.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>

#include "app/mimir/command.h"
#include "app/mimir/console_observer.h"
#include "app/mimir/gemm_rate.h"
#include "app/mimir/output.h"
#include "app/mimir/recipe_arguments.h"
#include "app/mimir/recipes.h"
#include "app/mimir/signal_scope.h"
#include "app/mimir/trainer.h"
#include "core/data/dataset.h"
#include "core/models/model_options.h"
#include "core/store/workspace.h"
#include "core/training/stopwatch.h"
#include "core/training/validation.h"

namespace mimir {
namespace {

constexpr double kSeconds = 5;
/// Images that a thread attacks together while an evaluation is timed: on a CPU larger batches are no faster.
constexpr std::int64_t kCpuBatch = 16;

struct Arguments {
  std::string recipe;
  std::vector<std::string> sets;
  double seconds = kSeconds;
};

/// Epochs of a stage whose steps cost the same.
struct Phase {
  double epochs = 0;
  Recipe recipe;  ///< of that stage alone, with steps like these from the first one on
};

struct PhaseTime {
  double epochs = 0;
  std::int64_t measured_steps = 0;
  double seconds_per_step = 0;
  std::optional<double> seconds_per_epoch_end;  ///< validation, probes, checkpoint; none: no epoch ended meanwhile
  std::int64_t total = 0;                       ///< steps of the whole stage
  double memory_mb = 0;
};

/// Times the steps of one stage as its trainer reports them, and asks it to stop once they fill the time.
class StageWatch final : public Observer {
 public:
  StageWatch(double seconds, std::int64_t epochs, c10::Device device, StopSource& stop)
      : seconds_(seconds), epochs_(epochs), device_(device), stop_(stop) {}

  void progress(const Progress& progress) override {
    const std::lock_guard lock(mutex_);
    const double elapsed = watch_.lap();
    total_ = progress.total;
    const std::int64_t per_epoch = std::max<std::int64_t>(1, progress.total / epochs_);
    // Between two reports lies what was done at the end of an epoch, too.
    if (progress.step == 1) first_ = elapsed;
    else if ((progress.step - 1) % per_epoch == 0) over_an_end_.push_back(elapsed);
    else within_.push_back(elapsed);
    if (progress.step > 1) spent_ += elapsed;
    memory_ = std::max(memory_, memory_mebibytes(device_));
    if (std::max(spent_, first_) < seconds_) return;
    enough_ = true;
    stop_.request(Stop::now);
  }

  /// Whether it was this that stopped the stage.
  bool enough() const { return enough_; }

  /// None where not even one step was finished.
  std::optional<PhaseTime> result(double epochs) const {
    if (total_ == 0) return std::nullopt;
    PhaseTime time;
    time.epochs = epochs;
    time.total = total_;
    time.memory_mb = memory_;
    time.measured_steps = static_cast<std::int64_t>(within_.size() + over_an_end_.size());
    if (!within_.empty()) {
      time.seconds_per_step = median(within_);
      if (!over_an_end_.empty()) time.seconds_per_epoch_end = std::max(0.0, median(over_an_end_) - time.seconds_per_step);
    } else if (!over_an_end_.empty()) {
      time.seconds_per_step = median(over_an_end_);  // an epoch of one step
    } else {
      time.seconds_per_step = first_;  // it pays for what is made once, but there is no other
      time.measured_steps = 1;
    }
    return time;
  }

 private:
  const double seconds_;
  const std::int64_t epochs_;
  const c10::Device device_;
  StopSource& stop_;
  std::mutex mutex_;  // guards all below until the stage has ended
  Stopwatch watch_;
  double spent_ = 0, first_ = 0, memory_ = 0;
  std::int64_t total_ = 0;
  std::vector<double> within_, over_an_end_;
  bool enough_ = false;
};

/// Of fine-tuning: with and without attack, with and without all patches. One phase where all steps are alike.
std::vector<Phase> finetune_phases(const Recipe& recipe) {
  const FinetuneRecipe& whole = *recipe.finetune;
  const double epochs = static_cast<double>(whole.epochs);
  const bool drops = whole.patch_drop_rate > 0;
  const double natural_until = std::min(whole.natural_epochs, epochs);
  const double drops_until = !drops ? 0 : whole.patch_drop_epochs > 0 ? std::min(whole.patch_drop_epochs, epochs) : epochs;
  const std::set<double> cuts{0, natural_until, drops_until, epochs};
  std::vector<Phase> phases;
  for (auto begin = cuts.begin(), end = std::next(begin); end != cuts.end(); ++begin, ++end) {
    Phase phase{*end - *begin, recipe};
    phase.recipe.pretrain.reset();  // steps cost the same whatever the weights
    phase.recipe.evaluate.reset();
    FinetuneRecipe& part = *phase.recipe.finetune;
    part.natural_epochs = *begin < natural_until ? epochs : 0;
    part.epsilon_warmup_epochs = 0;
    part.patch_drop_rate = *begin < drops_until ? whole.patch_drop_rate : 0;
    part.patch_drop_epochs = 0;
    phases.push_back(std::move(phase));
  }
  return phases;
}

std::vector<Phase> pretrain_phases(const Recipe& recipe) {
  Phase phase{static_cast<double>(recipe.pretrain->epochs), recipe};
  phase.recipe.finetune.reset();
  phase.recipe.evaluate.reset();
  return {std::move(phase)};
}

/// A folder for what stages write while they are timed; gone with the object.
struct ScratchFolder {
  ScratchFolder() : path(std::filesystem::temp_directory_path() / fmt::format("mimir-bench-recipe-{}", ::getpid())) {}
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::filesystem::path path;
};

/// What all measurements of one recipe share.
struct Bench {
  const Recipe& recipe;
  const Options& options;
  double seconds;  ///< for each stage
  const Compute& compute;
  const Dataset& data;
  ShardPool& pool;
  const Draws& draws;
  StopSource& cancel;
  std::filesystem::path scratch;
};

Expected<void> cancelled() { return fail(ErrorCode::stopped, "the measurement was stopped, as asked"); }

Expected<PhaseTime> time_phase(const Bench& bench, const Phase& phase, double seconds, RunControl& control) {
  const StagePlan plan = stage_plans(phase.recipe).front();
  const OptimisationRecipe& optimisation = phase.recipe.pretrain ? static_cast<const OptimisationRecipe&>(*phase.recipe.pretrain) : *phase.recipe.finetune;
  auto run = Workspace(bench.scratch).create_run("bench", phase.recipe, nlohmann::json::object());
  if (!run) return pass_on(run);
  auto writer = RunWriter::open(*run, {plan.name});
  if (!writer) return pass_on(writer);
  const std::string text = write_recipe(phase.recipe);
  StageWatch watch(seconds, optimisation.epochs, bench.compute.device, control.stop());
  auto ran = run_stages({plan}, {.recipe = phase.recipe,
                                 .recipe_text = text,
                                 .folder = *run,
                                 .writer = **writer,
                                 .observer = watch,
                                 .control = control,
                                 .data = bench.data,
                                 .compute = bench.compute,
                                 .pool = bench.pool,
                                 .draws = bench.draws});
  if (bench.cancel.level() != Stop::none) ran = cancelled();
  else if (!ran && watch.enough() && ran.error().code == ErrorCode::stopped) ran = Expected<void>();
  if (auto closed = (*writer)->close(); ran && !closed) ran = tl::unexpected<Error>(closed.error());
  std::error_code ignored;
  std::filesystem::remove_all(run->path(), ignored);
  if (!ran) return pass_on(ran);
  auto time = watch.result(phase.epochs);
  if (!time) return fail(ErrorCode::defect, "stage {} took no step", plan.name);
  return *time;
}

nlohmann::json training_json(const Bench& bench, const std::string& name, const OptimisationRecipe& optimisation, const std::vector<PhaseTime>& times) {
  const std::int64_t train = bench.data.train->size();
  const double steps = static_cast<double>(times.front().total), epochs = static_cast<double>(optimisation.epochs);
  const std::int64_t batch = std::min(optimisation.batch_size, train);
  const double images = static_cast<double>(batch * std::min(optimisation.accumulate, std::max<std::int64_t>(1, train / batch)));
  double seconds = 0, memory = 0, ends = 0;
  int ended = 0;
  nlohmann::json phases = nlohmann::json::array();
  for (const PhaseTime& time : times) {
    seconds += time.seconds_per_step * steps * time.epochs / epochs;
    memory = std::max(memory, time.memory_mb);
    if (time.seconds_per_epoch_end) {
      ends += *time.seconds_per_epoch_end;
      ++ended;
    }
    phases.push_back({{"epochs", time.epochs}, {"images_per_second", images / time.seconds_per_step}, {"seconds_per_step", time.seconds_per_step}, {"measured_steps", time.measured_steps}});
  }
  if (ended > 0) seconds += ends / ended * epochs;
  return {{"name", name},       {"epochs", optimisation.epochs}, {"steps", times.front().total}, {"images_per_second", images * steps / seconds},
          {"seconds", seconds}, {"memory_mb", memory},           {"phases", phases}};
}

/// As an evaluation scores, on fresh weights; every image counts as attacked, though one that is wrong without is spared.
Expected<nlohmann::json> time_evaluation(const Bench& bench) {
  const EvaluateRecipe& evaluate = *bench.recipe.evaluate;
  auto options = resolve_model(bench.recipe.model, static_cast<std::int64_t>(bench.data.train->classes().size()));
  if (!options) return pass_on(options);
  auto norm = parse_norm(evaluate.norm);
  if (!norm) return pass_on(norm);
  VitClassifier model(*options);
  initialise_classifier(*model, static_cast<std::uint64_t>(bench.recipe.seed));
  model->to(bench.compute.device);

  const Split& test = *bench.data.test;
  const std::int64_t images = evaluate.images > 0 ? std::min(evaluate.images, test.size()) : test.size();
  const std::int64_t batch = bench.compute.device.is_cpu() ? std::min(evaluate.batch_size, kCpuBatch) : evaluate.batch_size;
  const auto ids = test.ids().first(static_cast<std::size_t>(std::min(images, batch * bench.pool.threads())));
  const auto once = [&](const Attack* attack) {
    score(*model, test, ids, attack, bench.draws, bench.pool, bench.compute.device, {.batch_size = batch, .key = {Purpose::pgd}, .stop = StopToken(bench.cancel)});
  };
  once(nullptr);  // what is made once
  std::vector<std::string> names{"natural"};
  for (const std::string& name : evaluate.attacks) {
    if (name != "natural") names.push_back(name);
  }
  double seconds = 0;
  nlohmann::json tests = nlohmann::json::array();
  for (const std::string& name : names) {
    std::unique_ptr<Attack> attack;
    if (name != "natural") {
      AttackOptions of_attack;
      of_attack.threat = {*norm, evaluate.epsilon};
      auto made = make_attack(name, of_attack);
      if (!made) return pass_on(made);
      attack = std::move(*made);
    }
    std::vector<double> times;
    Stopwatch watch;
    for (double spent = 0; times.empty() || spent < bench.seconds / static_cast<double>(names.size()); spent += times.back()) {
      once(attack.get());
      times.push_back(watch.lap());
    }
    const double per_image = median(times) / static_cast<double>(ids.size());
    seconds += per_image * static_cast<double>(images);
    tests.push_back({{"name", name}, {"images_per_second", 1 / per_image}, {"measured_images", times.size() * ids.size()}});
  }
  return nlohmann::json{{"name", "evaluate"}, {"epochs", nullptr}, {"steps", nullptr}, {"images", images}, {"seconds", seconds}, {"memory_mb", memory_mebibytes(bench.compute.device)}, {"tests", tests}};
}

/// One sentence on stderr, as progress.
void tell(const Bench& bench, const std::string& stage, std::size_t done, std::size_t stages) {
  if (!bench.options.quiet) fmt::print(stderr, "Measuring {}, stage {} of {}\n", stage, done + 1, stages);
}

/// The stages one after another, each for about `seconds`; `controls` has one for each phase.
Expected<nlohmann::json> time_stages(const Bench& bench, const std::vector<std::pair<std::string, std::vector<Phase>>>& stages, std::deque<RunControl>& controls) {
  nlohmann::json json = nlohmann::json::array();
  auto control = controls.begin();
  const std::size_t all = stages.size() + (bench.recipe.evaluate ? 1 : 0);
  for (const auto& [name, phases] : stages) {
    tell(bench, name, json.size(), all);
    std::vector<PhaseTime> times;
    for (const Phase& phase : phases) {
      auto time = time_phase(bench, phase, bench.seconds / static_cast<double>(phases.size()), *control++);
      if (!time) return pass_on(time);
      times.push_back(*time);
    }
    const OptimisationRecipe& optimisation = name == "pretrain" ? static_cast<const OptimisationRecipe&>(*bench.recipe.pretrain) : *bench.recipe.finetune;
    json.push_back(training_json(bench, name, optimisation, times));
  }
  if (!bench.recipe.evaluate) return json;
  tell(bench, "evaluate", json.size(), all);
  try {
    auto evaluated = time_evaluation(bench);
    if (!evaluated) return pass_on(evaluated);
    json.push_back(std::move(*evaluated));
  } catch (...) {
    Error error = error_of_exception(std::current_exception(), "stage evaluate");
    if (error.code == ErrorCode::stopped) error = cancelled().error();
    return tl::unexpected<Error>(std::move(error));
  }
  return json;
}

void print_text(const nlohmann::json& json) {
  for (const nlohmann::json& stage : json["stages"]) {
    const bool trains = stage["steps"].is_number();
    fmt::print("{:<9} {:>9} {}  {:>10}\n", stage["name"].get<std::string>(), trains ? stage["steps"].get<std::int64_t>() : stage["images"].get<std::int64_t>(),
               trains ? "steps " : "images", format_duration(stage["seconds"].get<double>()));
    const nlohmann::json& parts = trains ? stage["phases"] : stage["tests"];
    for (const nlohmann::json& part : parts) {
      const std::string what = trains ? fmt::format("{:g} epochs", part["epochs"].get<double>()) : part["name"].get<std::string>();
      fmt::print("  {:<12} {:8.1f} images/s\n", what, part["images_per_second"].get<double>());
    }
  }
  fmt::print("in all about {}, up to {:.0f} MB resident; {} on {}, {} shards on {} threads\n", format_duration(json["seconds"].get<double>()), json["memory_mb"].get<double>(),
             json["precision"].get<std::string>(), json["device"].get<std::string>(), json["shards"].get<int>(), json["threads"].get<int>());
}

Expected<int> bench_recipe(const Options& options, const Arguments& arguments) {
  auto recipe = find_recipe(arguments.recipe);
  if (!recipe) return pass_on(recipe);
  if (auto applied = apply_arguments(*recipe, arguments.sets, options); !applied) return pass_on(applied);
  if (auto fine = refuse_problems(check_recipe(*recipe)); !fine) return pass_on(fine);
  choose_mkl_fast_path(recipe->compute.mkl_fast_path);
  auto compute = choose_compute(recipe->compute);
  if (!compute) return pass_on(compute);

  std::vector<std::pair<std::string, std::vector<Phase>>> stages;
  if (recipe->pretrain) stages.emplace_back("pretrain", pretrain_phases(*recipe));
  if (recipe->finetune) stages.emplace_back("finetune", finetune_phases(*recipe));
  std::size_t phases = 0;
  for (const auto& [name, of_stage] : stages) phases += of_stage.size();
  StopSource cancel;
  std::deque<RunControl> controls(phases);
  std::vector<StopSource*> stops{&cancel};
  for (RunControl& control : controls) stops.push_back(&control.stop());
  const ScratchFolder scratch;
  const SignalScope signals(stops, Stop::now);

  if (!options.quiet) fmt::print(stderr, "Reading the data set\n");
  auto data = load_dataset(recipe->data, recipe->model.img_size, StopToken(cancel));
  if (!data) return pass_on(data);
  ShardPool pool(std::min(compute->threads, std::max(compute->shards, 1)));
  const PhiloxDraws draws(static_cast<std::uint64_t>(recipe->seed));
  const Bench bench{*recipe, options, arguments.seconds, *compute, *data, pool, draws, cancel, scratch.path};
  auto timed = time_stages(bench, stages, controls);
  if (!timed) return pass_on(timed);

  nlohmann::json json = {{"device", compute->device.str()}, {"precision", compute->bf16 ? "bf16" : "fp32"}, {"threads", compute->threads}, {"shards", compute->shards},
                         {"mkl_fast_path", compute->mkl_fast_path}, {"stages", std::move(*timed)}};
  double seconds = 0, memory = 0;
  for (const nlohmann::json& stage : json["stages"]) {
    seconds += stage["seconds"].get<double>();
    memory = std::max(memory, stage["memory_mb"].get<double>());
  }
  json["seconds"] = seconds;
  json["memory_mb"] = memory;
  if (options.json) print_json(json);
  else print_text(json);
  return 0;
}

}  // namespace

void add_bench_recipe(CLI::App& bench, CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(bench, line, "recipe", "What a recipe will take on this machine, from some seconds of each of its stages; leaves no run",
                                  [&line, arguments] { return bench_recipe(line.options, *arguments); });
  command->add_option("recipe", arguments->recipe, "A preset's name (see `mimir presets`) or a TOML file")->required()->type_name("RECIPE|PRESET");
  command->add_option("--set", arguments->sets, "Set a key of the recipe, as in `mimir train`")
      ->type_name("KEY=VALUE")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->expected(1)->allow_extra_args(false);
  command->add_option("--seconds", arguments->seconds, "About how long each stage is measured, 0.1 to 600; default 5. A step begun is finished")
      ->check(CLI::Range(0.1, 600.0))->type_name("S");
  command->footer(
      "The trainer's own steps on the recipe's data, from fresh weights, in a folder that is removed at the end. What the end\n"
      "of an epoch takes counts where an epoch ends within the time; an evaluation counts every image as attacked.");
}

}  // namespace mimir
