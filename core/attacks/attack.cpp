#include "core/attacks/attack.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/base/schema.h"
#include "core/base/text.h"

namespace mimir {
namespace {

constexpr double kBoxTolerance = 1e-6;

void check_images(const at::Tensor& images) {
  TORCH_CHECK(images.dim() >= 2 && at::isFloatingType(images.scalar_type()), "an attack takes a batch of floating images");
  if (!images.is_cpu() || images.numel() == 0) return;
  const auto [low, high] = images.aminmax();
  const double smallest = low.item<double>(), largest = high.item<double>();
  if (smallest >= -kBoxTolerance && largest <= 1 + kBoxTolerance) return;
  throw ErrorException({ErrorCode::input,
                        fmt::format("the images go from {:.4g} to {:.4g}, but an attack takes images in [0,1]: give them without "
                                    "normalisation, which belongs into the model", smallest, largest), {}});
}

}  // namespace

Registry<AttackEntry>& attacks() {
  static Registry<AttackEntry> registry;
  return registry;
}

const AttackEntry* find_attack(const std::string& name, AttackOptions& options) {
  if (const AttackEntry* entry = attacks().find(name)) return entry;
  const auto dash = name.rfind('-');
  if (dash == std::string::npos) return nullptr;
  const auto steps = parse_integer(name.substr(dash + 1));
  const AttackEntry* entry = attacks().find(name.substr(0, dash));
  if (!entry || !steps || *steps < 1 || *steps > 10000) return nullptr;
  const auto& parameters = entry->info.parameters;
  const bool counts = std::any_of(parameters.begin(), parameters.end(), [](const Parameter& p) { return p.key == "num_steps"; });
  if (!counts) return nullptr;
  options.num_steps = static_cast<int>(*steps);
  return entry;
}

at::Tensor Attack::run(Objective& objective, const at::Tensor& clean, const AttackRun& run) const {
  const at::Tensor images = clean.detach();
  check_images(images);
  TORCH_CHECK(static_cast<std::int64_t>(run.ids.size()) == images.size(0), "an attack takes one id for each image");
  if (images.size(0) == 0) return images.clone();
  return perturb(objective, images, run).detach();
}

Expected<std::unique_ptr<Attack>> make_attack(const std::string& name, AttackOptions options) {
  const AttackEntry* entry = find_attack(name, options);
  if (!entry) {
    const auto nearest = nearest_name(name, attacks().ids());
    return fail(ErrorCode::usage, "there is no attack \"{}\"; {}", name,
                nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("take one of {}", join(attacks().ids(), ", ")));
  }
  const std::string norm = norm_name(options.threat.norm);
  if (std::find(entry->norms.begin(), entry->norms.end(), options.threat.norm) == entry->norms.end()) {
    return fail(ErrorCode::usage, "{} does not know the norm {}: take pgd, which does", name, norm);
  }
  if (const auto problem = check_epsilon(norm, options.threat.epsilon)) {
    return fail(ErrorCode::usage, "epsilon of {}: {}", name, *problem);
  }
  if (!(options.step_size >= 0)) return fail(ErrorCode::usage, "the step size of {} must be 0 or more", name);
  if (options.num_steps < 1 || options.restarts < 1) {
    return fail(ErrorCode::usage, "{} needs at least one step and one restart", name);
  }
  if (!(options.noise_scale >= 0)) return fail(ErrorCode::usage, "the noise scale of {} must be 0 or more", name);
  return entry->make(options);
}

}  // namespace mimir
