#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mimir {

/// What a random number is for (on disk in the sense that runs depend on it: do not renumber, never reuse).
enum class Purpose : std::uint8_t {
  pgd = 1, apgd_ce = 2, apgd_dlr = 3, apgd_t = 4, fab = 5, square = 6, fgsm_rs = 7, corruption = 8, eot = 9,
  n_fgsm = 10, mask = 11, order = 12, augmentation = 13, drop_path = 14, initialisation = 15,
  pretrain_attack = 16, pretrain_attack_mask = 17, finetune_attack = 18, probe = 19,
  demo_data = 20, split = 21, patch_drop = 22,
};

/// The place of a draw; with an image's id and an index it names one random number for ever.
struct DrawKey {
  Purpose purpose;
  std::uint32_t step = 0;         ///< finished updates of the stage (+ 2^31 in finetune), or the epoch of an order
  std::uint32_t restart = 0;      ///< 12 bits: restart of an attack; in training the attack's step
  std::uint32_t target_rank = 0;  ///< 12 bits
};

/// Step words of the fine-tuning stage start here, so no draw of pre-training is met again.
inline constexpr std::uint32_t kFinetuneStepOffset = 0x8000'0000u;

/// Random numbers as a function of where they are used, not of a state: no draw depends on threads, on how a
/// batch is split, or on history. All calls are const and safe from any thread.
class Draws {
 public:
  virtual ~Draws() = default;
  /// out: [ids, out.size() / ids], row-major; row i belongs to image ids[i]. Values in [0, 1).
  virtual void uniform(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const = 0;
  /// The same with standard normal values.
  virtual void normal(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const = 0;
  /// A permutation of 0 … count-1.
  virtual std::vector<std::int64_t> order(const DrawKey& key, std::int64_t count) const;
};

/// Counter-based: Philox4x32-10 (Salmon et al., SC 2011). Key = seed, counter = (block, step, image id,
/// purpose<<24 | restart<<12 | target rank); number k of an image is word k mod 4 of block k / 4.
/// Uniform: (word >> 8) 2^-24. Normal: Box–Muller in double on pairs of words, rounded to float.
class PhiloxDraws final : public Draws {
 public:
  explicit PhiloxDraws(std::uint64_t seed) : seed_(seed) {}
  void uniform(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const override;
  void normal(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const override;

 private:
  std::uint64_t seed_;
};

struct PhiloxBlock {
  std::uint32_t word[4];
};
/// Ten rounds of Philox4x32.
PhiloxBlock philox4x32(PhiloxBlock counter, std::uint32_t key0, std::uint32_t key1);

}  // namespace mimir
