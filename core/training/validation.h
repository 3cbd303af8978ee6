#pragma once

#include "core/attacks/attack.h"
#include "core/data/dataset.h"
#include "core/models/classifier.h"
#include "core/training/shard_pool.h"

namespace mimir {

/// How a classifier does on some images, clean or under one attack. fp32.
struct Score {
  std::vector<std::uint8_t> correct;  ///< [N] 1 right, 0 wrong
  double loss = 0;                    ///< mean cross-entropy, nats
  double accuracy() const;
};

struct ScoringOptions {
  std::int64_t batch_size = 100;
  DrawKey key{Purpose::pgd};
  StopToken stop = {};
  std::function<void(std::int64_t done)> progress = {};  ///< images finished; any thread
};

/// attack: none scores clean images. Batches go to the pool's threads; the result does not depend on how.
Score score(ClassifierImpl& model, const Split& split, std::span<const std::int64_t> ids, const Attack* attack, const Draws& draws,
            ShardPool& pool, c10::Device device, const ScoringOptions& options);

}  // namespace mimir
