#include "core/models/cpu_kernels.h"
#include "core/models/kernel_product.h"

// A head's arrays are copied to scratch, padded with zeros to whole vectors and whole tiles, so that
// no loop has a remainder; what the padding computes is never read.

namespace mimir {
namespace {

/// One tile of multiply().
template <int Columns>
void multiply_tile(const Factor& a, const float* b, long b_row, float* c, long c_row, long depth) {
  Vector sum[kTile][Columns];
#pragma GCC unroll 6
  for (int m = 0; m < kTile; ++m) {
#pragma GCC unroll 2
    for (int n = 0; n < Columns; ++n) sum[m][n] = Vector{};
  }
  accumulate<kTile, Columns>(a, b, b_row, depth, sum);
#pragma GCC unroll 6
  for (int m = 0; m < kTile; ++m) {
#pragma GCC unroll 2
    for (int n = 0; n < Columns; ++n) store(c + m * c_row + n * kWidth, sum[m][n]);
  }
}

/// c[m, n] = sum_k a(m, k) b[k, n] for whole tiles of rows and whole vectors of columns.
void multiply(const Factor& a, const float* b, long b_row, float* c, long c_row, long rows, long columns, long depth) {
  for (long m = 0; m < rows; m += kTile) {
    const Factor part{a.data + m * a.row, a.row, a.column};
    long n = 0;
    for (; n + 2 * kWidth <= columns; n += 2 * kWidth) multiply_tile<2>(part, b + n, b_row, c + m * c_row + n, c_row, depth);
    if (n < columns) multiply_tile<1>(part, b + n, b_row, c + m * c_row + n, c_row, depth);
  }
}

float sum_of(Vector value) {
  float sum = 0;
  for (int i = 0; i < kWidth; ++i) sum += value[i];
  return sum;
}

float highest_of(const float* row, long count) {
  Vector highest = load(row);
  for (long j = kWidth; j < count; j += kWidth) {
    const Vector next = load(row + j);
    highest = next > highest ? next : highest;
  }
  float result = highest[0];
  for (int i = 1; i < kWidth; ++i) result = highest[i] > result ? highest[i] : result;
  return result;
}

float logarithm(float x) { return __builtin_logf(x); }

/// Padded sizes of one head and where its arrays lie in scratch.
struct Layout {
  long tokens, dim;         ///< T and d
  long rows;                ///< T in whole tiles
  long columns;             ///< T in whole vectors
  long width;               ///< d in whole vectors

