#pragma once

namespace CLI {
class App;
}

namespace mimir {

struct CommandLine;

void add_inspection(CLI::App& app, CommandLine& line);  ///< attack, attend, reconstruct
void add_serve(CLI::App& app, CommandLine& line);

}  // namespace mimir
