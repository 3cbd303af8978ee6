#pragma once

#include <string>

#include "core/base/error.h"
#include "core/base/recipe.h"
#include "core/models/classifier.h"

namespace mimir {

/// What `vit_ti,patch_size=2` means: a model's name and keys of a recipe's [model] table.
struct Architecture {
  enum class Family { classifier, autoencoder, linear };
  Family family = Family::classifier;
  ModelRecipe model;  ///< with the classifier's name, also of an autoencoder
};

/// Names: those of the registry, "vit" (every size given by keys; vit_ti's where not), mae_ and one of these, or
/// "linear". `usage` error that names the nearest, or the key that is wrong.
Expected<Architecture> parse_architecture(const std::string& text);

/// logits = weight x + bias of the flattened image; "features" are that image.
class LinearClassifierImpl final : public ClassifierImpl {
 public:
  LinearClassifierImpl(std::int64_t classes, std::int64_t dimensions);
  at::Tensor forward(const at::Tensor& images, const ForwardContext& context = {}) override;
  at::Tensor features(const at::Tensor& images, const ForwardContext& context = {}) override;
  std::int64_t num_classes() const override { return weight.size(0); }

  at::Tensor weight;  ///< [K, C S S]
  at::Tensor bias;    ///< [K]
};

}  // namespace mimir
