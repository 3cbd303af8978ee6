#include "app/mimir/gemm_rate.h"

#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/store/files.h"
#include "core/tensor/device.h"
#include "core/training/stopwatch.h"

namespace mimir {
namespace {

constexpr double kWorthIt = 1.15;

std::string cpu_line(const std::string& key) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const auto colon = line.find(':');
    if (colon != std::string::npos && trim(std::string_view(line).substr(0, colon)) == key) return std::string(trim(std::string_view(line).substr(colon + 1)));
  }
  return {};
}

std::filesystem::path cache_file() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (cache && *cache) return std::filesystem::path(cache) / "mimir-workbench" / "mkl.json";
  return std::filesystem::path(home ? home : "/tmp") / ".cache" / "mimir-workbench" / "mkl.json";
}

/// In turn, three times: on a machine that others share one reading may be half of the next, and a wrong choice would
/// change a run's last bits. Every pair must agree.
bool check_fast_path() {
  for (int i = 0; i < 3; ++i) {
    const auto stock = measure_gemm_elsewhere(1024, 1, false);
    const auto fast = measure_gemm_elsewhere(1024, 1, true);
    if (!stock || !fast || fast->gflops < kWorthIt * stock->gflops || fast->relative_error > 4 * stock->relative_error + 1e-6) return false;
  }
  return true;
}

}  // namespace

GemmRate measure_gemm(int size, int threads, c10::Device device) {
  at::NoGradGuard no_grad;
  at::set_num_threads(threads);
  const auto matrix = [device](int n, double seed) {
    return at::cos(at::arange(static_cast<std::int64_t>(n) * n, at::TensorOptions(at::kDouble).device(device)) * seed).view({n, n});
  };
  GemmRate rate;
  const at::Tensor small_a = matrix(256, 0.7), small_b = matrix(256, 1.3);
  const at::Tensor exact = at::matmul(small_a, small_b);
  rate.relative_error = ((at::matmul(small_a.to(at::kFloat), small_b.to(at::kFloat)).to(at::kDouble) - exact).norm() / exact.norm()).item<double>();
  const at::Tensor a = matrix(size, 0.7).to(at::kFloat), b = matrix(size, 1.3).to(at::kFloat);
  at::Tensor c = at::matmul(a, b);
  std::vector<double> seconds;
  double spent = 0;
  for (int i = 0; i < 40 && (spent < 0.5 || i < 4); ++i) {
    Stopwatch watch(device);
    at::matmul_out(c, a, b);
    seconds.push_back(watch.lap());
    spent += seconds.back();
  }
  rate.gflops = 2.0 * size * size * size / median(std::move(seconds)) / 1e9;
  return rate;
}

Expected<GemmRate> measure_gemm_elsewhere(int size, int threads, bool mkl_fast_path) {
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  const std::string command = fmt::format("'{}' bench gemm --json --device cpu --size {} --threads {} --mkl-fast-path {} 2>/dev/null", program, size, threads,
                                          mkl_fast_path ? "on" : "off");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  char buffer[512];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe.get())) text += buffer;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::defect, "the matrix product cannot be measured in a process of its own");
  return GemmRate{json.value("gflops", 0.0), json.value("relative_error", 1.0)};
}

void choose_mkl_fast_path(const std::string& setting) {
  if (setting == "on" || setting == "off") {
    set_mkl_fast_path(setting == "on");
    return;
  }
  if (cpu_line("vendor_id") != "AuthenticAMD") return;
  const std::string key = cpu_line("model name") + " " + cpu_line("cpu family") + "." + cpu_line("model") + " libtorch " + TORCH_VERSION;
  nlohmann::json cache = nlohmann::json::object();
  if (const auto text = read_text(cache_file())) cache = nlohmann::json::parse(*text, nullptr, false);
  if (!cache.is_object()) cache = nlohmann::json::object();
  if (!cache.contains(key) || !cache[key].is_boolean()) {
    cache[key] = check_fast_path();
    std::error_code error;
    std::filesystem::create_directories(cache_file().parent_path(), error);
    (void)write_file(cache_file(), cache.dump(1));  // without a cache the check is made again
  }
  set_mkl_fast_path(cache[key].get<bool>());
}

}  // namespace mimir
