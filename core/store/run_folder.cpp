#include "core/store/run_folder.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "core/base/schema.h"
#include "core/store/files.h"

namespace mimir {
namespace {

constexpr std::size_t kDateLength = 10;  // 2026-07-30

bool begins_with_date(const std::string& name) {
  if (name.size() < kDateLength + 1 || name[kDateLength] != '-') return false;
  for (std::size_t i = 0; i < kDateLength; ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? name[i] != '-' : (name[i] < '0' || name[i] > '9')) return false;
  }
  return true;
}

/// "runs/x/" and "runs/x" are the same run.
std::filesystem::path without_last_slash(std::filesystem::path path) {
  path = path.lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

RunFolder::RunFolder(std::filesystem::path path) : path_(without_last_slash(std::move(path))) {}

Expected<RunFolder> RunFolder::open(const std::filesystem::path& path) {
  std::error_code error;
  // Absolute, so that "." has a name and the run is found when the working directory changes.
  const RunFolder folder(std::filesystem::absolute(path, error));
  if (!std::filesystem::is_directory(folder.path(), error)) {
    const bool file = std::filesystem::exists(folder.path(), error);
    return fail(ErrorCode::input, "{} is not a folder of a run: {}", path.string(), file ? "it is a file" : "there is no such folder");
  }
  if (!std::filesystem::exists(folder.recipe(), error) && !std::filesystem::exists(folder.database(), error)) {
    return fail(ErrorCode::input, "{} is not a folder of a run: it has neither recipe.toml nor run.db", path.string());
  }
  return folder;
}

std::string RunFolder::id() const {
  const std::string name = path_.filename().string();
  const auto dash = name.rfind('-');
  return dash == std::string::npos ? name : name.substr(dash + 1);
}

std::string RunFolder::name() const {
  std::string name = path_.filename().string();
  if (begins_with_date(name)) name.erase(0, kDateLength + 1);
  const auto dash = name.rfind('-');
  return dash == std::string::npos ? name : name.substr(0, dash);
}

std::string RunFolder::date() const {
  const std::string name = path_.filename().string();
  return begins_with_date(name) ? name.substr(0, kDateLength) : std::string();
}

std::filesystem::path RunFolder::checkpoint(std::string_view stage, std::string_view mark) const {
  return checkpoints() / fmt::format("{}-{}.safetensors", stage, mark);
}

std::filesystem::path RunFolder::checkpoint(std::string_view stage, std::int64_t step) const {
  return checkpoint(stage, std::to_string(step));
}

std::string RunFolder::relative(const std::filesystem::path& inside) const {
  const auto relative = inside.lexically_relative(path_);
  return relative.empty() ? inside.string() : relative.string();
}

Expected<Recipe> RunFolder::read_recipe() const {
  const auto text = read_text(recipe());
  if (!text) return fail(ErrorCode::input, "{}", text.error().message);
  auto parsed = parse_recipe(*text, recipe().string());
  // The user did not type it, so it is not wrong usage.
  if (!parsed) return tl::unexpected<Error>(Error{ErrorCode::input, parsed.error().message, parsed.error().detail});
  return parsed;
}

Expected<nlohmann::json> RunFolder::read_environment() const {
  auto text = read_text(environment());
  if (!text) return pass_on(text);
  auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(ErrorCode::input, "{} is damaged: it is not a JSON object", environment().string());
  return json;
}

double RunFolder::created() const {
  if (const auto json = read_environment()) {
    const auto found = json->find("created");
    if (found != json->end() && found->is_number()) return found->get<double>();
  }
  struct stat status {};
  if (::stat(recipe().c_str(), &status) != 0 && ::stat(path_.c_str(), &status) != 0) return 0;
  return static_cast<double>(status.st_mtim.tv_sec) + static_cast<double>(status.st_mtim.tv_nsec) * 1e-9;
}

Expected<void> RunFolder::write_recipe(const Recipe& recipe_value) const {
  return write_file(recipe(), mimir::write_recipe(recipe_value));
}

Expected<void> RunFolder::write_environment(const nlohmann::json& json) const {
  return write_file(environment(), json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace mimir
