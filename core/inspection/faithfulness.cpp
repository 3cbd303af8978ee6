#include "core/inspection/faithfulness.h"

#include <torch/torch.h>

#include "core/models/patches.h"

namespace mimir {
namespace {

constexpr std::int64_t kLevels = 11;
constexpr std::uint32_t kRandomOrderRestart = 2;  ///< the probe of a training draws with 0 and 1

/// Patches in k tenths of L, so that k and 10 - k tenths are L together.
std::int64_t tenths(std::int64_t k, std::int64_t patches) {
  return k <= 5 ? k * patches / 10 : patches - (10 - k) * patches / 10;
}

class Curves {
 public:
  Curves(ClassifierImpl& model, const at::Tensor& image, const FaithfulnessOptions& options)
      : model_(model), options_(options), patches_(patchify(image.unsqueeze(0), options.patch_size)) {
    const at::Tensor mean = image.mean(at::IntArrayRef{1, 2}).view({1, -1, 1, 1});  // [1, C, 1, 1]
    filler_ = patchify(mean.expand({1, -1, options.patch_size, options.patch_size}), options.patch_size);  // [1, 1, ppC]
  }

  /// Probability with the first k tenths of `order` [L] removed: [11].
  at::Tensor deletion(const at::Tensor& order) const {
    const std::int64_t patches = patches_.size(1);
    std::vector<at::Tensor> pictures;
    for (std::int64_t k = 0; k < kLevels; ++k) {
      at::Tensor left = patches_.clone();
      left.index_copy_(1, order.slice(0, 0, tenths(k, patches)), filler_.expand({1, tenths(k, patches), -1}));
      pictures.push_back(unpatchify(left, options_.patch_size));
    }
    const at::Tensor logits = model_.forward(at::cat(pictures), options_.context);  // [11, K]
    return logits.to(at::kDouble).softmax(1).select(1, options_.label);
  }

 private:
  ClassifierImpl& model_;
  const FaithfulnessOptions& options_;
  at::Tensor patches_;  ///< [1, L, ppC]
  at::Tensor filler_;   ///< [1, 1, ppC]
};

}  // namespace

Faithfulness faithfulness(ClassifierImpl& model, const at::Tensor& image, const at::Tensor& map, const Draws& draws,
                          const FaithfulnessOptions& options) {
  at::NoGradGuard no_grad;
  const Curves curves(model, image, options);
  const at::Tensor order = at::argsort(map, /*stable=*/true, 0, /*descending=*/true);
  Faithfulness result;
  result.share = at::arange(kLevels, at::kDouble) / static_cast<double>(kLevels - 1);
  result.deletion = curves.deletion(order);
  result.insertion = curves.deletion(order.flip(0)).flip(0);  // k tenths are there when 10 - k of the lowest are removed
  std::vector<at::Tensor> random;
  for (int i = 0; i < options.random_orders; ++i) {
    const auto ids = draws.order({Purpose::probe, static_cast<std::uint32_t>(i), kRandomOrderRestart}, map.size(0));
    random.push_back(curves.deletion(at::tensor(ids, at::kLong).to(map.device())));
  }
  result.deletion_random = at::stack(random);
  result.insertion_random = result.deletion_random.flip(1);
  return result;
}

at::Tensor curve_area(const at::Tensor& curve) { return at::trapezoid(curve, 1.0 / static_cast<double>(curve.size(-1) - 1), -1); }

}  // namespace mimir
