#include "core/store/annotations.h"

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/store/file_lock.h"
#include "core/store/files.h"

namespace mimir {
namespace {

Expected<nlohmann::json> read_json(const RunFolder& run) {
  std::error_code error;
  if (!std::filesystem::exists(run.annotations(), error)) return nlohmann::json::object();
  auto text = read_text(run.annotations());
  if (!text) return fail(ErrorCode::storage, "{}", text.error().message);
  auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return fail(ErrorCode::storage, "{} is damaged: it is not a JSON object; repair it or move it away", run.annotations().string());
  }
  return json;
}

/// A key of another type than ours is damage, not a default.
Expected<Annotations> from_json(const nlohmann::json& json, const RunFolder& run) {
  Annotations annotations;
  const auto damaged = [&](const char* key) {
    return fail(ErrorCode::storage, "{} is damaged: \"{}\" is not what it should be; repair it or move it away",
                run.annotations().string(), key);
  };
  const auto text = [&](const char* key, std::string& out) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) return true;
    if (found->is_string()) out = found->get<std::string>();
    return found->is_string();
  };
  const auto flag = [&](const char* key, bool& out) {
    const auto found = json.find(key);
    if (found == json.end()) return true;
    if (found->is_boolean()) out = found->get<bool>();
    return found->is_boolean();
  };
  if (!text("name", annotations.name)) return damaged("name");
  if (!text("note", annotations.note)) return damaged("note");
  if (!flag("star", annotations.star)) return damaged("star");
  if (!flag("trash", annotations.trash)) return damaged("trash");
  if (const auto found = json.find("colour"); found != json.end() && found->is_number_integer()) {
    annotations.colour = std::to_string(found->get<long long>());
  } else if (!text("colour", annotations.colour)) {
    return damaged("colour");
  }
  if (const auto found = json.find("tags"); found != json.end()) {
    if (!found->is_array()) return damaged("tags");
    for (const auto& tag : *found) {
      if (!tag.is_string()) return damaged("tags");
      annotations.tags.push_back(tag.get<std::string>());
    }
  }
  return annotations;
}

void to_json(const Annotations& annotations, nlohmann::json& json) {
  const auto index = parse_integer(annotations.colour);
  json["name"] = annotations.name;
  json["tags"] = annotations.tags;
  json["note"] = annotations.note;
  json["star"] = annotations.star;
  if (annotations.colour.empty()) json["colour"] = nullptr;
  else if (index) json["colour"] = *index;
  else json["colour"] = annotations.colour;
  json["trash"] = annotations.trash;
}

}  // namespace

Expected<Annotations> read_annotations(const RunFolder& run) {
  auto json = read_json(run);
  if (!json) return pass_on(json);
  return from_json(*json, run);
}

Expected<Annotations> change_annotations(const RunFolder& run, const std::function<void(Annotations&)>& change) {
  auto lock = FileLock::acquire(run.path() / ".annotations.lock", std::chrono::seconds(5));
  if (!lock) return pass_on(lock);
  auto json = read_json(run);
  if (!json) return pass_on(json);
  auto annotations = from_json(*json, run);
  if (!annotations) return annotations;
  change(*annotations);
  to_json(*annotations, *json);
  auto written = write_file(run.annotations(), json->dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  if (!written) return pass_on(written);
  return annotations;
}

}  // namespace mimir
