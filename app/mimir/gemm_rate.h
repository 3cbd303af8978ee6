#pragma once

#include <c10/core/Device.h>

#include <string>

#include "core/base/error.h"

namespace mimir {

/// How fast and how right this process multiplies fp32 matrices.
struct GemmRate {
  double gflops = 0;          ///< of a product of two [size, size] matrices, the median of several
  double relative_error = 0;  ///< 2-norm against the fp64 product of a [256, 256] one
};
GemmRate measure_gemm(int size, int threads, c10::Device device = c10::Device(c10::kCPU));

/// The CPU's, in a process of its own, so that neither MKL's choice nor its threads touch this one.
Expected<GemmRate> measure_gemm_elsewhere(int size, int threads, bool mkl_fast_path);

/// Decides by compute.mkl_fast_path whether MKL is told to take its fast kernels, before the first product of this
/// process. "auto": only on a CPU of another maker than MKL's, where a check in two processes finds the result as
/// right and at least a seventh faster; remembered under $XDG_CACHE_HOME by CPU and libtorch.
void choose_mkl_fast_path(const std::string& setting);

}  // namespace mimir
