#include "core/models/cpu_kernels.h"
#include "core/models/kernel_vector.h"

namespace mimir {
namespace {

constexpr float kInverseSqrt2 = 0.70710678118654752F;
constexpr float kInverseSqrt2Pi = 0.39894228040143268F;

/// gelu(x) = x Phi(x) and its derivative Phi(x) + x phi(x), whose one exponential serves both.
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

}  // namespace

namespace MIMIR_INSTRUCTIONS {

void bias_gelu(float* x, const float* bias, float* out, long rows, long columns) {
  const long whole = columns / kWidth * kWidth;
  Vector value, derivative;
  for (long m = 0; m < rows; ++m, x += columns, out += columns) {
    for (long n = 0; n < whole; n += kWidth) {
      gelu(load(x + n) + load(bias + n), value, derivative);
      store(x + n, derivative);
      store(out + n, value);
    }
    for (long n = whole; n < columns; ++n) {
      gelu(Vector{} + (x[n] + bias[n]), value, derivative);
      x[n] = derivative[0];
      out[n] = value[0];
    }
  }
}

}  // namespace MIMIR_INSTRUCTIONS

}  // namespace mimir
