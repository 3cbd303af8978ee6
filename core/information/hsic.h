#pragma once

#include <ATen/core/Tensor.h>

namespace mimir {

// Hilbert-Schmidt independence criterion (Gretton et al. 2005; normalised as in Xu et al. 2023, MI/hsic.py).
// Kernels K = exp(-D / (2 sigma² d)), d = columns of that argument; H = I - 11'/m. latent: [m, dx], image: [m, dy]
// in one dtype, m >= 2; the result is [] with gradients in both.

/// Ridge of the normalised form: c = kHsicRidge m.
inline constexpr double kHsicRidge = 1e-5;

/// tr(Rx Ry), R = (HKH + cI)^-1 HKH by Cholesky: 0 <= nHSIC < m - 1.
at::Tensor nhsic(const at::Tensor& latent, const at::Tensor& image, double sigma, double ridge = kHsicRidge);

/// The same number as published, R = KH (KH + cI)^-1 by a general inverse, with autograd through it. In fp32 its
/// gradient is 4 to 74 % wrong, for the backward of the inverse has terms of size c^-2.
at::Tensor nhsic_official(const at::Tensor& latent, const at::Tensor& image, double sigma, double ridge = kHsicRidge);

/// tr(Kx H Ky H) / (m-1)², the biased estimate.
at::Tensor hsic_biased(const at::Tensor& latent, const at::Tensor& image, double sigma);

/// hsic_biased(X, Y) / sqrt(hsic_biased(X, X) hsic_biased(Y, Y)), in [0, 1] (CKA with these kernels); 0 if all rows
/// of an argument are alike.
at::Tensor hsic_normalised(const at::Tensor& latent, const at::Tensor& image, double sigma);

}  // namespace mimir
