#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <dlfcn.h>
#include <torch/cuda.h>
#include <torch/version.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <thread>

#include "app/mimir/command.h"
#include "app/mimir/device.h"
#include "app/mimir/output.h"
#include "core/base/version.h"
#include "core/store/files.h"

namespace mimir {
namespace {

enum class State { ok, warning, problem };
const char* state_name(State state) {
  return state == State::ok ? "ok" : state == State::warning ? "warning" : "problem";
}

struct Finding {
  std::string id, label;
  State state = State::ok;
  nlohmann::json value;
  std::string unit = "1";
  std::string cure = {};  ///< what to do; empty where nothing is wrong
};

/// The library that answers calls of sgemm_: libtorch's own MKL, unless another BLAS was loaded before it.
std::string blas_path() {
  void* symbol = ::dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info{};
  return symbol && ::dladdr(symbol, &info) && info.dli_fname ? info.dli_fname : "";
}

Finding blas() {
  const std::string path = blas_path();
  Finding finding{"blas", "BLAS", State::ok,
                  (at::hasMKL() ? "MKL in " : "BLAS in ") + (path.empty() ? "libtorch" : path), "path"};
  if (!path.empty() && path.find("libtorch_cpu") == std::string::npos) {
    finding.state = State::warning;
    finding.cure = "Another BLAS was loaded before libtorch and may be much slower: start without LD_PRELOAD.";
  }
  return finding;
}

/// Best of the products of two fp32 1024-squares within 0.4 s, by all threads.
double gemm_gflops() {
  constexpr int kSide = 1024;
  const at::Tensor a = at::ones({kSide, kSide}), b = at::ones({kSide, kSide});
  at::mm(a, b);  // wakes the threads
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::milliseconds(400);
  double best = 0;
  do {
    const auto begin = Clock::now();
    at::mm(a, b);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    best = std::max(best, 2.0 * kSide * kSide * kSide / seconds / 1e9);
  } while (Clock::now() < end);
  return best;
}

Finding gemm() {
  const double rate = gemm_gflops();
  Finding finding{"gemm", "fp32 matrix product", State::ok, std::nearbyint(rate * 10) / 10, "GFLOP/s"};
  if (rate < 5) {
    finding.state = State::warning;
    finding.cure = "The processor is very busy or libtorch's BLAS is not the optimised one; training will be slow.";
  }
  return finding;
}

Finding devices() {
  const auto count = torch::cuda::device_count();
  Finding finding{"devices", "Devices", State::ok, nlohmann::json::array({"cpu"})};
  for (int i = 0; i < static_cast<int>(count); ++i) finding.value.push_back(fmt::format("cuda:{}", i));
  if (count == 0 && ::access("/dev/nvidiactl", F_OK) == 0) {
    finding.state = State::warning;
    finding.cure =
        "There is an NVIDIA device, but this libtorch cannot use it: build with a CUDA libtorch by CMAKE_PREFIX_PATH.";
  }
  return finding;
}

Finding reference() {
  const auto data = data_directory();
  Finding finding{"data", "Presets and reference files", State::ok, data.string(), "path"};
  if (!std::filesystem::exists(data / "experiments")) {
    finding.state = State::problem;
    finding.cure =
        "share/mimir-workbench is missing beside the program: build or install again, or set MIMIR_DATA_DIR.";
  }
  return finding;
}

/// The folder itself or the nearest one above it that exists.
std::filesystem::path existing(std::filesystem::path folder) {
  std::error_code error;
  folder = std::filesystem::absolute(folder, error);
  while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

Finding workspace(const std::filesystem::path& folder) {
  Finding finding{"workspace", "Workspace", State::ok, folder.string(), "path"};
  const auto there = existing(folder);
  std::error_code error;
  if (!std::filesystem::is_directory(there, error)) {
    finding.state = State::problem;
    finding.cure =
        fmt::format("{} is a file: choose another folder by --workspace or MIMIR_WORKSPACE.", there.string());
  } else if (::access(there.c_str(), W_OK | X_OK) != 0) {
    finding.state = State::problem;
    finding.cure = fmt::format(
        "{} cannot be written: change its rights, or choose another folder by --workspace or MIMIR_WORKSPACE.",
        there.string());
  }
  return finding;
}

Finding disk(const std::filesystem::path& folder) {
  constexpr double kGib = 1024.0 * 1024 * 1024;
  std::error_code error;
  const auto space = std::filesystem::space(existing(folder), error);
  const double free = error ? 0 : static_cast<double>(space.available) / kGib;
  Finding finding{"disk", "Free on the workspace's disk", State::ok, std::nearbyint(free * 10) / 10, "GiB"};
  if (free < 2) {
    finding.state = free < 0.1 ? State::problem : State::warning;
    finding.cure = "Delete old runs or files, or choose a workspace on another disk.";
  }
  return finding;
}

Finding threads() {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  Finding finding{"threads", "Threads", State::ok, at::get_num_threads(), "threads"};
  if (at::get_num_threads() < cores) {
    finding.state = State::warning;
    finding.cure = fmt::format("There are {} cores: OMP_NUM_THREADS or --threads holds the program to fewer.", cores);
  }
  return finding;
}

std::string value_text(const Finding& finding) {
  std::string text = finding.value.is_string() ? finding.value.get<std::string>() : finding.value.dump();
  if (finding.unit != "1" && finding.unit != "path") text += " " + finding.unit;
  return text;
}

Expected<int> run_doctor(const Options& options) {
  auto compute = compute_of(options);
  if (!compute) return pass_on(compute);
  at::set_num_threads(compute->threads);
  const auto folder = workspace_directory(options);
  const std::vector<Finding> findings = {
      {"version", "mimir", State::ok, fmt::format("{} ({})", version(), git_revision())},
      {"libtorch", "libtorch", State::ok, TORCH_VERSION},
      devices(),
      threads(),
      {"cpu", "Kernels of libtorch for", State::ok, at::get_cpu_capability()},
      blas(),
      gemm(),
      reference(),
      workspace(folder),
      disk(folder),
  };
  bool ok = true;
  nlohmann::json checks = nlohmann::json::array();
  for (const Finding& finding : findings) {
    ok = ok && finding.state != State::problem;
    if (options.json) {
      checks.push_back({{"id", finding.id},
                        {"label", finding.label},
                        {"state", state_name(finding.state)},
                        {"value", finding.value},
                        {"unit", finding.unit},
                        {"cure", finding.cure}});
      continue;
    }
    fmt::print("{:<8} {:<28} {}\n", state_name(finding.state), finding.label, value_text(finding));
    if (!finding.cure.empty()) fmt::print("{:<8} {}\n", "", finding.cure);
  }
  if (options.json) print_json({{"ok", ok}, {"checks", std::move(checks)}});
  return ok ? 0 : static_cast<int>(ErrorCode::storage);
}

}  // namespace

void add_doctor(CLI::App& app, CommandLine& line) {
  add_command(app, line, "doctor",
              "Versions, devices, threads, BLAS, speed, disk and workspace, and what to do about each problem",
              [&line] { return run_doctor(line.options); });
}

}  // namespace mimir
