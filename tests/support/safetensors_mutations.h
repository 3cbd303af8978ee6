#pragma once

#include <cstring>
#include <random>
#include <vector>

#include "core/store/safetensors.h"

namespace mimir::test {

inline Safetensors sample_document() {
  Safetensors document;
  const std::vector<float> weights = {1, 2, 3, 4, 5, 6};
  const std::vector<std::int64_t> labels = {7, -8};
  document.metadata = {{"format", "mimir-checkpoint/1"}, {"stage", "pretrain"}, {"note", "ü \"quoted\"\n"}};
  document.arrays["model.weight"] = Array::of<float>(Dtype::f32, {2, 3}, weights);
  document.arrays["labels"] = Array::of<std::int64_t>(Dtype::i64, {2}, labels);
  document.arrays["empty"] = Array{Dtype::u8, {0, 4}, {}};
  document.arrays["scalar"] = Array::of<float>(Dtype::f32, {}, std::span(weights).first(1));
  return document;
}

/// `bytes` with one to four random damages: flipped bytes, digits that grow, a header length that lies, parts cut
/// out, doubled or cut off. Most leave the JSON almost right, which is where a reader errs.
inline std::vector<std::byte> mutate(std::vector<std::byte> bytes, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return n ? random() % n : 0; };
  for (std::size_t times = 1 + below(4); times-- > 0 && bytes.size() > 8;) {
    const std::size_t at = below(bytes.size());
    switch (below(7)) {
      case 0: bytes[at] = static_cast<std::byte>(random()); break;
      case 1: bytes[8 + below(std::min<std::size_t>(bytes.size() - 8, 300))] = static_cast<std::byte>("0123456789{}[],:\"-eE."[below(21)]); break;
      case 2: {  // a number grows out of all proportion
        static const char* kNumbers[] = {"18446744073709551615", "9223372036854775807", "-1", "1e300", "4294967296", "99999999999999999999999"};
        const char* number = kNumbers[below(6)];
        for (std::size_t i = 8; i < bytes.size(); ++i) {
          if (bytes[i] >= std::byte('0') && bytes[i] <= std::byte('9') && below(6) == 0) {
            const auto* raw = reinterpret_cast<const std::byte*>(number);
            bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(i), raw, raw + std::strlen(number));
            break;
          }
        }
        break;
      }
      case 3: {
        const std::uint64_t sizes[] = {0, 1, 8, bytes.size(), bytes.size() - 8, ~0ull, 1ull << 63, 99'999'999, random()};
        std::memcpy(bytes.data(), &sizes[below(9)], 8);
        break;
      }
      case 4: bytes.resize(at); break;
      case 5: bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at)); break;
      default: {
        const std::size_t length = std::min<std::size_t>(below(40), bytes.size() - at);
        const std::vector<std::byte> part(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), part.begin(), part.end());
      }
    }
  }
  return bytes;
}

/// Whether a document that was accepted keeps what the type promises. Its arrays cannot be larger than its file.
inline bool is_consistent(const Safetensors& document, std::size_t file_size) {
  std::size_t total = 0;
  for (const auto& [name, array] : document.arrays) {
    std::size_t elements = 1;
    for (const std::int64_t dim : array.shape) elements *= static_cast<std::size_t>(dim);
    if (elements * dtype_size(array.dtype) != array.bytes.size()) return false;
    total += array.bytes.size();
  }
  return total <= file_size;
}

/// Reads `count` mutated documents; false at the first that breaks a promise.
inline bool survives_mutations(int count, unsigned seed) {
  std::mt19937 random(seed);
  const auto whole = serialise_safetensors(sample_document());
  for (int i = 0; i < count; ++i) {
    const auto damaged = mutate(whole, random);
    const auto document = parse_safetensors(damaged, "mutated");
    if (document && !is_consistent(*document, damaged.size())) return false;
    if (!document && (document.error().code != ErrorCode::input || document.error().message.empty())) return false;
  }
  return true;
}

}  // namespace mimir::test
