#include "core/store/control.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "app/mimir/command.h"
#include "app/mimir/output.h"
#include "core/store/workspace.h"

namespace mimir {
namespace {

struct Arguments {
  std::string run;
  std::string after = "step";
};

Expected<int> control(const Options& options, ControlCommand command, const Arguments& arguments) {
  const Workspace workspace(workspace_directory(options));
  auto run = workspace.find_run(arguments.run);
  if (!run) return pass_on(run);
  ControlRequest request{1, command, Stop::after_step};
  if (arguments.after == "epoch") request.when = Stop::after_epoch;
  if (arguments.after == "now") request.when = Stop::now;
  auto reply = send_control(*run, request);
  if (!reply) return pass_on(reply);
  if (!reply->ok) return fail(ErrorCode::input, "{}", reply->message);
  if (options.json) {
    print_json({{"ok", true}, {"state", reply->state}, {"stage", reply->stage}, {"step", reply->step.value_or(0)}});
  } else if (!options.quiet) {
    fmt::print("{}: {}, step {} of {}\n", run->id(), reply->state, reply->step.value_or(0), reply->stage);
  }
  return 0;
}

}  // namespace

void add_control(CLI::App& app, CommandLine& line) {
  constexpr std::pair<ControlCommand, const char*> kCommands[] = {
      {ControlCommand::stop, "End a running training so that it can be resumed"},
      {ControlCommand::pause, "Halt a running training before its next step"},
      {ControlCommand::unpause, "Let a paused training go on"},
      {ControlCommand::checkpoint, "Write a checkpoint before the next step"},
  };
  for (const auto& [which, help] : kCommands) {
    const auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(app, line, control_command_name(which), help,
                                    [&line, arguments, which = which] { return control(line.options, which, *arguments); });
    command->add_option("run", arguments->run, "Id, unique prefix, name, path, or last")->required()->type_name("RUN");
    if (which == ControlCommand::stop) {
      command->add_option("--after", arguments->after, "When: step (default), epoch, or now, which writes no checkpoint")
          ->check(CLI::IsMember({"step", "epoch", "now"}))->type_name("WHEN");
    }
  }
}

}  // namespace mimir
