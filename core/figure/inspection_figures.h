#pragma once

#include "core/base/error.h"
#include "core/figure/figure.h"
#include "core/store/worker_protocol.h"

namespace mimir {

// The figure of an answer (docs/WORKER.md), the same for the command line and the window: pictures without smoothing, scales with
// their ends and what they measure, text as text, and a caption with model, attack, epsilon, steps and seed. `defect` error if the
// answer lacks what its kind always has.

/// Of the first few images: clean, adversarial, perturbation with its gain, the largest probabilities, loss and margin by step.
Expected<Figure> attack_figure(const nlohmann::json& result, const NamedArrays& arrays);

/// Of the first few images: clean, what the encoder saw, reconstruction with the visible patches pasted, error on one scale.
Expected<Figure> reconstruction_figure(const nlohmann::json& result, const NamedArrays& arrays);

/// The image, its maps, the map of each layer and head on one scale, and the same of the attacked image with its distance by layer.
Expected<Figure> attention_figure(const nlohmann::json& result, const NamedArrays& arrays);

}  // namespace mimir