  Layout(long tokens_, long dim_)
      : tokens(tokens_), dim(dim_), rows(round_up(tokens_, kTile)), columns(round_up(tokens_, kWidth)),
        width(round_up(dim_, kWidth)) {}
  long matrix() const { return round_up(rows * columns, 16); }      ///< [T, T]
  long features() const { return round_up(rows * width, 16); }      ///< [T, d]
  long transposed() const { return round_up(width * columns, 16); } ///< [d, T]
};

/// Copies [T, d], scaled, between rows `from_row` and `to_row` apart.
void copy(const float* from, long from_row, float* to, long to_row, const Layout& l, float scale) {
  const long whole = l.dim / kWidth * kWidth;
  for (long t = 0; t < l.tokens; ++t, from += from_row, to += to_row) {
    for (long c = 0; c < whole; c += kWidth) store(to + c, load(from + c) * scale);
    for (long c = whole; c < l.dim; ++c) to[c] = from[c] * scale;
  }
}

/// Copies [T, d] from rows `stride` apart. What is padding in `to` stays as it is.
void gather(const float* from, long stride, float* to, const Layout& l, float scale) { copy(from, stride, to, l.width, l, scale); }

void scatter(const float* from, float* to, long stride, const Layout& l, float scale) { copy(from, l.width, to, stride, l, scale); }

/// kWidth rows of `from` become columns of `to`: blocks of half the size are exchanged, then quarters, down to single places.
void transpose_block(const float* from, long from_row, float* to, long to_row) {
  Vector rows[kWidth];
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i) rows[i] = load(from + i * from_row);
#pragma GCC unroll 4
  for (int step = kWidth / 2; step > 0; step /= 2) {
    Integers low, high;  // which places of the two rows one behind the other
    for (int i = 0; i < kWidth; ++i) {
      low[i] = (i & step) == 0 ? i : kWidth + i - step;
      high[i] = (i & step) == 0 ? i + step : kWidth + i;
    }
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; ++i) {
      if ((i & step) != 0) continue;
      const Vector upper = rows[i], lower = rows[i + step];
      rows[i] = __builtin_shuffle(upper, lower, low);
      rows[i + step] = __builtin_shuffle(upper, lower, high);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i) store(to + i * to_row, rows[i]);
}

void gather_transposed(const float* from, long stride, float* to, const Layout& l) {
  const long whole_tokens = l.tokens / kWidth * kWidth, whole_dim = l.dim / kWidth * kWidth;
  for (long t = 0; t < whole_tokens; t += kWidth) {
    for (long c = 0; c < whole_dim; c += kWidth) transpose_block(from + t * stride + c, stride, to + c * l.columns + t, l.columns);
  }
  for (long t = 0; t < l.tokens; ++t) {
    for (long c = t < whole_tokens ? whole_dim : 0; c < l.dim; ++c) to[c * l.columns + t] = from[t * stride + c];
  }
}

void fill(float* data, long count, float value) {
  for (long i = 0; i < count; ++i) data[i] = value;
}

/// Vector of 1 where the column is a token and 0 in the padding; begin is the vector's first column.
Vector token_columns(long begin, long tokens) {
  Vector mask = {};
  for (int i = 0; i < kWidth; ++i) mask[i] = begin + i < tokens ? 1.0F : 0.0F;
  return mask;
}

struct Head {
  const float *q, *k, *v;
  long qkv_stride, out_stride;
  long qkv_offset, out_offset;

  Head(const AttentionArrays& a, long index) {
    const long image = index / a.heads, head = index % a.heads, dim = a.heads * a.head_dim;
    qkv_stride = 3 * dim;
    out_stride = dim;
    qkv_offset = image * a.tokens * qkv_stride + head * a.head_dim;
    out_offset = image * a.tokens * out_stride + head * a.head_dim;
    q = a.qkv + qkv_offset;
    k = q + dim;
    v = k + dim;
  }
};

}  // namespace

