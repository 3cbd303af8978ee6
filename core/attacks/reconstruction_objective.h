#pragma once

#include <span>
#include <vector>

#include "core/attacks/objective.h"
#include "core/base/draws.h"
#include "core/models/masked_autoencoder.h"

namespace mimir {

/// MIMIR's pre-training attack as the paper's text asks for it: the training step's mask, and the clean image as
/// the target. Pixels of removed patches have gradient exactly 0.
class ReconstructionObjective final : public Objective {
 public:
  /// target: [B, L, ppC], see reconstruction_target(). The model must outlive the objective.
  ReconstructionObjective(MaskedAutoencoderImpl& model, PatchMask mask, at::Tensor target, ForwardContext context = {});
  ObjectiveValue evaluate(const at::Tensor& images, int attack_step) override;

 private:
  MaskedAutoencoderImpl& model_;
  PatchMask mask_;
  at::Tensor target_;
  ForwardContext context_;
};

/// The mask ratio of the published attack, whatever the training's is.
inline constexpr double kOfficialAttackMaskRatio = 0.75;

/// The attack as published (pgd_mae.py): a new random mask at each step, and the attacked image itself as the
/// target, so the gradient runs through encoder and target.
class OfficialReconstructionObjective final : public Objective {
 public:
  struct Options {
    bool norm_pix_loss = true;
    double mask_ratio = kOfficialAttackMaskRatio;
    std::uint32_t step = 0;  ///< of the training; the mask of attack step s has restart s
    ForwardContext context = {};
  };
  /// Model and draws must outlive the objective; ids are those of the images.
  OfficialReconstructionObjective(MaskedAutoencoderImpl& model, const Draws& draws, std::span<const std::int64_t> ids,
                                  Options options);
  ObjectiveValue evaluate(const at::Tensor& images, int attack_step) override;

 private:
  MaskedAutoencoderImpl& model_;
  const Draws& draws_;
  std::vector<std::int64_t> ids_;
  Options options_;
};

}  // namespace mimir
