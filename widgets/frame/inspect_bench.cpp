// What the window waits for when a model is looked into: measured by `mimir bench inspect`, which answers as the worker does.
#include <QEventLoop>

#include "widgets/frame/benchmarks.h"
#include "widgets/session/program.h"

namespace mimir {
namespace {

constexpr int kLimitMs = 600'000;

/// Asked once; empty where there is no program to ask.
const nlohmann::json& figures() {
  static const nlohmann::json found = [] {
    nlohmann::json document = nlohmann::json::object();
    Program program;
    if (program.path().isEmpty()) return document;
    QEventLoop loop;
    program.ask({QStringLiteral("bench"), QStringLiteral("inspect")}, &loop, [&](const Expected<nlohmann::json>& answer) {
      if (answer && answer->is_object()) document = *answer;
      loop.quit();
    }, kLimitMs);
    loop.exec();
    return document;
  }();
  return found;
}

bool add(const char* name) {
  return add_benchmark(std::string("inspect_") + name, [name](BenchmarkContext&) -> std::optional<double> {
    const auto value = figures().find(name);
    if (value == figures().end() || !value->is_number()) return std::nullopt;
    return value->get<double>();
  });
}

const bool registered = add("tiny_attend_ms") && add("tiny_path_20_ms") && add("tiny_reconstruct_ms") && add("base_attend_ms") && add("base_cancel_ms") && add("peak_memory_mb");

}  // namespace
}  // namespace mimir
