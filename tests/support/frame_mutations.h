#pragma once

#include <random>

#include "core/store/worker_protocol.h"
#include "tests/support/safetensors_mutations.h"

namespace mimir::test {

inline WorkerRequest sample_request() {
  WorkerRequest request{7, "attack", {{"run", "last"}, {"image", "1,2"}, {"set", {"num_steps=3"}}, {"trajectory", true}}, {}};
  const std::vector<float> image(12, 0.5f);
  request.arrays["image"] = Array::of<float>(Dtype::f32, {3, 2, 2}, image);
  return request;
}

/// Feeds `count` damaged streams in pieces of any size to a reader; false at the first that breaks a promise.
inline bool frames_survive_mutations(int count, unsigned seed) {
  std::mt19937 random(seed);
  const std::vector<std::byte> whole = encode_frame(sample_request());
  for (int i = 0; i < count; ++i) {
    std::vector<std::byte> stream;
    if (random() % 3 != 0) {  // damage inside the document, so that its length fits and the decoder meets it
      const std::vector<std::byte> document(whole.begin() + 8, whole.end());
      const auto damaged = mutate(document, random);
      const std::uint64_t length = damaged.size();
      stream.resize(8);
      std::memcpy(stream.data(), &length, 8);
      stream.insert(stream.end(), damaged.begin(), damaged.end());
    } else {
      stream = mutate(whole, random);
    }
    stream.insert(stream.end(), whole.begin(), whole.end());
    FrameReader reader;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t piece = std::min<std::size_t>(1 + random() % 200, stream.size() - at);
      reader.append(std::span(stream).subspan(at, piece));
      at += piece;
      while (true) {
        const auto document = reader.next();
        if (!document) {
          if (document.error().code != ErrorCode::input || document.error().message.empty()) return false;
          at = stream.size();
          break;
        }
        if (!*document) break;
        taken += 8 + (*document)->size();
        const DecodedRequest decoded = decode_request(**document);
        if (decoded.request ? decoded.id < 0 || decoded.request->kind.empty() || !decoded.request->options.is_object()
                            : decoded.request.error().message.empty()) {
          return false;
        }
        (void)decode_answer(**document);
      }
    }
    if (taken > stream.size()) return false;
  }
  return true;
}

}  // namespace mimir::test
