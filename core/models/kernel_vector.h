#pragma once

// Short vectors for the files of cpu_kernels.h, in the width of the instruction set that the file is compiled for.
// In an unnamed namespace: no function of one instruction set may be taken for another's.

namespace mimir {
namespace {

#if defined(__AVX512F__)
constexpr int kWidth = 16;
#elif defined(__AVX__)
constexpr int kWidth = 8;
#else
constexpr int kWidth = 4;
#endif
using Vector = float __attribute__((vector_size(kWidth * 4)));
using Integers = int __attribute__((vector_size(kWidth * 4)));
using Unaligned = float __attribute__((vector_size(kWidth * 4), aligned(4), may_alias));

Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }

/// e^x for x <= 0 within 2 ulp (Cephes' polynomial); 0 below -87.
Vector exponential(Vector x) {
  const Vector lowest = Vector{} - 87.0F;
  const Integers in_range = x > lowest;
  x = in_range ? x : lowest;
  const Integers exponent = __builtin_convertvector(x * 1.44269504088896341F - 0.5F, Integers);  // rounds, as x <= 0
  const Vector power = __builtin_convertvector(exponent, Vector);
  const Vector r = (x - power * 0.693359375F) + power * 2.12194440e-4F;
  Vector p = r * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const Integers bits = (exponent + 127) << 23;
  const Vector scaled = p * reinterpret_cast<Vector>(bits);
  return in_range ? scaled : Vector{};
}

}  // namespace
}  // namespace mimir
