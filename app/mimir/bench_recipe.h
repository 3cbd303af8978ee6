#pragma once

namespace CLI {
class App;
}

namespace mimir {

struct CommandLine;

/// `mimir bench recipe`: what a recipe will take on this machine, from some seconds of each of its stages.
void add_bench_recipe(CLI::App& bench, CommandLine& line);

}  // namespace mimir
