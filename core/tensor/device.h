#pragma once

#include <c10/core/Device.h>

#include <string>

#include "core/base/error.h"
#include "core/base/recipe.h"

namespace mimir {

/// Where and how this process computes. Chosen once, here; everything else follows its inputs' device.
struct Compute {
  c10::Device device = c10::Device(c10::kCPU);
  int threads = 1;  ///< worker threads, each with single-threaded operations
  int shards = 1;   ///< parts of a batch
  bool bf16 = false;
  bool mkl_fast_path = false;
};

/// `usage` error for an unknown device name, `input` error for a device that this machine has not.
Expected<Compute> choose_compute(const ComputeRecipe& recipe);

/// Whether MKL is told to take its fast kernels on a CPU of another maker. Decided before the first matrix product
/// (MKL asks once); the program's object file mkl_hook.cpp hands the answer to MKL.
bool mkl_fast_path_active();
void set_mkl_fast_path(bool active);

/// Whether this CPU multiplies bfloat16 matrices in hardware; without it bf16 is many times slower than fp32.
bool cpu_has_bf16();

/// In MiB: what this process has allocated on a GPU, or its resident memory.
double memory_mebibytes(c10::Device device);

}  // namespace mimir
