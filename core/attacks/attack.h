#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/attacks/objective.h"
#include "core/attacks/threat_model.h"
#include "core/base/draws.h"
#include "core/base/registry.h"
#include "core/base/stop_token.h"

namespace mimir {

/// Settings that attacks share; each entry's parameters say which it reads and what they default to.
struct AttackOptions {
  ThreatModel threat;
  double step_size = 0;  ///< 0 = the attack's own default, see the parameter's help
  int num_steps = 10;
  bool random_start = true;
  int restarts = 1;
  double noise_scale = 2;  ///< n-fgsm: start noise in units of epsilon
};

/// One iterate, told to whoever watches.
struct AttackStep {
  int restart = 0;
  int step = 0;         ///< 0 is the start point
  at::Tensor images;    ///< [B, C, H, W], detached: the point where `value` was taken
  at::Tensor gradient;  ///< of value.total by the images; undefined at the last iterate
  ObjectiveValue value; ///< detached
};

/// Where one run of an attack takes its randomness and whom it tells.
struct AttackRun {
  const Draws& draws;
  DrawKey key;                        ///< restart is added to key.restart for later restarts
  std::span<const std::int64_t> ids;  ///< [B] image ids in the data set
  StopToken stop = {};                ///< looked at before every step
  at::Tensor start = {};              ///< [B, C, H, W]: where the first restart begins, as it is, in place of the
                                      ///< attack's own random start (TRADES begins outside the box)
  std::function<void(const AttackStep&)> observe = {};
  bool observe_last = false;          ///< also evaluate the last iterate for `observe`: one forward more
};

class Attack {
 public:
  virtual ~Attack() = default;
  /// clean: [B, C, H, W] in [0,1], fp32 or fp64 (the arithmetic follows it), any device. Returns the
  /// adversarial images, detached, inside ball and box. Only gradients by the images are computed; the
  /// model's gradients are left as found. Throws ErrorException: `stopped` when cancelled, `input` for images
  /// outside [-1e-6, 1+1e-6] (looked at on the CPU only: elsewhere it would wait for the device).
  at::Tensor run(Objective& objective, const at::Tensor& clean, const AttackRun& run) const;

 private:
  /// The same; the images are checked.
  virtual at::Tensor perturb(Objective& objective, const at::Tensor& clean, const AttackRun& run) const = 0;
};

struct AttackEntry {
  EntryInfo info;
  std::vector<Norm> norms;
  std::function<std::unique_ptr<Attack>(const AttackOptions&)> make;
  bool leaves_ball = false;  ///< the result may be outside the epsilon ball (n-fgsm); it is in the box still
};
Registry<AttackEntry>& attacks();

/// The entry of an attack's id, or of an id and a number of steps: "pgd-20" is pgd, and sets options.num_steps to 20.
/// nullptr: there is none.
const AttackEntry* find_attack(const std::string& name, AttackOptions& options);

/// Checks the contract of all attacks: an L-infinity epsilon of at most 1, a norm that the attack knows, at least
/// one step. `name` is an id of the registry, or "pgd-20" for pgd with 20 steps.
Expected<std::unique_ptr<Attack>> make_attack(const std::string& name, AttackOptions options);

}  // namespace mimir
