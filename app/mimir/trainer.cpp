#include "app/mimir/trainer.h"

#include <ATen/Parallel.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <torch/version.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/mimir/console_observer.h"
#include "app/mimir/gemm_rate.h"
#include "app/mimir/output.h"
#include "app/mimir/signal_scope.h"
#include "core/base/schema.h"
#include "core/base/version.h"
#include "core/evaluation/evaluate_stage.h"
#include "core/figure/curves.h"
#include "core/store/control.h"
#include "core/store/trainer_lock.h"
#include "core/training/finetune_stage.h"
#include "core/training/pretrain_stage.h"

namespace mimir {

std::vector<StagePlan> stage_plans(const Recipe& recipe) {
  std::vector<StagePlan> plans;
  if (recipe.pretrain) plans.push_back({"pretrain", make_pretrain_stage});
  if (recipe.finetune) plans.push_back({"finetune", make_finetune_stage});
  if (recipe.evaluate) plans.push_back({"evaluate", make_evaluate_stage});
  return plans;
}

namespace {

std::string closing_sentence(const ConsoleObserver& console, const RunFolder& run, double seconds) {
  std::string text = fmt::format("Finished in {}", format_duration(seconds));
  const auto natural = console.newest("evaluate/natural_accuracy");
  const auto robust = console.newest("evaluate/robust_accuracy");
  if (natural) text += fmt::format("; {:.1f} % of the test images are right", 100 * *natural);
  if (robust) text += fmt::format(", {:.1f} % under every attack", 100 * *robust);
  return fmt::format("{}. Curves and pictures: {}", text, run.path().string());
}

void print_event(const Options& options, nlohmann::json event) {
  if (!options.json) return;
  event["time"] = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  print_json_line(event);
}

Expected<void> run_all(const RunFolder& run, const Recipe& recipe, RunWriter& writer, ConsoleObserver& console, RunControl& control) {
  auto compute = choose_compute(recipe.compute);
  if (!compute) return pass_on(compute);
  if (recipe.compute.threads > recipe.compute.shards && compute->device.is_cpu()) {
    console.message(Level::info, "idle_threads", fmt::format("{} of {} threads have nothing to do: a batch has {} shards",
                                                             recipe.compute.threads - recipe.compute.shards, recipe.compute.threads, recipe.compute.shards));
  }
  if (compute->bf16 && compute->device.is_cpu() && !cpu_has_bf16()) {
    console.message(Level::warning, "bf16_slow", "This CPU has no bfloat16 products, so bf16 is many times slower here than fp32: take --precision fp32.");
  }
  auto data = load_dataset(recipe.data, recipe.model.img_size, control.stop_token());
  if (!data) {
    writer.begin_segment(stage_plans(recipe).front().name, 0, 0);
    writer.end_segment(SegmentState::failed, data.error());
    return pass_on(data);
  }
  for (const std::string& note : data->notes) console.message(Level::info, "data", note);
  ShardPool pool(std::min(compute->threads, std::max(compute->shards, 1)));
  const PhiloxDraws draws(static_cast<std::uint64_t>(recipe.seed));
  const std::string recipe_text = write_recipe(recipe);
  return run_stages(stage_plans(recipe), {.recipe = recipe,
                                          .recipe_text = recipe_text,
                                          .folder = run,
                                          .writer = writer,
                                          .observer = console,
                                          .control = control,
                                          .data = *data,
                                          .compute = *compute,
                                          .pool = pool,
                                          .draws = draws});
}

}  // namespace

nlohmann::json environment_json(const Recipe& recipe, int argc, const char* const* argv) {
  nlohmann::json arguments = nlohmann::json::array();
  for (int i = 0; i < argc; ++i) arguments.push_back(argv[i]);
  return {{"mimir", version()},
          {"git", git_revision()},
          {"torch", TORCH_VERSION},
          {"host", host_name()},
          {"cores", std::thread::hardware_concurrency()},
          {"cpu", at::get_cpu_capability()},
          {"device", recipe.compute.device},
          {"threads", recipe.compute.threads},
          {"seed", recipe.seed},
          {"argv", arguments}};
}

namespace {

/// A run keeps the path it began with, so that resuming it gives the same bits; the trainer, which decides, records it.
Expected<void> settle_mkl_fast_path(const RunFolder& run, const std::string& setting) {
  constexpr const char* kKey = "mkl_fast_path";
  auto environment = run.read_environment();
  if (!environment) return pass_on(environment);
  if (const auto begun = environment->find(kKey); setting == "auto" && begun != environment->end() && begun->is_boolean()) {
    choose_mkl_fast_path(begun->get<bool>() ? "on" : "off");
    return {};
  }
  choose_mkl_fast_path(setting);
  (*environment)[kKey] = mkl_fast_path_active();
  return run.write_environment(*environment);
}

}  // namespace

Expected<int> train_run(const RunFolder& run, const Recipe& recipe, const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  auto lock = TrainerLock::acquire(run);
  if (!lock) return pass_on(lock);
  if (auto settled = settle_mkl_fast_path(run, recipe.compute.mkl_fast_path); !settled) return pass_on(settled);
  std::vector<std::string> stages;
  for (const StagePlan& plan : stage_plans(recipe)) stages.push_back(plan.name);
  auto writer = RunWriter::open(run, stages);
  if (!writer) return pass_on(writer);

  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const auto style = options.json ? ConsoleObserver::Style::json
                     : options.quiet || !terminal ? ConsoleObserver::Style::none : ConsoleObserver::Style::bar;
  RunControl control;
  const SignalScope signals({&control.stop()});
  auto server = ControlServer::start(run, [&](const ControlRequest& request) { return control.handle(request); });
  if (!server) return pass_on(server);
  print_event(options, {{"event", "run"}, {"id", run.id()}, {"path", run.path().string()}});

  Expected<void> result;
  std::string closing;
  {
    ConsoleObserver console(**writer, style);
    try {
      result = run_all(run, recipe, **writer, console, control);
    } catch (...) {
      result = tl::unexpected<Error>(error_of_exception(std::current_exception(), "the run"));
      (*writer)->end_segment(SegmentState::failed, result.error());
    }
    closing = closing_sentence(console, run, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  server->reset();
  const auto closed = (*writer)->close();
  if (result && !closed) result = tl::unexpected<Error>(closed.error());

  if (auto drawn = write_curves(run); !drawn && result) result = tl::unexpected<Error>(drawn.error());

  if (!result) {
    const Error& error = result.error();
    if (error.code == ErrorCode::stopped) {
      print_event(options, {{"event", "stopped"}});
      fmt::print(stderr, "{}; `mimir resume {}` goes on.\n", error.message, run.id());
      return static_cast<int>(ErrorCode::stopped);
    }
    print_event(options, {{"event", "failed"}, {"code", error_code_name(error.code)}, {"message", error.message}});
    return pass_on(result);
  }
  print_event(options, {{"event", "done"}});
  if (!options.quiet) fmt::print(stderr, "{}\n", closing);
  return 0;
}

Expected<void> train_detached(const RunFolder& run, const Options& options) {
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  const std::string path = run.path().string();
  const std::string workspace = options.workspace.string();
  std::vector<const char*> arguments{program.c_str(), "resume", path.c_str(), "--quiet"};
  if (!workspace.empty()) arguments.insert(arguments.end(), {"--workspace", workspace.c_str()});
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return fail(ErrorCode::defect, "a trainer process cannot be started: {}", std::strerror(errno));
  if (child == 0) {
    // Twice, so that the trainer is nobody's child and leaves no zombie.
    if (::fork() != 0) ::_exit(0);
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR);
    const int log = ::open((run.path() / "trainer.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(log >= 0 ? log : null, STDERR_FILENO);
    ::execv(program.c_str(), const_cast<char* const*>(arguments.data()));
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {};
}

}  // namespace mimir
