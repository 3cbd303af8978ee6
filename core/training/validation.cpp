#include "core/training/validation.h"

#include <torch/torch.h>

#include <atomic>
#include <numeric>

#include "core/attacks/classifier_objective.h"

namespace mimir {

double Score::accuracy() const {
  if (correct.empty()) return 0;
  return static_cast<double>(std::accumulate(correct.begin(), correct.end(), std::int64_t{0})) / static_cast<double>(correct.size());
}

Score score(ClassifierImpl& model, const Split& split, std::span<const std::int64_t> ids, const Attack* attack, const Draws& draws,
            ShardPool& pool, c10::Device device, const ScoringOptions& options) {
  const auto count = static_cast<std::int64_t>(ids.size());
  const std::int64_t batches = (count + options.batch_size - 1) / options.batch_size;
  Score result;
  result.correct.resize(ids.size());
  std::vector<double> losses(static_cast<std::size_t>(batches));
  std::atomic<std::int64_t> done{0};
  ForwardContext context;
  context.stop = options.stop;

  pool.run(static_cast<int>(batches), [&](int i) {
    const auto begin = static_cast<std::size_t>(i * options.batch_size);
    const auto part = ids.subspan(begin, std::min<std::size_t>(static_cast<std::size_t>(options.batch_size), ids.size() - begin));
    at::Tensor images = split.fetch_float(part).to(device);
    const at::Tensor labels = split.labels(part).to(device);
    if (attack) {
      ClassifierObjective objective(model, labels, {.loss = Loss::ce, .context = context});
      images = attack->run(objective, images, {.draws = draws, .key = options.key, .ids = part, .stop = options.stop});
    }
    at::NoGradGuard no_grad;
    const at::Tensor logits = model.forward(images, context);
    losses[static_cast<std::size_t>(i)] = at::cross_entropy_loss(logits, labels, {}, at::Reduction::Sum).item<double>();
    const at::Tensor correct = logits.argmax(1).eq(labels).to(at::kByte).cpu();
    std::copy_n(correct.const_data_ptr<std::uint8_t>(), part.size(), result.correct.begin() + static_cast<std::ptrdiff_t>(begin));
    const std::int64_t finished = done.fetch_add(static_cast<std::int64_t>(part.size())) + static_cast<std::int64_t>(part.size());
    if (options.progress) options.progress(finished);
  });
  result.loss = count == 0 ? 0 : std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(count);
  return result;
}

}  // namespace mimir
