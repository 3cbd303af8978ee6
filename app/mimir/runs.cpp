#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>

#include "app/mimir/command.h"
#include "app/mimir/output.h"
#include "core/store/annotations.h"
#include "core/store/run_json.h"
#include "core/store/workspace.h"

namespace mimir {
namespace {

std::string text_of(const nlohmann::json& metrics, const char* name) {
  const auto found = metrics.find(name);
  return found == metrics.end() || !found->is_number() ? "-" : fmt::format("{:.1f} %", 100 * found->get<double>());
}

void print_table(const nlohmann::json& runs) {
  fmt::print("{:<10} {:<28} {:<9} {:<16} {:>8} {:>8}\n", "id", "name", "status", "started", "natural", "robust");
  for (const auto& run : runs) {
    const auto created = static_cast<std::time_t>(run["created"].get<double>());
    std::tm local{};
    ::localtime_r(&created, &local);
    char when[32];
    std::strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local);
    fmt::print("{:<10} {:<28} {:<9} {:<16} {:>8} {:>8}\n", run["id"].get<std::string>(),
               (run["star"].get<bool>() ? "* " : "") + run["name"].get<std::string>(), run["status"].get<std::string>(), when,
               text_of(run["metrics"], "evaluate/natural_accuracy"), text_of(run["metrics"], "evaluate/robust_accuracy"));
  }
}

/// A run that cannot be read is said on stderr and does not hide the others.
Expected<int> list(const Options& options) {
  const Workspace workspace(workspace_directory(options));
  auto folders = workspace.list_runs();
  if (!folders) return pass_on(folders);
  nlohmann::json runs = nlohmann::json::array();
  for (const RunFolder& folder : *folders) {
    const auto annotations = read_annotations(folder);
    if (annotations && annotations->trash) continue;
    auto run = run_list_json(folder);
    if (run) runs.push_back(std::move(*run));
    else print_error(run.error(), options.verbose);
  }
  if (options.json) print_json(runs);
  else if (runs.empty()) fmt::print("There is no run in {} yet; `mimir train demo` makes one.\n", workspace.path().string());
  else print_table(runs);
  return 0;
}

Expected<int> show(const Options& options, const std::string& which) {
  auto folder = Workspace(workspace_directory(options)).find_run(which);
  if (!folder) return pass_on(folder);
  auto run = run_show_json(*folder);
  if (!run) return pass_on(run);
  if (options.json) {
    print_json(*run);
    return 0;
  }
  fmt::print("{}  {}  {}\n{}\n", (*run)["id"].get<std::string>(), (*run)["name"].get<std::string>(), (*run)["status"].get<std::string>(),
             (*run)["path"].get<std::string>());
  if ((*run)["reason"].is_string()) fmt::print("{}\n", (*run)["reason"].get<std::string>());
  fmt::print("\n{:<44} {:>12} {:>12} {:>8}  {}\n", "metric", "last", "best", "points", "unit");
  const auto number = [](const nlohmann::json& value) { return value.is_number() ? fmt::format("{:.6g}", value.get<double>()) : std::string("-"); };
  for (const auto& [name, metric] : (*run)["metrics"].items()) {
    fmt::print("{:<44} {:>12} {:>12} {:>8}  {}\n", name, number(metric["last"]), number(metric["best"]), metric["points"].get<std::int64_t>(),
               metric["unit"].get<std::string>());
  }
  return 0;
}

Expected<int> annotate(const Options& options, const std::string& which, const std::function<void(Annotations&)>& change) {
  auto folder = Workspace(workspace_directory(options)).find_run(which);
  if (!folder) return pass_on(folder);
  auto written = change_annotations(*folder, change);
  if (!written) return pass_on(written);
  return 0;
}

struct Arguments {
  std::string run;
  std::string text;
};

}  // namespace

void add_runs(CLI::App& app, CommandLine& line) {
  CLI::App* runs = app.add_subcommand("runs", "List, show and annotate runs");
  runs->require_subcommand(1);
  add_command(*runs, line, "list", "All runs of the workspace, the oldest first", [&line] { return list(line.options); });

  const auto with_run = [&](const char* name, const char* help, const char* text, auto&& act) {
    const auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(*runs, line, name, help, [&line, arguments, act] { return act(line.options, *arguments); });
    command->add_option("run", arguments->run, "Id, unique prefix, name, path, or last")->required()->type_name("RUN");
    if (text) command->add_option("text", arguments->text, text)->required()->type_name("TEXT");
  };
  with_run("show", "Everything known of one run", nullptr,
           [](const Options& options, const Arguments& a) { return show(options, a.run); });
  with_run("tag", "Add a tag, or take it away if the run has it", "The tag", [](const Options& options, const Arguments& a) {
    return annotate(options, a.run, [&](Annotations& annotations) {
      auto& tags = annotations.tags;
      const auto found = std::find(tags.begin(), tags.end(), a.text);
      if (found == tags.end()) tags.push_back(a.text);
      else tags.erase(found);
    });
  });
  with_run("note", "Replace the note", "The note", [](const Options& options, const Arguments& a) {
    return annotate(options, a.run, [&](Annotations& annotations) { annotations.note = a.text; });
  });
  with_run("star", "Give a star, or take it away", nullptr, [](const Options& options, const Arguments& a) {
    return annotate(options, a.run, [](Annotations& annotations) { annotations.star = !annotations.star; });
  });
  with_run("rename", "Give another name; the folder keeps its own", "The name", [](const Options& options, const Arguments& a) {
    return annotate(options, a.run, [&](Annotations& annotations) { annotations.name = a.text; });
  });
}

}  // namespace mimir
