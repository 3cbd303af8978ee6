#include "core/models/cpu_kernels.h"

namespace mimir {

#define MIMIR_KERNELS(instructions)                                                                                      \
  namespace instructions {                                                                                               \
  long attention_scratch_floats(long tokens, long head_dim);                                                             \
  void attention_forward(const AttentionArrays& arrays, long begin, long end, float* scratch);                           \
  void attention_backward(const AttentionArrays& arrays, long begin, long end, float* scratch);                          \
  long packed_floats(long depth, long columns);                                                                          \
  void pack(const float* b, long row, long column, long depth, long columns, float* packed);                             \
  void multiply_packed(const ProductArrays& arrays, long begin, long end);                                               \
  constexpr CpuKernels kKernels{attention_scratch_floats, attention_forward, attention_backward, packed_floats, pack,    \
                                multiply_packed};                                                                        \
  }

MIMIR_KERNELS(baseline)
#if defined(__x86_64__)
MIMIR_KERNELS(avx2)
MIMIR_KERNELS(avx512)
#endif

const CpuKernels& cpu_kernels() {
#if defined(__x86_64__)
  static const CpuKernels& best = __builtin_cpu_supports("avx512f")                                   ? avx512::kKernels
                                  : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? avx2::kKernels
                                                                                                      : baseline::kKernels;
  return best;
#else
  return baseline::kKernels;
#endif
}

}  // namespace mimir
