#include "core/store/worker_protocol.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace mimir {
namespace {

constexpr std::array kParts{std::pair{AnswerPart::hello, "hello"},   std::pair{AnswerPart::progress, "progress"},
                            std::pair{AnswerPart::better, "better"}, std::pair{AnswerPart::final, "final"},
                            std::pair{AnswerPart::error, "error"},   std::pair{AnswerPart::cancelled, "cancelled"}};

std::vector<std::byte> frame_of(const nlohmann::json& message, const NamedArrays& arrays) {
  Safetensors document;
  document.metadata["message"] = message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  document.arrays = arrays;
  const std::vector<std::byte> bytes = serialise_safetensors(document);
  const std::uint64_t length = bytes.size();
  std::vector<std::byte> frame(8 + bytes.size());
  std::memcpy(frame.data(), &length, 8);
  std::memcpy(frame.data() + 8, bytes.data(), bytes.size());
  return frame;
}

struct Message {
  nlohmann::json json;
  NamedArrays arrays;
};

Expected<Message> read_message(std::span<const std::byte> bytes) {
  auto document = parse_safetensors(bytes, "the frame");
  if (!document) return pass_on(document);
  const auto found = document->metadata.find("message");
  if (found == document->metadata.end()) return fail(ErrorCode::input, "the frame has no message");
  auto json = nlohmann::json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(ErrorCode::input, "the frame's message is not a JSON object");
  return Message{std::move(json), std::move(document->arrays)};
}

std::int64_t id_of(const nlohmann::json& message) {
  const auto id = message.find("id");
  if (id == message.end() || !id->is_number_integer()) return -1;
  if (id->is_number_unsigned() && id->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) return -1;
  return std::max<std::int64_t>(-1, id->get<std::int64_t>());
}

std::string text_of(const nlohmann::json& message, const char* key) {
  const auto value = message.find(key);
  return value != message.end() && value->is_string() ? value->get<std::string>() : std::string();
}

Expected<void> check_protocol(const nlohmann::json& message) {
  const auto protocol = message.find("protocol");
  if (protocol != message.end() && *protocol == kWorkerProtocol) return {};
  return fail(ErrorCode::usage, "this side speaks protocol {} of the worker, the other does not: take both programs from one version",
              kWorkerProtocol);
}

Expected<WorkerRequest> request_of(Message message, std::int64_t id) {
  if (auto ok = check_protocol(message.json); !ok) return pass_on(ok);
  if (id < 0) return fail(ErrorCode::input, "the request has no id: a whole number, 0 or more");
  WorkerRequest request{id, text_of(message.json, "kind"), nlohmann::json::object(), std::move(message.arrays)};
  if (request.kind.empty()) return fail(ErrorCode::input, "the request does not say its kind");
  if (const auto options = message.json.find("options"); options != message.json.end()) {
    if (!options->is_object()) return fail(ErrorCode::input, "the options of the request are not a JSON object");
    request.options = std::move(*options);  // a copy would recurse as deep as a hostile frame nests
  }
  return request;
}

}  // namespace

const char* answer_part_name(AnswerPart part) {
  for (const auto& [known, name] : kParts) {
    if (known == part) return name;
  }
  return "";
}

std::vector<std::byte> encode_frame(const WorkerRequest& request) {
  nlohmann::json message = {{"protocol", kWorkerProtocol}, {"id", request.id}, {"kind", request.kind}};
  if (!request.options.empty()) message["options"] = request.options;
  return frame_of(message, request.arrays);
}

std::vector<std::byte> encode_frame(const WorkerAnswer& answer) {
  nlohmann::json message = {{"protocol", kWorkerProtocol}, {"kind", answer.kind}};
  if (answer.part == AnswerPart::hello) {  // its facts stand at the top, where any version finds them
    message.update(answer.result);
    message["kind"] = "hello";
    return frame_of(message, {});
  }
  message["id"] = answer.id;
  message["part"] = answer_part_name(answer.part);
  message["message"] = answer.message;
  if (!answer.code.empty()) message["code"] = answer.code;
  message["result"] = answer.result;
  return frame_of(message, answer.arrays);
}

DecodedRequest decode_request(std::span<const std::byte> document) {
  auto message = read_message(document);
  if (!message) return {-1, pass_on(message)};
  const std::int64_t id = id_of(message->json);
  return {id, request_of(std::move(*message), id)};
}

Expected<WorkerAnswer> decode_answer(std::span<const std::byte> document) {
  auto message = read_message(document);
  if (!message) return pass_on(message);
  if (auto ok = check_protocol(message->json); !ok) return pass_on(ok);
  WorkerAnswer answer;
  answer.kind = text_of(message->json, "kind");
  if (answer.kind == "hello") {
    answer.part = AnswerPart::hello;
    answer.result = std::move(message->json);
    return answer;
  }
  answer.id = id_of(message->json);
  const std::string part = text_of(message->json, "part");
  bool known = false;
  for (const auto& [each, name] : kParts) {
    if (part != name) continue;
    answer.part = each;
    known = each != AnswerPart::hello;
  }
  if (!known) return fail(ErrorCode::input, "the answer is of no part that is known");
  answer.message = text_of(message->json, "message");
  answer.code = text_of(message->json, "code");
  if (const auto result = message->json.find("result"); result != message->json.end()) answer.result = std::move(*result);
  answer.arrays = std::move(message->arrays);
  return answer;
}

std::vector<std::string> class_names(const nlohmann::json& result) {
  for (const char* part : {"/data/classes", "/checkpoint/classes"}) {
    const nlohmann::json::json_pointer where(part);
    if (!result.contains(where) || !result[where].is_array()) continue;
    std::vector<std::string> names;
    for (const auto& name : result[where]) names.push_back(name.is_string() ? name.get<std::string>() : std::string());
    return names;
  }
  return {};
}

void FrameReader::append(std::span<const std::byte> bytes) {
  if (begin_ > 0 && begin_ >= bytes_.size() / 2) {  // seldom enough that a long frame is not moved again and again
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

Expected<std::optional<std::vector<std::byte>>> FrameReader::next() {
  const std::size_t available = bytes_.size() - begin_;
  std::uint64_t length = 0;
  if (available < 8) return std::nullopt;
  std::memcpy(&length, bytes_.data() + begin_, 8);
  if (length > kLargestFrame) return fail(ErrorCode::input, "a frame of {} bytes is announced; the largest has {}", length, kLargestFrame);
  if (available - 8 < length) return std::nullopt;
  const auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(begin_ + 8);
  std::vector<std::byte> document(first, first + static_cast<std::ptrdiff_t>(length));
  begin_ += 8 + static_cast<std::size_t>(length);
  return document;
}

}  // namespace mimir
