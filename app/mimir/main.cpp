#include <c10/util/Exception.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <new>
#include <system_error>

#include "app/mimir/command.h"
#include "app/mimir/inspection.h"
#include "app/mimir/output.h"
#include "core/base/text.h"
#include "core/base/version.h"

namespace mimir {
namespace {

/// The sentence for an argument that nobody took. Also says what was probably meant.
Error unknown_argument(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  const std::vector<std::string> left = app.remaining(/*recurse=*/true);
  const std::string argument = left.empty() ? "" : left.front().substr(0, left.front().find('='));
  const std::string where = command == &app ? "mimir" : "mimir " + command->get_name();

  std::vector<std::string> known;
  const bool option = argument.starts_with("-");
  if (option) {
    for (const CLI::Option* each : command->get_options()) {
      for (const std::string& name : each->get_lnames()) known.push_back("--" + name);
    }
  } else {
    for (const CLI::App* each : command->get_subcommands(nullptr)) known.push_back(each->get_name());
  }
  const char* kind = option ? "option" : known.empty() ? "further argument" : "command";
  const auto nearest = nearest_name(argument, known);
  return {
      ErrorCode::usage,
      fmt::format("{} has no {} \"{}\"{}", where, kind, argument,
                  nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : fmt::format("; see `{} --help`", where)),
      {}};
}

Expected<int> run(int argc, char** argv, CommandLine& line) {
  CLI::App app("Trains and tests adversarially robust Vision Transformers.", "mimir");
  app.set_version_flag("--version", fmt::format("mimir {} ({})", version(), git_revision()),
                       "Print the version and end");
  add_common_options(app, line.options);
  app.footer(
      "`mimir COMMAND --help` lists a command's options with their ranges and defaults.\n"
      "Exit codes: 0 done, 1 a defect in the program, 2 wrong usage or recipe, 3 input cannot be used, 4 does not "
      "fit,\n"
      "5 storage, 6 diverged, 7 out of memory, 130 stopped.");
  add_train(app, line);
  add_resume(app, line);
  add_control(app, line);
  add_evaluate(app, line);
  add_inspection(app, line);
  add_serve(app, line);
  add_runs(app, line);
  add_listings(app, line);
  add_models(app, line);
  add_bench(app, line);
  add_describe(app, line);
  add_doctor(app, line);
  add_selftest(app, line);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    return tl::unexpected(unknown_argument(app));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
      return app.exit(error);  // --help, --version
    return fail(ErrorCode::usage, "{}", error.what());
  }
  if (!line.run) return fail(ErrorCode::usage, "there is no command; `mimir --help` lists them");
  if (auto checked = check_common_options(line.options); !checked) return pass_on(checked);
  return line.run();
}

Error out_of_memory(const char* detail) {
  return {ErrorCode::out_of_memory, "out of memory: take a smaller batch_size or model, or a machine with more",
          detail};
}

Error of_libtorch(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  if (text.find("out of memory") != std::string::npos || text.find("can't allocate memory") != std::string::npos) {
    return out_of_memory(error.what());
  }
  return {ErrorCode::defect, "a defect in the program: " + text.substr(0, text.find('\n')), error.what()};
}

}  // namespace
}  // namespace mimir

/// The one border of the program where exceptions end.
int main(int argc, char** argv) {
  // A full disk and a closed pipe are errors of a write, not the end of the program.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  mimir::CommandLine line{argc, argv, {}, {}};
  mimir::Error error;
  try {
    auto code = mimir::run(argc, argv, line);
    if (code && std::fflush(stdout) != 0)
      code = mimir::fail(mimir::ErrorCode::storage, "the output could not be written in full");
    if (code) return *code;
    error = std::move(code.error());
  } catch (const mimir::ErrorException& exception) {
    error = exception.error;
  } catch (const c10::Error& exception) {
    error = mimir::of_libtorch(exception);
  } catch (const std::bad_alloc& exception) {
    error = mimir::out_of_memory(exception.what());
  } catch (const std::system_error& exception) {  // of stdout or the file system
    error = {mimir::ErrorCode::storage, exception.what(), {}};
  } catch (const std::exception& exception) {
    error = {mimir::ErrorCode::defect, fmt::format("a defect in the program: {}", exception.what()), {}};
  }
  mimir::print_error(error, line.options.verbose);
  return static_cast<int>(error.code);
}
