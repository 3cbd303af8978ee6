#pragma once

#include "core/models/masked_autoencoder.h"
#include "core/models/vit.h"
#include "core/selftest/fixture.h"

namespace mimir::selftest {

/// Sizes from a fixture's config; what it does not say keeps VitOptions' default.
VitOptions vit_options(const nlohmann::json& config);

/// Model of the fixture with its "param." tensors, or with the formula weights of README §2, on its device.
MaskedAutoencoder fixture_autoencoder(const Fixture& fixture);
VitClassifier fixture_classifier(const Fixture& fixture);

/// The images of README §2, [B, 3, H, W] fp32: 0.5 + 0.45 cos(0.05 i + 0.003 (i² mod 997)).
at::Tensor formula_images(const Fixture& fixture);

/// d output / d parameter of every named parameter that needs one, checked against "grad.<name>" where stored.
void check_parameter_gradients(Comparison& comparison, const Fixture& fixture, torch::nn::Module& model,
                               const at::Tensor& output, const std::vector<std::pair<std::string, at::Tensor>>& inputs);

}  // namespace mimir::selftest
