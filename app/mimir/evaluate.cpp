#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "app/mimir/output.h"
#include "app/mimir/recipe_arguments.h"
#include "core/base/text.h"
#include "core/data/dataset.h"
#include "core/evaluation/evaluate_stage.h"
#include "core/evaluation/evaluation.h"
#include "core/service/warm.h"
#include "core/store/files.h"
#include "core/store/workspace.h"
#include "core/tensor/device.h"

namespace mimir {
namespace {

struct Arguments {
  std::string model;
  std::string data;
  std::string attacks = "natural,fgsm,pgd-20";
  std::string epsilon = "8/255";
  std::string norm = "linf";
  std::string images = "1000";
  std::int64_t batch = 100;
  bool flags = false;
};

struct Evaluated {
  Checkpoint checkpoint;
  std::optional<RunFolder> run;
};

/// A checkpoint file, or a run's fine-tuned one.
Expected<Evaluated> find_evaluated(const std::string& text, const Options& options) {
  Evaluated subject;
  std::filesystem::path path = text;
  if (!text.ends_with(".safetensors")) {
    const Workspace workspace(workspace_directory(options));
    auto run = workspace.find_run(text);
    if (!run) return pass_on(run);
    subject.run = *run;
    auto chosen = default_checkpoint(*run, Want::fine_tuned);
    if (!chosen) return pass_on(chosen);
    path = std::move(*chosen);
  }
  auto checkpoint = read_checkpoint(path);
  if (!checkpoint) return pass_on(checkpoint);
  subject.checkpoint = std::move(*checkpoint);
  return subject;
}

/// --data: a path, or a data set's name that needs none; without it what the checkpoint was trained on.
Expected<DataRecipe> data_recipe(const Arguments& arguments, const Evaluated& subject) {
  auto recipe = parse_recipe(subject.checkpoint.recipe, "the checkpoint's recipe");
  DataRecipe data = recipe ? recipe->data : DataRecipe{};
  data.train_images = 0;
  data.test_images = 0;
  if (arguments.data.empty()) return data;
  const DatasetEntry* named = datasets().find(arguments.data);
  if (named && !named->takes_path) {
    data.name = arguments.data;
    data.path.clear();
  } else {
    data.path = arguments.data;
    data.name = dataset_for_path(data.name, data.path);
  }
  return data;
}

Expected<EvaluationOptions> evaluation_options(const Arguments& arguments, const Options& options) {
  EvaluationOptions result;
  result.attacks = split(arguments.attacks, ',');
  if (result.attacks.empty()) return fail(ErrorCode::usage, "--attacks: there is no attack in the list");
  auto norm = parse_norm(arguments.norm);
  if (!norm) return pass_on(norm);
  const auto epsilon = parse_number(arguments.epsilon);
  if (!epsilon) return fail(ErrorCode::usage, "--epsilon {}: it must be a number or a fraction like 8/255", arguments.epsilon);
  if (const auto problem = check_epsilon(arguments.norm, *epsilon)) return fail(ErrorCode::usage, "--epsilon: {}", *problem);
  result.threat = {*norm, *epsilon};
  if (auto known = check_attack_names(result.attacks, result.threat); !known) return pass_on(known);
  const bool list = arguments.images.find(',') != std::string::npos;
  for (const std::string& part : split(arguments.images, ',')) {
    const auto number = parse_integer(part);
    if (!number || *number < 0) return fail(ErrorCode::usage, "--images {}: it must be a number of images, or a list of their ids", arguments.images);
    if (list) result.ids.push_back(*number);
    else result.images = *number;
  }
  if (arguments.batch < 1) return fail(ErrorCode::usage, "--batch: it must be 1 or more");
  result.batch_size = arguments.batch;
  result.seed = parse_integer(options.field("seed")).value_or(0);
  return result;
}

Expected<int> evaluate_command(const Options& options, const Arguments& arguments) {
  auto wanted = evaluation_options(arguments, options);
  if (!wanted) return pass_on(wanted);
  ComputeRecipe compute_recipe;
  compute_recipe.device = options.field("compute.device");
  compute_recipe.threads = parse_integer(options.field("compute.threads")).value_or(0);
  auto compute = choose_compute(compute_recipe);
  if (!compute) return pass_on(compute);
  auto subject = find_evaluated(arguments.model, options);
  if (!subject) return pass_on(subject);
  auto model = classifier_from(subject->checkpoint, compute->device);
  if (!model) return fail(model.error().code, "{}: {}", arguments.model, model.error().message);
  auto data = data_recipe(arguments, *subject);
  if (!data) return pass_on(data);
  auto dataset = load_dataset(*data, subject->checkpoint.model.img_size);
  if (!dataset) return pass_on(dataset);
  if (static_cast<std::int64_t>(dataset->test->classes().size()) > (*model)->num_classes()) {
    return fail(ErrorCode::mismatch, "the data set has {} classes, the model {}", dataset->test->classes().size(), (*model)->num_classes());
  }
  for (const std::int64_t id : wanted->ids) {
    if (id >= dataset->test->size()) return fail(ErrorCode::input, "--images: there is no image {}; the test set has {}", id, dataset->test->size());
  }
  ShardPool pool(compute->threads);
  auto report = evaluate(**model, *dataset->test, *wanted, pool, compute->device);
  if (!report) return pass_on(report);
  const nlohmann::json json = report_json(*report, arguments.flags);
  if (subject->run) {
    const auto folder = subject->run->evaluations() / (std::to_string(static_cast<long long>(std::time(nullptr))) + "-" + std::to_string(::getpid()));
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (auto written = write_file(folder / "report.json", report_json(*report, true).dump(1)); !written) return pass_on(written);
  }
  if (options.json) {
    print_json(json);
    return 0;
  }
  const auto line = [&](const std::string& name, double accuracy, const nlohmann::json& interval) {
    fmt::print("{:<12} {:6.2f} %   95 % interval {:.2f} to {:.2f} %\n", name, 100 * accuracy, 100 * interval[0].get<double>(), 100 * interval[1].get<double>());
  };
  line("natural", report->natural_accuracy(), json["interval95"]["natural_accuracy"]);
  for (const AttackReport& attack : report->attacks) line(attack.name, attack.robust_accuracy(), json["interval95"][attack.name]);
  line("robust", report->robust_accuracy(), json["interval95"]["robust_accuracy"]);
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& app, CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(app, line, "evaluate", "Score a classifier on clean and attacked test images, in fp32",
                                  [&line, arguments] { return evaluate_command(line.options, *arguments); });
  command->add_option("model", arguments->model, "A run, or a checkpoint file")->required()->type_name("RUN|CHECKPOINT");
  command->add_option("--data", arguments->data, "Folder or file of the data, or demo; default: what the model was trained on")->type_name("PATH");
  command->add_option("--attacks", arguments->attacks, "natural, fgsm, pgd-N, by comma; default natural,fgsm,pgd-20")->type_name("LIST");
  command->add_option("--epsilon", arguments->epsilon, "Radius for images in [0,1]; default 8/255")->type_name("E");
  command->add_option("--norm", arguments->norm, "linf or l2; default linf")->type_name("NORM");
  command->add_option("--images", arguments->images, "How many test images, 0 for all, or ids by comma; default 1000")->type_name("N|I,J,…");
  command->add_option("--batch", arguments->batch, "Images attacked together, 1 or more; default 100")->type_name("N");
  command->add_flag("--flags", arguments->flags, "With --json: whether each image is still right, per attack");
}

}  // namespace mimir
