#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mimir {

class MainWindow;
class Session;

/// What a benchmark may use: the window is shown and its session has read the workspace.
struct BenchmarkContext {
  Session& session;
  MainWindow& window;
};

/// One key of `mimir-workbench --bench`: "redraw_20x100k_ms". None leaves the key out (nothing to measure with in
/// this workspace). May run the event loop.
struct Benchmark {
  std::string name;
  std::function<std::optional<double>(BenchmarkContext&)> measure;
};

/// In the order of their names. Filled at file scope:
///     const bool registered = add_benchmark("mask_edit_ms", [](BenchmarkContext& context) { … });
const std::vector<Benchmark>& benchmarks();
bool add_benchmark(std::string name, std::function<std::optional<double>(BenchmarkContext&)> measure);

/// Lets the event loop turn for this long.
void turn_for(int ms);

}  // namespace mimir
