#pragma once

// The inner loop of the kernels' matrix products; see kernel_vector.h for the namespace.

#include "core/models/kernel_vector.h"

namespace mimir {
namespace {

constexpr long kTile = 6;  ///< rows of a tile: 6 x 2 sums leave registers for the factors on AVX2

long round_up(long value, long unit) { return (value + unit - 1) / unit * unit; }

/// A matrix factor read element by element: element (m, k) is at data[m * row + k * column].
struct Factor {
  const float* data;
  long row, column;
};

/// sum[m][n] += sum_k a(m, k) b[k, n]; n counts vectors. The sums stay in registers only where all loops over them are
/// unrolled.
template <int Rows, int Columns>
inline void accumulate(const Factor& a, const float* b, long b_row, long depth, Vector (&sum)[Rows][Columns]) {
  for (long k = 0; k < depth; ++k) {
    Vector factor[Columns];
#pragma GCC unroll 2
    for (int n = 0; n < Columns; ++n) factor[n] = load(b + k * b_row + n * kWidth);
#pragma GCC unroll 6
    for (int m = 0; m < Rows; ++m) {
      const float element = a.data[m * a.row + k * a.column];
#pragma GCC unroll 2
      for (int n = 0; n < Columns; ++n) sum[m][n] += element * factor[n];
    }
  }
}

}  // namespace
}  // namespace mimir
