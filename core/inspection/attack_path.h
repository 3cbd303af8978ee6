#pragma once

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/attacks/attack.h"
#include "core/attacks/losses.h"
#include "core/models/classifier.h"

namespace mimir {

// An attack on a classifier, watched. Below N images, R restarts, S steps, K classes, L patches, side X.

struct AttackPathOptions {
  std::string attack = "pgd";
  AttackOptions settings;
  Loss loss = Loss::ce;
  at::Tensor targets = {};       ///< [N] int64: classes to be predicted; undefined = untargeted
  std::int64_t patch_size = 1;   ///< of the gradient's squares
  bool keep_images = false;      ///< every iterate: R (S+1) N pictures
  std::int64_t keep_step = -1;   ///< 0 or more: this iterate of every restart alone, R N pictures
  at::Tensor start = {};         ///< [N, C, X, X] where the first restart begins, in place of the attack's own start
  StopToken stop = {};           ///< looked at before every half of a block of the model and every step
  std::function<void(int done)> progress = {};  ///< forward passes so far
};

/// Every value along the way. Step 0 is the start point, the last one what the restart ends with.
struct AttackPath {
  at::Tensor adversarial;    ///< [N, C, X, X]
  at::Tensor restart;        ///< [N] int64: the restart that `adversarial` is of
  at::Tensor loss;           ///< [R, S+1, N] of the objective, larger = worse for the model
  at::Tensor margin;         ///< [R, S+1, N] largest other logit minus the label's, above 0 = wrong
  at::Tensor logits;         ///< [R, S+1, N, K]
  at::Tensor gradient;       ///< [R, S+1, N, L] 2-norm in each patch; NaN at the last iterate, which has none
  at::Tensor images;         ///< [R, S+1, N, C, X, X] if kept; of keep_step [R, 1, …], undefined if the path ends before it
  at::Tensor zero_gradient;  ///< [N] share of exact zeros among all gradients
  std::int64_t forward = 0;  ///< passes of the batch
  std::int64_t backward = 0;
};

/// images: [N, C, X, X] in [0,1]; labels: [N] int64, what the attack leads away from; ids name the images in `draws`.
/// `usage` error for what make_attack refuses. Throws ErrorException(stopped) when cancelled.
Expected<AttackPath> attack_path(ClassifierImpl& model, const at::Tensor& images, const at::Tensor& labels,
                                 std::span<const std::int64_t> ids, const Draws& draws, const AttackPathOptions& options);

/// values: [R, S+1, N, …] -> [N, S+1, …] of each image's own restart.
at::Tensor of_restart(const at::Tensor& values, const at::Tensor& restart);

/// ce and dlr become their targeted forms; `usage` error for an objective that has none.
Expected<Loss> targeted_loss(Loss loss);

/// Whether the attack has reached its end: another prediction than the label, or the target. [N] bool
at::Tensor attack_succeeded(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& targets);

/// As 8 bit, rounded towards the clean image, so that a picture of whole levels stays in its ball: [N, C, X, X] uint8.
at::Tensor rounded_towards(const at::Tensor& clean, const at::Tensor& adversarial);

/// An attack's settings at another radius: a step size that was given keeps its ratio to epsilon.
AttackOptions at_radius(AttackOptions settings, double epsilon);

struct SmallestEpsilon {
  std::optional<double> epsilon;  ///< none: no success up to the end of the range; 0: wrong without attack
  at::Tensor adversarial;         ///< [C, X, X] of that epsilon, else the clean image
  std::vector<std::pair<double, bool>> tried;  ///< epsilon, success; in the order of trial
};

/// Bisection to 1/1024 of [0, up_to] for one image [1, C, X, X]: an upper bound of the true radius, since another attack
/// may be stronger. A success counts only if the stored image, in a fresh forward pass, lies in the ball and the box
/// and is answered wrongly (or as the target). `tell` hears of each trial: epsilon, success, and the range left.
Expected<SmallestEpsilon> smallest_epsilon(ClassifierImpl& model, const at::Tensor& image, const at::Tensor& label, std::int64_t id,
                                           const Draws& draws, const AttackPathOptions& options, double up_to,
                                           const std::function<void(double epsilon, bool success, double low, double high)>& tell = {});

}  // namespace mimir
