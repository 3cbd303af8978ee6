#include "core/tensor/device.h"

/// MKL asks this function whether the CPU is of its maker, and takes a slow path on others. It is looked up by name in
/// the program first, so it must be in an object file of the program, not in a library.
extern "C" __attribute__((visibility("default"), used)) int mkl_serv_intel_cpu_true() { return mimir::mkl_fast_path_active() ? 1 : 0; }
