#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "app/mimir/recipe_arguments.h"
#include "app/mimir/trainer.h"
#include "core/base/text.h"
#include "core/store/trainer_lock.h"
#include "core/store/workspace.h"

namespace mimir {
namespace {

struct Arguments {
  std::string run;
  std::string from;
  std::vector<std::string> sets;
};

/// Forgets what lies after the checkpoint STAGE-STEP: later checkpoints of its stage and whatever later stages wrote.
Expected<void> go_back_to(const RunFolder& run, const std::string& from) {
  const auto dash = from.rfind('-');
  const auto step = parse_integer(dash == std::string::npos ? "" : from.substr(dash + 1));
  const std::string stage = from.substr(0, dash == std::string::npos ? 0 : dash);
  if (!step || (stage != "pretrain" && stage != "finetune")) {
    return fail(ErrorCode::usage, "--from {}: it must be STAGE-STEP, as the files in {} are named", from, run.checkpoints().string());
  }
  const auto path = run.checkpoint(stage, *step);
  if (!std::filesystem::exists(path)) return fail(ErrorCode::input, "--from {}: there is no {}", from, path.string());
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(run.checkpoints(), error)) {
    const std::string file = entry.path().stem().string();
    const auto mark = file.rfind('-');
    const std::string of = file.substr(0, mark == std::string::npos ? 0 : mark);
    const std::optional<long long> at = parse_integer(file.substr(mark == std::string::npos ? file.size() : mark + 1));
    const bool later_stage = stage == "pretrain" && of == "finetune";
    if (later_stage || (of == stage && at.value_or(*step + 1) > *step)) std::filesystem::remove(entry.path(), error);
  }
  std::filesystem::remove_all(run.evaluations() / "stage", error);
  return {};
}

Expected<int> resume(const CommandLine& line, const Arguments& arguments) {
  const Workspace workspace(workspace_directory(line.options));
  auto run = workspace.find_run(arguments.run);
  if (!run) return pass_on(run);
  auto recipe = run->read_recipe();
  if (!recipe) return pass_on(recipe);
  if (!arguments.from.empty()) {
    auto lock = TrainerLock::acquire(*run);  // nobody may be training it
    if (!lock) return pass_on(lock);
    if (auto back = go_back_to(*run, arguments.from); !back) return pass_on(back);
  }
  const Recipe before = *recipe;
  if (auto applied = apply_arguments(*recipe, arguments.sets, line.options); !applied) return pass_on(applied);
  if (auto fine = refuse_problems(check_recipe(*recipe)); !fine) return pass_on(fine);
  if (*recipe != before) {
    if (auto written = run->write_recipe(*recipe); !written) return pass_on(written);
  }
  return train_run(*run, *recipe, line.options);
}

}  // namespace

void add_resume(CLI::App& app, CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(app, line, "resume", "Go on with a run that was stopped, killed or failed",
                                  [&line, arguments] { return resume(line, *arguments); });
  command->add_option("run", arguments->run, "Id, unique prefix, name, path, or last")->required()->type_name("RUN");
  command->add_option("--from", arguments->from, "Go back to this checkpoint; what lies after it is forgotten")->type_name("STAGE-STEP");
  command->add_option("--set", arguments->sets, "Change a key of the recipe from here on")
      ->type_name("KEY=VALUE")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->expected(1)->allow_extra_args(false);
}

}  // namespace mimir
