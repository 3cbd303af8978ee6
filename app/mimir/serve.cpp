#include "core/service/server.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "app/mimir/command.h"
#include "app/mimir/device.h"
#include "app/mimir/inspection.h"

namespace mimir {
namespace {

Expected<int> run_server(const Options& options) {
  if (options.field("compute.precision") != "fp32") return fail(ErrorCode::usage, "--precision: models are looked at in fp32 alone");
  auto compute = compute_of(options);
  if (!compute) return pass_on(compute);
  // Frames alone go to the asker: whatever a library may print goes to stderr.
  const int out = ::dup(STDOUT_FILENO);
  if (out < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return fail(ErrorCode::storage, "stdout cannot be used");
  auto served = serve(STDIN_FILENO, out, *compute, workspace_directory(options));
  ::close(out);
  if (!served) return pass_on(served);
  return 0;
}

}  // namespace

void add_serve(CLI::App& app, CommandLine& line) {
  add_command(app, line, "serve", "Answer requests of the window or of another program: frames on stdin and stdout, see docs/WORKER.md",
              [&line] { return run_server(line.options); });
}

}  // namespace mimir
