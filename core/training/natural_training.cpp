#include <torch/torch.h>

#include "core/training/method.h"

namespace mimir {
namespace {

/// Clean images, label-smoothing cross-entropy.
class NaturalTraining final : public Method {
 public:
  explicit NaturalTraining(double smoothing) : smoothing_(smoothing) {}
  MethodTerms compute(ClassifierImpl& model, const MethodBatch& batch, const Draws&) const override {
    const at::Tensor logits = model.forward(batch.images, batch.train_context);
    return {smoothed_cross_entropy_sum(logits, batch.labels, smoothing_), count_correct(logits, batch.labels), {}, 0, batch.images};
  }
  bool attacks() const override { return false; }

 private:
  double smoothing_;
};

const bool registered = methods().add(
    {{"natural", "Natural training", "-", "Clean images only: the baseline that breaks under attack. Cost 1 of itself."},
     [](const FinetuneRecipe& recipe) -> Expected<std::unique_ptr<Method>> {
       return std::make_unique<NaturalTraining>(recipe.label_smoothing);
     }});

}  // namespace
}  // namespace mimir
