#include "core/tensor/device.h"

#include <ATen/DeviceAccelerator.h>
#include <torch/torch.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "core/base/text.h"

namespace mimir {
namespace {

std::atomic<bool> mkl_fast_path{false};

Expected<c10::Device> parse_device(const std::string& name) {
  if (name == "cpu") return c10::Device(c10::kCPU);
  if (name == "auto") return torch::cuda::is_available() ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  if (name != "cuda" && !name.starts_with("cuda:")) {
    return fail(ErrorCode::usage, "compute.device: \"{}\" is not auto, cpu, cuda or cuda:N", name);
  }
  const auto index = name == "cuda" ? std::optional<long long>(0) : parse_integer(name.substr(5));
  if (!index || *index < 0) return fail(ErrorCode::usage, "compute.device: \"{}\" is not auto, cpu, cuda or cuda:N", name);
  const auto count = static_cast<long long>(torch::cuda::device_count());
  if (*index >= count) {
    return fail(ErrorCode::input, "compute.device: this machine, with this libtorch, has {} CUDA devices; take cpu", count);
  }
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(*index));
}

}  // namespace

Expected<Compute> choose_compute(const ComputeRecipe& recipe) {
  auto device = parse_device(recipe.device);
  if (!device) return pass_on(device);
  Compute compute;
  compute.device = *device;
  compute.bf16 = recipe.precision == "bf16";
  compute.mkl_fast_path = mkl_fast_path_active();
  if (device->is_cuda()) return compute;
  const auto cores = std::max(1u, std::thread::hardware_concurrency());
  compute.threads = recipe.threads > 0 ? static_cast<int>(recipe.threads) : static_cast<int>(cores);
  compute.shards = static_cast<int>(recipe.shards);
  return compute;
}

bool mkl_fast_path_active() { return mkl_fast_path.load(std::memory_order_relaxed); }

void set_mkl_fast_path(bool active) { mkl_fast_path.store(active, std::memory_order_relaxed); }

bool cpu_has_bf16() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("flags")) return line.find(" avx512_bf16") != std::string::npos || line.find(" amx_bf16") != std::string::npos;
  }
  return false;
}

double memory_mebibytes(c10::Device device) {
  constexpr double kMebibyte = 1024.0 * 1024.0;
  if (!device.is_cpu()) {
    const auto stats = at::accelerator::getDeviceStats(device.index());
    return static_cast<double>(stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)].peak) / kMebibyte;
  }
  std::ifstream statm("/proc/self/statm");
  long long pages = 0, resident = 0;
  statm >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / kMebibyte;
}

}  // namespace mimir
