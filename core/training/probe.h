#pragma once

#include "core/data/dataset.h"
#include "core/store/run_folder.h"
#include "core/store/run_writer.h"
#include "core/training/pretrain_step.h"

namespace mimir {

/// Looks at a masked autoencoder with a fixed batch, fixed masks and fixed attack noise, so that what changes between
/// two probes is the model: errors, dependence, gradient ratio and pictures.
class Probe {
 public:
  /// `recipe.probe_images` images of the split, the first of each class.
  Probe(const PretrainRecipe& recipe, const Split& split, const Draws& draws, c10::Device device);

  /// Records "pretrain/probe/…" at `step` and writes media/pretrain/<step>-probe.safetensors and .png.
  Expected<void> run(MaskedAutoencoder& model, const PretrainStep& rule, std::int64_t step, const RunFolder& folder,
                     Observer& observer) const;

 private:
  PretrainRecipe recipe_;
  const Draws& draws_;
  std::vector<std::int64_t> ids_;
  at::Tensor images_;  ///< [N, C, H, W] clean, not augmented
};

}  // namespace mimir