namespace MIMIR_INSTRUCTIONS {

long attention_scratch_floats(long tokens, long head_dim) {
  const Layout l(tokens, head_dim);
  return 2 * l.matrix() + 4 * l.features() + 2 * l.transposed();
}

void attention_forward(const AttentionArrays& a, long begin, long end, float* scratch) {
  const Layout l(a.tokens, a.head_dim);
  float* scores = scratch;                    // [T, T]
  float* q = scores + l.matrix();             // [T, d], scaled
  float* v = q + l.features();                // [T, d]
  float* out = v + l.features();              // [T, d]
  float* k = out + l.features();              // [d, T]
  const float scale = 1.0F / __builtin_sqrtf(static_cast<float>(a.head_dim));
  const Vector last = token_columns(l.columns - kWidth, l.tokens);
  fill(scratch, attention_scratch_floats(a.tokens, a.head_dim), 0);  // the padding
  for (long index = begin; index < end; ++index) {
    const Head head(a, index);
    gather(head.q, head.qkv_stride, q, l, scale);
    gather(head.v, head.qkv_stride, v, l, 1);
    gather_transposed(head.k, head.qkv_stride, k, l);
    multiply({q, l.width, 1}, k, l.columns, scores, l.columns, l.rows, l.columns, l.dim);
    for (long t = 0; t < l.tokens; ++t) {
      float* row = scores + t * l.columns;
      if (l.columns > l.tokens) fill(row + l.tokens, l.columns - l.tokens, row[0]);  // the padding must not be the highest
      const float highest = highest_of(row, l.columns);
      Vector sum = {};
      for (long j = 0; j < l.columns; j += kWidth) {
        Vector p = exponential(load(row + j) - highest);
        if (j + kWidth > l.tokens) p *= last;
        store(row + j, p);
        sum += p;
      }
      const float total = sum_of(sum);
      for (long j = 0; j < l.columns; j += kWidth) store(row + j, load(row + j) * (1 / total));
      a.log_sum[index * a.tokens + t] = highest + logarithm(total);
    }
    multiply({scores, l.columns, 1}, v, l.width, out, l.width, l.rows, l.width, l.tokens);
    scatter(out, a.out + head.out_offset, head.out_stride, l, 1);
  }
}

void attention_backward(const AttentionArrays& a, long begin, long end, float* scratch) {
  const Layout l(a.tokens, a.head_dim);
  float* p = scratch;                         // [T, T] weights, then
  float* ds = p + l.matrix();                 // [T, T] gradient of the scores
  float* q = ds + l.matrix();                 // [T, d], scaled
  float* k = q + l.features();                // [T, d]
  float* d_out = k + l.features();            // [T, d]
  float* result = d_out + l.features();       // [T, d]
  float* k_t = result + l.features();     // [d, T]
  float* v_t = k_t + l.transposed();          // [d, T]
  const long dim = a.heads * a.head_dim;
  const float scale = 1.0F / __builtin_sqrtf(static_cast<float>(a.head_dim));
  const Vector last = token_columns(l.columns - kWidth, l.tokens);
  fill(scratch, attention_scratch_floats(a.tokens, a.head_dim), 0);  // the padding
  for (long index = begin; index < end; ++index) {
    const Head head(a, index);
    const float* out = a.out + head.out_offset;
    const float* out_gradient = a.out_gradient + head.out_offset;
    float* gradient = a.qkv_gradient + head.qkv_offset;
    gather(head.q, head.qkv_stride, q, l, scale);
    gather(head.k, head.qkv_stride, k, l, 1);
    gather(out_gradient, head.out_stride, d_out, l, 1);
    gather_transposed(head.k, head.qkv_stride, k_t, l);
    gather_transposed(head.v, head.qkv_stride, v_t, l);
    multiply({q, l.width, 1}, k_t, l.columns, p, l.columns, l.rows, l.columns, l.dim);
    multiply({d_out, l.width, 1}, v_t, l.columns, ds, l.columns, l.rows, l.columns, l.dim);
    for (long t = 0; t < l.tokens; ++t) {
      float* p_row = p + t * l.columns;
      float* ds_row = ds + t * l.columns;
      float inner = 0;  // sum_j p dp = out . d_out
      for (long c = 0; c < l.dim; ++c) inner += out[t * head.out_stride + c] * out_gradient[t * head.out_stride + c];
      const float log_sum = a.log_sum[index * a.tokens + t];
      for (long j = 0; j < l.columns; j += kWidth) {
        Vector difference = load(p_row + j) - log_sum;
        difference = difference < 0.0F ? difference : Vector{};
        Vector weight = exponential(difference);
        if (j + kWidth > l.tokens) weight *= last;
        store(p_row + j, weight);
        store(ds_row + j, weight * (load(ds_row + j) - inner));
      }
    }
    multiply({ds, l.columns, 1}, k, l.width, result, l.width, l.rows, l.width, l.tokens);
    scatter(result, gradient, head.qkv_stride, l, scale);
    multiply({ds, 1, l.columns}, q, l.width, result, l.width, l.rows, l.width, l.tokens);  // q holds the scale
    scatter(result, gradient + dim, head.qkv_stride, l, 1);
    multiply({p, 1, l.columns}, d_out, l.width, result, l.width, l.rows, l.width, l.tokens);
    scatter(result, gradient + 2 * dim, head.qkv_stride, l, 1);
  }
}

}  // namespace MIMIR_INSTRUCTIONS

}  // namespace mimir
