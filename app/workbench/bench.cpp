#include "app/workbench/bench.h"

#include <time.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/workbench/screenshot.h"
#include "widgets/frame/benchmarks.h"
#include "widgets/frame/main_window.h"

namespace mimir {

double process_age_ms() {
  // The 22nd value is the start in ticks since boot; the second, in brackets, may hold spaces.
  std::ifstream file("/proc/self/stat");
  std::string all;
  std::getline(file, all);
  std::istringstream rest(all.substr(all.rfind(')') + 1));
  std::string word;
  for (int i = 3; i <= 22; ++i) rest >> word;
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double started = std::stod(word) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return (static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9 - started) * 1e3;
}

int run_benchmarks(MainWindow& window, Session& session, const Options& options, double window_start_ms) {
  if (!wait_until_ready(window, session)) return 1;
  std::map<std::string, double> values{{"window_start_ms", window_start_ms}};
  BenchmarkContext context{session, window};
  for (const Benchmark& benchmark : benchmarks())
    if (const auto value = benchmark.measure(context)) values[benchmark.name] = *value;
  if (options.json) {
    std::cout << nlohmann::json(values).dump() << '\n';
  } else {
    for (const auto& [name, value] : values) std::cout << name << ' ' << value << '\n';
  }
  return 0;
}

}  // namespace mimir
