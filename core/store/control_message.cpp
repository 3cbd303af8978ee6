#include "core/store/control_message.h"

#include <array>
#include <nlohmann/json.hpp>

#include "core/base/text.h"

namespace mimir {
namespace {

constexpr std::array kCommands = {"stop", "pause", "unpause", "checkpoint", "status"};  // in the order of ControlCommand

nlohmann::json parse_json(std::string_view line) { return nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false); }

std::optional<Stop> parse_when(const std::string& when) {
  if (when == "step") return Stop::after_step;
  if (when == "epoch") return Stop::after_epoch;
  if (when == "now") return Stop::now;
  return std::nullopt;
}

const char* when_name(Stop when) { return when == Stop::after_epoch ? "epoch" : when == Stop::now ? "now" : "step"; }

std::string dump(const nlohmann::json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}  // namespace

const char* control_command_name(ControlCommand command) { return kCommands[static_cast<std::size_t>(command)]; }

namespace store {

std::string write_request(const ControlRequest& request) {
  nlohmann::json json = {{"id", request.id}, {"command", control_command_name(request.command)}};
  if (request.command == ControlCommand::stop) json["when"] = when_name(request.when);
  return dump(json);
}

Expected<ControlRequest> parse_request(std::string_view line) {
  const auto json = parse_json(line);
  if (!json.is_object()) return fail(ErrorCode::input, "a request is one JSON object a line");
  ControlRequest request;
  if (const auto id = json.find("id"); id != json.end()) {
    if (!id->is_number_integer()) return fail(ErrorCode::input, "\"id\" must be an integer");
    request.id = id->get<std::int64_t>();
  }
  const auto command = json.find("command");
  if (command == json.end() || !command->is_string()) return fail(ErrorCode::input, "\"command\" is missing");
  const auto name = command->get<std::string>();
  const auto known = std::find(kCommands.begin(), kCommands.end(), name);
  if (known == kCommands.end()) {
    return fail(ErrorCode::input, "there is no command \"{}\": stop, pause, unpause, checkpoint and status are known", name);
  }
  request.command = static_cast<ControlCommand>(known - kCommands.begin());
  if (const auto when = json.find("when"); when != json.end()) {
    const auto parsed = when->is_string() ? parse_when(when->get<std::string>()) : std::nullopt;
    if (!parsed) return fail(ErrorCode::input, "\"when\" is one of step, epoch and now");
    request.when = *parsed;
  }
  return request;
}

std::string write_reply(const ControlReply& reply, const std::string& id) {
  nlohmann::json json = {{"id", parse_json(id)}, {"ok", reply.ok}};
  if (!reply.message.empty()) json["message"] = reply.message;
  if (!reply.state.empty()) json["state"] = reply.state;
  if (!reply.stage.empty()) json["stage"] = reply.stage;
  if (reply.epoch) json["epoch"] = *reply.epoch;
  if (reply.step) json["step"] = *reply.step;
  if (reply.total) json["total"] = *reply.total;
  return dump(json);
}

Expected<ControlReply> parse_reply(std::string_view line) {
  const auto json = parse_json(line);
  if (!json.is_object() || !json.contains("ok") || !json["ok"].is_boolean()) {
    return fail(ErrorCode::input, "the trainer's answer is not understood: {}", line.substr(0, 200));
  }
  ControlReply reply;
  reply.ok = json["ok"].get<bool>();
  const auto text = [&](const char* key, std::string& out) {
    if (json.contains(key) && json[key].is_string()) out = json[key].get<std::string>();
  };
  const auto count = [&](const char* key, std::optional<std::int64_t>& out) {
    if (json.contains(key) && json[key].is_number_integer()) out = json[key].get<std::int64_t>();
  };
  text("message", reply.message);
  text("state", reply.state);
  text("stage", reply.stage);
  count("epoch", reply.epoch);
  count("step", reply.step);
  count("total", reply.total);
  return reply;
}

std::string request_id(std::string_view line) {
  const auto json = parse_json(line);
  if (json.is_object() && json.contains("id") && json["id"].is_number_integer()) return dump(json["id"]);
  return "null";
}

}  // namespace store
}  // namespace mimir
