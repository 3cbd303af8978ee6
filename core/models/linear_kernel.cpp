#include "core/models/cpu_kernels.h"
#include "core/models/kernel_product.h"

// A factor that is used by many rows is copied into panels of kPanel columns, [columns / kPanel][depth][kPanel], padded
// with zeros; the rows are read where they lie. A library packs both factors at each call, which costs more than a tenth
// of a product whose depth is a transformer's width.

namespace mimir {
namespace {

constexpr long kPanel = 2 * kWidth;  ///< columns
constexpr long kDepth = 384;         ///< depth of a block: on AVX2 a panel's part of 24 KiB stays in the first cache
constexpr long kBlock = 96;          ///< rows of a block: with kDepth 144 KiB, which stay in the second

constexpr float kInverseSqrt2 = 0.70710678118654752F;
constexpr float kInverseSqrt2Pi = 0.39894228040143268F;

/// gelu(x) = x Phi(x) and its derivative Phi(x) + x phi(x), whose one exponential serves both; erf within 3e-7.
inline void gelu(Vector x, Vector& value, Vector& derivative) {
  const Vector magnitude = x < 0.0F ? -x : x;
  const Vector bell = exponential(x * x * -0.5F);
  // Abramowitz and Stegun, 7.1.26: 1 - erf(z) = e^(-z^2) t (a1 + t (a2 + ...)), t = 1 / (1 + 0.3275911 z).
  const Vector t = 1.0F / (1.0F + 0.3275911F * kInverseSqrt2 * magnitude);
  Vector tail = t * 1.061405429F - 1.453152027F;
  tail = tail * t + 1.421413741F;
  tail = tail * t - 0.284496736F;
  tail = tail * t + 0.254829592F;
  tail = tail * t * bell * 0.5F;  // Phi(-|x|)
  const Vector phi = x < 0.0F ? tail : 1.0F - tail;
  value = x * phi;
  derivative = phi + x * bell * kInverseSqrt2Pi;
}

/// The first `count` of a vector's places, at most all; the others are 0.
Vector load_first(const float* from, long count) {
  Vector value = {};
  for (long i = 0; i < kWidth && i < count; ++i) value[i] = from[i];
  return value;
}
void store_first(float* to, Vector value, long count) {
  for (long i = 0; i < kWidth && i < count; ++i) to[i] = value[i];
}

/// Where a tile's sums go: Rows x kPanel at `c`, of which `columns` are there.
template <bool Whole>
struct Target {
  float* c;
  long row;
  long columns;

  Vector get(const float* from, int n) const { return Whole ? load(from + n * kWidth) : load_first(from + n * kWidth, columns - n * kWidth); }
  void put(float* to, Vector value, int n) const {
    if (Whole) store(to + n * kWidth, value);
    else store_first(to + n * kWidth, value, columns - n * kWidth);
  }
};

/// c (+)= a b, then what `finish` makes of the sums of row m and vector n; it stores them.
template <int Rows, bool Whole, typename Finish>
void tile(const Factor& a, const float* b, long b_row, long depth, bool add, const Target<Whole>& to, const Finish& finish) {
  Vector sum[Rows][2];
#pragma GCC unroll 6
  for (int m = 0; m < Rows; ++m) {
#pragma GCC unroll 2
    for (int n = 0; n < 2; ++n) sum[m][n] = add ? to.get(to.c + m * to.row, n) : Vector{};
  }
  accumulate<Rows, 2>(a, b, b_row, depth, sum);
#pragma GCC unroll 6
  for (int m = 0; m < Rows; ++m) {
#pragma GCC unroll 2
    for (int n = 0; n < 2; ++n) finish(m, n, sum[m][n]);
  }
}

/// Rows m0 to m1 of one panel.
template <bool Whole>
void panel_rows(const ProductArrays& p, long m0, long m1, long column, long k0, long k1) {
  const long columns = p.columns - column;
  const float* b = p.packed + column * p.depth + k0 * kPanel;
  const bool add = k0 > 0, last = k1 == p.depth;
  const auto rows = [&]<int Rows>(long m) {
    float* c = p.out + m * p.columns + column;
    const Target<Whole> to{c, p.columns, columns};
    const Factor a{p.a + m * p.depth + k0, p.depth, 1};
    const auto plain = [&](int i, int n, Vector sum) { to.put(c + i * p.columns, sum, n); };
    if (!last || p.finish == Finish::none) return tile<Rows>(a, b, kPanel, k1 - k0, add, to, plain);
    if (p.finish == Finish::derivative) {
      const float* factor = p.derivative + m * p.columns + column;
      return tile<Rows>(a, b, kPanel, k1 - k0, add, to,
                        [&](int i, int n, Vector sum) { to.put(c + i * p.columns, sum * to.get(factor + i * p.columns, n), n); });
    }
    const Vector bias[2] = {to.get(p.bias + column, 0), to.get(p.bias + column, 1)};
    if (p.finish == Finish::bias) {
      return tile<Rows>(a, b, kPanel, k1 - k0, add, to, [&](int i, int n, Vector sum) { to.put(c + i * p.columns, sum + bias[n], n); });
    }
    float* d = p.derivative + m * p.columns + column;
    tile<Rows>(a, b, kPanel, k1 - k0, add, to, [&](int i, int n, Vector sum) {
      Vector value, derivative;
      gelu(sum + bias[n], value, derivative);
      to.put(c + i * p.columns, value, n);
      to.put(d + i * p.columns, derivative, n);
    });
  };
  long m = m0;
  for (; m + kTile <= m1; m += kTile) rows.template operator()<kTile>(m);
  for (; m < m1; ++m) rows.template operator()<1>(m);
}

}  // namespace

namespace MIMIR_INSTRUCTIONS {

long packed_floats(long depth, long columns) { return depth * round_up(columns, kPanel); }

void pack(const float* b, long row, long column, long depth, long columns, float* packed) {
  for (long n = 0; n < columns; n += kPanel, packed += depth * kPanel) {
    const long count = columns - n < kPanel ? columns - n : kPanel;
    for (long k = 0; k < depth; ++k) {
      for (long i = 0; i < count; ++i) packed[k * kPanel + i] = b[k * row + (n + i) * column];
      for (long i = count; i < kPanel; ++i) packed[k * kPanel + i] = 0;
    }
  }
}

void multiply_packed(const ProductArrays& p, long begin, long end) {
  for (long m0 = begin; m0 < end; m0 += kBlock) {
    const long m1 = m0 + kBlock < end ? m0 + kBlock : end;
    for (long k0 = 0; k0 < p.depth; k0 += kDepth) {
      const long k1 = k0 + kDepth < p.depth ? k0 + kDepth : p.depth;
      for (long column = 0; column < p.columns; column += kPanel) {
        if (column + kPanel <= p.columns) panel_rows<true>(p, m0, m1, column, k0, k1);
        else panel_rows<false>(p, m0, m1, column, k0, k1);
      }
    }
  }
}

}  // namespace MIMIR_INSTRUCTIONS

}  // namespace mimir
