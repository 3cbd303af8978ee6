#include "app/mimir/command.h"

#include <CLI/CLI.hpp>

#include "app/mimir/parameter_help.h"
#include "core/base/schema.h"
#include "core/store/workspace.h"

namespace mimir {
namespace {

/// Options that set a field of the recipe; range, default and help are the field's.
constexpr struct {
  const char *option, *field, *value;
} kFieldOptions[] = {
    {"--device", "compute.device", "DEVICE"},
    {"--threads", "compute.threads", "N"},
    {"--precision", "compute.precision", "NAME"},
    {"--seed", "seed", "N"},
};

}  // namespace

std::string Options::field(const std::string& path) const {
  const auto typed = fields.find(path);
  if (typed != fields.end() && !typed->second.empty()) return typed->second;
  return format_value(find_field(path)->parameter.fallback);
}

void add_common_options(CLI::App& app, Options& options) {
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.set_help_flag("--help,-h", "Print this help and end")->group("Options of every command");
  app.option_defaults()->group("Options of every command");
  app.add_option("--workspace", options.workspace,
                 "Folder of runs; default $MIMIR_WORKSPACE, else $XDG_DATA_HOME/mimir-workbench")
      ->type_name("DIR");
  for (const auto& row : kFieldOptions) {
    const Parameter& parameter = find_field(row.field)->parameter;
    app.add_option(row.option, options.fields[row.field],
                   fmt::format("{} ({})", parameter.help, parameter_range(parameter)))
        ->type_name(row.value);
  }
  app.add_flag("--json", options.json, "One JSON document (JSON lines for progress) on stdout, and nothing else there");
  app.add_flag("--quiet", options.quiet, "No progress");
  app.add_flag("--verbose", options.verbose, "All there is to say about an error");
  app.option_defaults()->group("Options");
}

Expected<void> check_common_options(const Options& options) {
  for (const auto& row : kFieldOptions) {
    const Parameter& parameter = find_field(row.field)->parameter;
    const std::string text = options.field(row.field);
    const auto value = parse_value(parameter, text);
    if (!value) return fail(ErrorCode::usage, "{} {}: it must be a whole number", row.option, text);
    if (const auto problem = check_value(parameter, *value))
      return fail(ErrorCode::usage, "{} {}: {}", row.option, text, *problem);
  }
  return {};
}

CLI::App* add_command(CLI::App& parent, CommandLine& line, const std::string& name, const std::string& help,
                      std::function<Expected<int>()> run) {
  CLI::App* command = parent.add_subcommand(name, help);
  add_common_options(*command, line.options);
  command->callback([&line, run = std::move(run)] { line.run = run; });
  return command;
}

std::filesystem::path workspace_directory(const Options& options) {
  return options.workspace.empty() ? Workspace::default_path() : options.workspace;
}

}  // namespace mimir
