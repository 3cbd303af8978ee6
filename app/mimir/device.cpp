#include "app/mimir/device.h"

#include <ATen/Parallel.h>
#include <torch/cuda.h>

#include "core/base/text.h"

namespace mimir {

Expected<std::string> choose_device(const Options& options) {
  if (const auto threads = parse_integer(options.field("compute.threads")); threads && *threads > 0) {
    at::set_num_threads(static_cast<int>(*threads));
  }
  const std::string device = options.field("compute.device");
  if (device == "cpu") return device;
  const auto count = static_cast<long long>(torch::cuda::device_count());
  if (device == "auto") return std::string(count > 0 ? "cuda" : "cpu");
  const bool numbered = device.starts_with("cuda:");
  const auto index = numbered ? parse_integer(device.substr(5)) : std::optional<long long>(0);
  if ((device != "cuda" && !numbered) || !index || *index < 0) {
    return fail(ErrorCode::usage, "--device {}: it must be auto, cpu, cuda or cuda:N", device);
  }
  if (*index >= count) {
    return fail(ErrorCode::input, "--device {}: this machine and this libtorch have {} CUDA devices", device, count);
  }
  return device;
}

}  // namespace mimir
