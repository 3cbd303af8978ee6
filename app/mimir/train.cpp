#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "app/mimir/output.h"
#include "app/mimir/parameter_help.h"
#include "app/mimir/recipe_arguments.h"
#include "app/mimir/recipes.h"
#include "app/mimir/trainer.h"
#include "core/store/run_json.h"
#include "core/store/workspace.h"

namespace mimir {
namespace {

struct Arguments {
  std::string recipe;
  std::vector<std::string> sets;
  std::string name;
  bool detach = false;
  bool dry_run = false;
};

/// {problems, stages, command, recipe}: what the window asks before it starts a run. Nothing is opened or written.
Expected<int> dry_run(const Recipe& recipe, const std::vector<Problem>& problems, const Arguments& arguments, const Options& options) {
  bool error = false;
  nlohmann::json listed = nlohmann::json::array();
  for (const Problem& problem : problems) {
    error = error || problem.severity == Severity::error;
    listed.push_back({{"field", problem.field}, {"severity", problem.severity == Severity::error ? "error" : "warning"}, {"message", problem.message}});
  }
  nlohmann::json stages = nlohmann::json::array();
  const auto add_stage = [&](const char* name, const OptimisationRecipe& stage, std::int64_t held_out) {
    nlohmann::json entry = {{"name", name}, {"epochs", stage.epochs}, {"steps", nullptr}};
    if (const std::int64_t all = recipe.data.train_images; all > 0) {
      const std::int64_t images = all - std::min(held_out, all / 2), batch = std::min(stage.batch_size, images);
      entry["steps"] = stage.epochs * std::max<std::int64_t>(1, images / batch / stage.accumulate);
    }
    stages.push_back(std::move(entry));
  };
  if (recipe.pretrain) add_stage("pretrain", *recipe.pretrain, 0);
  if (recipe.finetune) add_stage("finetune", *recipe.finetune, recipe.finetune->validation_images);
  if (recipe.evaluate) stages.push_back({{"name", "evaluate"}, {"epochs", nullptr}, {"steps", nullptr}});
  std::string command = "mimir train " + arguments.recipe;
  for (const std::string& set : arguments.sets) command += " --set " + set;
  if (options.json) {
    print_json({{"problems", listed}, {"stages", stages}, {"command", command}, {"recipe", recipe_json(recipe)}});
    return error ? static_cast<int>(ErrorCode::usage) : 0;
  }
  if (auto fine = refuse_problems(problems); !fine) return pass_on(fine);
  fmt::print("{}", write_recipe(recipe));
  return 0;
}

Expected<int> train(const CommandLine& line, const Arguments& arguments) {
  auto recipe = find_recipe(arguments.recipe);
  if (!recipe) return pass_on(recipe);
  if (auto applied = apply_arguments(*recipe, arguments.sets, line.options); !applied) return pass_on(applied);
  const auto problems = check_recipe(*recipe);
  if (arguments.dry_run) return dry_run(*recipe, problems, arguments, line.options);
  if (auto fine = refuse_problems(problems); !fine) return pass_on(fine);

  if (const std::string& path = recipe->data.path; !path.empty() && !std::filesystem::exists(path)) {
    return fail(ErrorCode::input, "data.path: there is no {}", path);
  }
  std::string name = arguments.name;
  if (name.empty()) name = std::filesystem::path(arguments.recipe).stem().string();
  if (name == "recipe") name = "run";
  const Workspace workspace(workspace_directory(line.options));
  auto run = workspace.create_run(name, *recipe, environment_json(*recipe, line.argc, line.argv));
  if (!run) return pass_on(run);
  if (!arguments.detach) return train_run(*run, *recipe, line.options);
  if (auto started = train_detached(*run, line.options); !started) return pass_on(started);
  if (line.options.json) print_json_line({{"event", "run"}, {"id", run->id()}, {"path", run->path().string()}});
  else fmt::print("{}\n", run->path().string());
  return 0;
}

}  // namespace

void add_train(CLI::App& app, CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(app, line, "train", "Run a recipe: pre-training, fine-tuning, evaluation",
                                  [&line, arguments] { return train(line, *arguments); });
  command->add_option("recipe", arguments->recipe, "A preset's name (see `mimir presets`) or a TOML file")->required()->type_name("RECIPE|PRESET");
  command->add_option("--set", arguments->sets, "Set a key of the recipe; stage=none drops a stage; data=PATH is data.path")
      ->type_name("KEY=VALUE")->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->expected(1)->allow_extra_args(false);
  command->add_option("--name", arguments->name, "Name of the run; default: the recipe's")->type_name("NAME");
  command->add_flag("--detach", arguments->detach, "Return when the run folder exists; the training goes on by itself");
  command->add_flag("--dry-run", arguments->dry_run, "Check the recipe and print it; nothing is opened or written");
  command->footer("Keys of a recipe:\n" + recipe_help());
}

}  // namespace mimir
