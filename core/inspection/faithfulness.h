#pragma once

#include <ATen/core/Tensor.h>

#include "core/base/draws.h"
#include "core/models/classifier.h"

namespace mimir {

/// Whether a map names the patches that the answer rests on (Petsiuk et al. 2018, arXiv:1806.07421, with patches).
/// Curves over the share of patches, 0 to 1 in tenths: the probability of a class.
struct Faithfulness {
  at::Tensor share;             ///< [11] fp64
  at::Tensor deletion;          ///< [11] fp64: that share of the patches, highest first, is removed; a good map falls fast
  at::Tensor insertion;         ///< [11] fp64: only that share is there; a good map rises fast
  at::Tensor deletion_random;   ///< [orders, 11] fp64: the same with patches in random orders
  at::Tensor insertion_random;  ///< [orders, 11] fp64
};

struct FaithfulnessOptions {
  std::int64_t patch_size = 4;
  std::int64_t label = 0;  ///< the class
  int random_orders = 10;
  ForwardContext context = {};
};

/// image: [C, S, S]. map: [L], patches row by row. A removed patch has the image's mean colour. The random orders are
/// named by the draws' seed alone; a random insertion is a random deletion in the reversed order.
Faithfulness faithfulness(ClassifierImpl& model, const at::Tensor& image, const at::Tensor& map, const Draws& draws,
                          const FaithfulnessOptions& options);

/// Area under a curve over [0, 1] by trapezoids, along the last dimension.
at::Tensor curve_area(const at::Tensor& curve);

}  // namespace mimir
