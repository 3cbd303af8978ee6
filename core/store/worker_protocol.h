#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/store/safetensors.h"

namespace mimir {

// What `mimir serve` and whoever asks it say to each other; docs/WORKER.md has the kinds. A frame is 8 bytes of
// little-endian length and a safetensors document whose metadata key "message" is JSON.

inline constexpr int kWorkerProtocol = 1;
inline constexpr std::uint64_t kLargestFrame = std::uint64_t{1} << 30;

using NamedArrays = std::map<std::string, Array>;

/// A question; of the kind "cancel" it takes back the one with this id.
struct WorkerRequest {
  std::int64_t id = 0;
  std::string kind;
  nlohmann::json options = nlohmann::json::object();  ///< as the command's long options: text, number, boolean, list of texts
  NamedArrays arrays = {};
};

enum class AnswerPart {
  hello,      ///< the first frame of a worker; id 0
  progress,   ///< result {done, total}
  better,     ///< a piece of the result
  final,      ///< this and the two below end the request
  error,      ///< message is one sentence, code an ErrorCode's name
  cancelled,
};
const char* answer_part_name(AnswerPart part);

struct WorkerAnswer {
  std::int64_t id = 0;
  std::string kind;
  AnswerPart part = AnswerPart::final;
  std::string message = {};
  std::string code = {};
  nlohmann::json result = nlohmann::json::object();
  NamedArrays arrays = {};
  bool ends() const { return part == AnswerPart::final || part == AnswerPart::error || part == AnswerPart::cancelled; }
};

/// Names of the classes in a result about a model: the data set's, else those its checkpoint was trained with; empty where
/// neither is known.
std::vector<std::string> class_names(const nlohmann::json& result);

/// Whole frames, length included.
std::vector<std::byte> encode_frame(const WorkerRequest& request);
std::vector<std::byte> encode_frame(const WorkerAnswer& answer);

/// A request read from a frame's document; `id` is known also where the rest is not in order, -1 if it is not.
struct DecodedRequest {
  std::int64_t id = -1;
  Expected<WorkerRequest> request;
};
/// Never throws, whatever the bytes; `input` error with one sentence, `usage` for another protocol.
DecodedRequest decode_request(std::span<const std::byte> document);
Expected<WorkerAnswer> decode_answer(std::span<const std::byte> document);

/// Cuts a stream into frames. One thread.
class FrameReader {
 public:
  void append(std::span<const std::byte> bytes);
  /// The next frame's document, without its length; none until it is complete. `input` error for a length above
  /// kLargestFrame: the stream cannot be read on, and every later call fails too.
  Expected<std::optional<std::vector<std::byte>>> next();
  /// Whether a frame has begun and not ended.
  bool in_frame() const { return begin_ < bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0;  ///< of what has not been given out
};

}  // namespace mimir
