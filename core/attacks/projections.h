#pragma once

#include <ATen/core/Tensor.h>

#include "core/attacks/threat_model.h"

namespace mimir {

// images, clean: [B, …] in one dtype. No gradient flows; the results are new tensors.

/// Ball first, then box: clip(clean + clamp(images - clean, ±epsilon)) for L-infinity,
/// clip(clean + d / (|d| + 1e-12) min(epsilon, |d|)) with d = images - clean for L2.
at::Tensor project(const at::Tensor& images, const at::Tensor& clean, const ThreatModel& threat);

/// Per-sample 2-norm with all but the first dimension kept as 1: [B, 1, …].
at::Tensor sample_norm(const at::Tensor& x);

/// How far each image is from its clean one in the given norm: [B].
at::Tensor perturbation_size(const at::Tensor& images, const at::Tensor& clean, Norm norm);

}  // namespace mimir
