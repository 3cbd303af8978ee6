#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "core/base/error.h"

namespace CLI {
class App;
}

namespace mimir {

/// The options that every command takes.
struct Options {
  std::filesystem::path workspace;            ///< as given; empty = see workspace_directory()
  std::map<std::string, std::string> fields;  ///< recipe fields with an option of their own, as typed: {"seed", "3"}
  bool json = false;
  bool quiet = false;
  bool verbose = false;

  /// What was typed for a recipe field ("compute.device"), else the field's default.
  std::string field(const std::string& path) const;
};

/// What one command line asks for.
struct CommandLine {
  int argc = 0;
  char** argv = nullptr;
  Options options;
  std::function<Expected<int>()> run;  ///< of the command that was named; gives the exit code
};

/// A command below `parent` with the options that all commands have. `run` is called after parsing, with no
/// exception handler but the one in main.
CLI::App* add_command(CLI::App& parent, CommandLine& line, const std::string& name, const std::string& help,
                      std::function<Expected<int>()> run);
void add_common_options(CLI::App& app, Options& options);
/// A sentence if a common option has a value outside its range.
Expected<void> check_common_options(const Options& options);

/// --workspace, else $MIMIR_WORKSPACE, else $XDG_DATA_HOME/mimir-workbench (~/.local/share/mimir-workbench).
std::filesystem::path workspace_directory(const Options& options);

// One file a command.
void add_bench(CLI::App& app, CommandLine& line);
void add_control(CLI::App& app, CommandLine& line);   ///< stop, pause, unpause, checkpoint
void add_describe(CLI::App& app, CommandLine& line);
void add_doctor(CLI::App& app, CommandLine& line);
void add_evaluate(CLI::App& app, CommandLine& line);
void add_listings(CLI::App& app, CommandLine& line);  ///< the registries but models, and presets
void add_models(CLI::App& app, CommandLine& line);
void add_resume(CLI::App& app, CommandLine& line);
void add_runs(CLI::App& app, CommandLine& line);
void add_selftest(CLI::App& app, CommandLine& line);
void add_train(CLI::App& app, CommandLine& line);

}  // namespace mimir
