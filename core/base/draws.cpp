#include "core/base/draws.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>

namespace mimir {
namespace {

/// Calls use(k, word) for the first `count` words of one image.
template <typename Use>
void for_each_word(std::uint64_t seed, const DrawKey& key, std::int64_t id, std::size_t count, Use use) {
  const std::uint32_t last = static_cast<std::uint32_t>(key.purpose) << 24 | (key.restart & 0xfffu) << 12 |
                             (key.target_rank & 0xfffu);
  for (std::size_t block = 0; block * 4 < count; ++block) {
    const PhiloxBlock words = philox4x32(
        {static_cast<std::uint32_t>(block), key.step, static_cast<std::uint32_t>(id), last},
        static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
    for (std::size_t k = 0; k < 4 && block * 4 + k < count; ++k) use(block * 4 + k, words.word[k]);
  }
}

std::size_t row_length(std::span<const std::int64_t> ids, std::size_t size) {
  if (ids.empty()) return 0;
  if (size % ids.size() != 0) throw std::logic_error("draws: the output is not a whole number of rows");
  return size / ids.size();
}

}  // namespace

PhiloxBlock philox4x32(PhiloxBlock counter, std::uint32_t key0, std::uint32_t key1) {
  constexpr std::uint64_t kM0 = 0xD2511F53u, kM1 = 0xCD9E8D57u;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = kM0 * counter.word[0];
    const std::uint64_t p1 = kM1 * counter.word[2];
    counter = {{static_cast<std::uint32_t>(p1 >> 32) ^ counter.word[1] ^ key0, static_cast<std::uint32_t>(p1),
                static_cast<std::uint32_t>(p0 >> 32) ^ counter.word[3] ^ key1, static_cast<std::uint32_t>(p0)}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

std::vector<std::int64_t> Draws::order(const DrawKey& key, std::int64_t count) const {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  std::vector<float> rank(ids.size());
  uniform(key, ids, rank);
  // Equal draws exist (24 bits); a stable sort keeps the result the same everywhere.
  std::stable_sort(ids.begin(), ids.end(), [&](std::int64_t a, std::int64_t b) {
    return rank[static_cast<std::size_t>(a)] < rank[static_cast<std::size_t>(b)];
  });
  return ids;
}

void PhiloxDraws::uniform(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const {
  const std::size_t length = row_length(ids, out.size());
  for (std::size_t row = 0; row < ids.size(); ++row) {
    float* values = out.data() + row * length;
    for_each_word(seed_, key, ids[row], length,
                  [values](std::size_t k, std::uint32_t word) { values[k] = static_cast<float>(word >> 8) * 0x1p-24f; });
  }
}

void PhiloxDraws::normal(const DrawKey& key, std::span<const std::int64_t> ids, std::span<float> out) const {
  const std::size_t length = row_length(ids, out.size());
  for (std::size_t row = 0; row < ids.size(); ++row) {
    float* values = out.data() + row * length;
    std::uint32_t first = 0;
    for_each_word(seed_, key, ids[row], length + length % 2, [&](std::size_t k, std::uint32_t word) {
      if (k % 2 == 0) {
        first = word;
        return;
      }
      const double radius = std::sqrt(-2.0 * std::log((first + 1.0) * 0x1p-32));
      const double angle = 2.0 * std::numbers::pi * (word * 0x1p-32);
      values[k - 1] = static_cast<float>(radius * std::cos(angle));
      if (k < length) values[k] = static_cast<float>(radius * std::sin(angle));
    });
  }
}

}  // namespace mimir
