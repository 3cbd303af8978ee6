#include "core/models/cpu_kernels.h"

namespace mimir {

#define MIMIR_KERNELS(instructions, fewest_token_rows)                                                                   \
  namespace instructions {                                                                                               \
  long attention_scratch_floats(long tokens, long head_dim);                                                             \
  void attention_forward(const AttentionArrays& arrays, long begin, long end, float* scratch);                           \
  void attention_backward(const AttentionArrays& arrays, long begin, long end, float* scratch);                          \
  long packed_floats(long depth, long columns);                                                                          \
  void pack(const float* b, long row, long column, long depth, long columns, float* packed);                             \
  void multiply_packed(const ProductArrays& arrays, long begin, long end);                                               \
  constexpr CpuKernels kKernels{fewest_token_rows, attention_scratch_floats, attention_forward, attention_backward,      \
                                packed_floats, pack, multiply_packed};                                                   \
  }

// Measured on a ViT-tiny and one picture of 65 tokens; with AVX-512 libtorch takes two to three times as long there.
MIMIR_KERNELS(baseline, 256)
#if defined(__x86_64__)
MIMIR_KERNELS(avx2, 256)
MIMIR_KERNELS(avx512, 64)
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
