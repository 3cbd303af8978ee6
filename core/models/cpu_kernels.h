#pragma once

// The CPU's own fp32 kernels, where libtorch's leave a training step much to gain. This header and the files of the
// kernels use neither libtorch nor the standard library: each source is compiled once for each instruction set, and an
// inline function shared with other files could otherwise reach a CPU that lacks it.

namespace mimir {

/// Rows of fp32. The packed projections qkv are [batch, tokens, 3, heads, head_dim], row-major; out and its gradient
/// [batch, tokens, heads, head_dim]; log_sum [batch, heads, tokens] holds log(sum(exp(scores))) for the backward pass.
struct AttentionArrays {
  long batch, tokens, heads, head_dim;
  const float* qkv;
  float* out;                 ///< forward: written; backward: read
  float* log_sum;             ///< forward: written; backward: read
  const float* out_gradient;  ///< backward only
  float* qkv_gradient;        ///< backward only: every element is written
};

/// What becomes of a product's sums before they are stored.
enum class Finish {
  none,
  bias,        ///< + bias
  gelu,        ///< gelu(+ bias), the exact (erf) form; its derivative is written to `derivative`
  derivative,  ///< * derivative
};

/// out [rows, columns] = a [rows, depth] b [depth, columns], with b packed by pack(), and finished.
struct ProductArrays {
  const float* a;
  const float* packed;
  float* out;
  long depth, columns;
  Finish finish;
  const float* bias;  ///< [columns], where the finish needs it
  float* derivative;  ///< [rows, columns], where the finish writes or reads it
};

/// One instruction set's functions. All work on the calling thread; calls on disjoint ranges may run at once.
struct CpuKernels {
  long fewest_token_rows;  ///< below, copying a layer's weights costs more than the faster product of tokens gains
  /// Floats of scratch, aligned to 64 bytes, that one call of the two below needs.
  long (*attention_scratch_floats)(long tokens, long head_dim);
  /// `begin` to `end` are indices of (image, head), image-major.
  void (*attention_forward)(const AttentionArrays& arrays, long begin, long end, float* scratch);
  void (*attention_backward)(const AttentionArrays& arrays, long begin, long end, float* scratch);
  /// Floats that pack() writes.
  long (*packed_floats)(long depth, long columns);
  /// Arranges b [depth, columns], whose element (k, n) is b[k * row + n * column], for multiply_packed().
  void (*pack)(const float* b, long row, long column, long depth, long columns, float* packed);
  /// Rows `begin` to `end` of the product. Each row's sums have one order, whatever the range.
  void (*multiply_packed)(const ProductArrays& arrays, long begin, long end);
};

/// Those of this CPU.
const CpuKernels& cpu_kernels();

}  // namespace mimir
