#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/attacks/objective.h"
#include "core/base/draws.h"
#include "core/base/error.h"
#include "core/base/registry.h"
#include "core/base/stop_token.h"

namespace mimir {

enum class Norm { linf, l2 };
Expected<Norm> parse_norm(const std::string& name);
const char* norm_name(Norm norm);

/// What the attacker may do: a ball around the clean image, within the box [0,1].
struct ThreatModel {
  Norm norm = Norm::linf;
  double epsilon = 8.0 / 255;  ///< on the [0,1] scale
};

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
  int step = 0;               ///< 0 is the start point
  at::Tensor images;          ///< [B, C, H, W], detached: the point where `value` was taken
  at::Tensor gradient;        ///< of value.total by the images; undefined at the last iterate if none was needed
  ObjectiveValue value;
};

/// Where one run of an attack takes its randomness and whom it tells.
struct AttackRun {
  const Draws& draws;
  DrawKey key;                        ///< restart is added to key.restart for later restarts
  std::span<const std::int64_t> ids;  ///< [B] image ids in the data set
  StopToken stop = {};
  std::function<void(const AttackStep&)> observe = {};
};

class Attack {
 public:
  virtual ~Attack() = default;
  /// clean: [B, C, H, W] in [0,1], fp32 or fp64 (the arithmetic follows it), any device. Returns the
  /// adversarial images, detached, inside ball and box. Only gradients by the images are computed; the
  /// model's gradients are left as found. Throws ErrorException(stopped) when cancelled.
  virtual at::Tensor run(Objective& objective, const at::Tensor& clean, const AttackRun& run) const = 0;
};

struct AttackEntry {
  EntryInfo info;
  std::vector<Norm> norms;
  std::function<std::unique_ptr<Attack>(const AttackOptions&)> make;
};
Registry<AttackEntry>& attacks();

/// Checks the contract of all attacks: images in [-1e-6, 1+1e-6], an L-infinity epsilon of at most 1, a norm
/// that the attack knows. `name` is an id of the registry, or "pgd-20" for pgd with 20 steps.
Expected<std::unique_ptr<Attack>> make_attack(const std::string& name, AttackOptions options);

}  // namespace mimir
