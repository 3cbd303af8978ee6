#include "core/store/workspace.h"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/text.h"
#include "core/store/annotations.h"
#include "core/store/clock.h"
#include "core/store/descriptor.h"

namespace mimir {
namespace {

constexpr std::size_t kLongestName = 60;  // a folder's name ends at 255 bytes on every file system we meet

/// Six characters without those that look alike: 30 bits, so 1000 runs clash once in 2000 workspaces, and a
/// clash only costs another try.
std::string random_id() {
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kAlphabet.size() == 32);
  unsigned char bytes[6] = {};
  if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) {
    auto ticks = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(ticks), ticks >>= 5;
  }
  std::string id;
  for (const unsigned char byte : bytes) id += kAlphabet[byte % kAlphabet.size()];
  return id;
}

std::string sanitise(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool kept = letter || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (kept) result += letter && c < 'a' ? static_cast<char>(c - 'A' + 'a') : c;
    else if (!result.empty() && result.back() != '-') result += '-';
  }
  result.resize(std::min(result.size(), kLongestName));
  while (!result.empty() && (result.back() == '-' || result.back() == '.')) result.pop_back();
  while (!result.empty() && (result.front() == '-' || result.front() == '.')) result.erase(0, 1);
  return result.empty() ? "run" : result;
}

std::string local_date(double seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::localtime_r(&time, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

std::string display_name(const RunFolder& run) {
  const auto annotations = read_annotations(run);
  return annotations && !annotations->name.empty() ? annotations->name : run.name();
}

bool in_trash(const RunFolder& run) {
  const auto annotations = read_annotations(run);
  return annotations && annotations->trash;
}

/// More than one run answers to `text`.
tl::unexpected<Error> ambiguous(const std::string& text, const std::vector<RunFolder>& found) {
  std::vector<std::string> ids;
  for (const RunFolder& run : found) ids.push_back(run.id());
  const std::size_t shown = std::min<std::size_t>(ids.size(), 5);
  return fail(ErrorCode::input, "{} runs answer to \"{}\": say which by its id ({}{})", found.size(), text,
              join(std::span(ids).first(shown), ", "), shown < ids.size() ? ", …" : "");
}

template <typename Predicate>
std::vector<RunFolder> matching(const std::vector<RunFolder>& runs, Predicate matches) {
  std::vector<RunFolder> found;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(found), matches);
  return found;
}

Expected<RunFolder> newest(const std::vector<RunFolder>& runs, const std::filesystem::path& where) {
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (!in_trash(*run)) return *run;
  }
  return fail(ErrorCode::input, "there is no run in {} yet: start one with `mimir train demo`", where.string());
}

}  // namespace

std::filesystem::path Workspace::default_path() {
  const auto set = [](const char* variable) -> std::filesystem::path {
    const char* value = std::getenv(variable);
    return value ? value : "";
  };
  if (const auto given = set("MIMIR_WORKSPACE"); !given.empty()) return given;
  // The XDG specification: a relative path is invalid and ignored.
  if (const auto data = set("XDG_DATA_HOME"); data.is_absolute()) return data / "mimir-workbench";
  const auto home = set("HOME");
  return (home.empty() ? std::filesystem::path("/tmp") : home) / ".local" / "share" / "mimir-workbench";
}

Workspace::Workspace(const std::filesystem::path& path) {
  std::error_code error;
  path_ = std::filesystem::absolute(path.empty() ? default_path() : path, error);
}

Expected<RunFolder> Workspace::create_run(std::string_view name, const Recipe& recipe, const nlohmann::json& environment) const {
  const auto refuse = [&](const std::error_code& error) {
    return fail(ErrorCode::storage, "{} cannot hold a new run: {}", path_.string(), storage_reason(error.value()));
  };
  std::error_code error;
  std::filesystem::create_directories(runs(), error);
  if (error) return refuse(error);

  const double now = seconds_since_1970();
  const std::string folder_name = sanitise(name);
  nlohmann::json facts = environment.is_object() ? environment : nlohmann::json::object();
  if (!facts.contains("created")) facts["created"] = now;

  auto existing = list_runs();
  if (!existing) return pass_on(existing);
  std::string id;
  do {
    id = random_id();
  } while (std::any_of(existing->begin(), existing->end(), [&](const RunFolder& run) { return run.id() == id; }));

  // Filled under a hidden name, then renamed.
  const RunFolder hidden(runs() / (".new-" + id));
  std::filesystem::create_directory(hidden.path(), error);
  if (error) return refuse(error);
  const auto give_up = [&](Error failure) {
    std::error_code ignored;
    std::filesystem::remove_all(hidden.path(), ignored);
    return tl::unexpected<Error>(std::move(failure));
  };
  for (const char* part : {"checkpoints", "media"}) {
    std::filesystem::create_directory(hidden.path() / part, error);
    if (error) return give_up(refuse(error).value());
  }
  if (auto done = hidden.write_recipe(recipe); !done) return give_up(done.error());
  if (auto done = hidden.write_environment(facts); !done) return give_up(done.error());
  if (!name.empty() && folder_name != name) {
    const auto done = change_annotations(hidden, [&](Annotations& annotations) { annotations.name = name; });
    if (!done) return give_up(done.error());
  }
  const RunFolder run(runs() / fmt::format("{}-{}-{}", local_date(now), folder_name, id));
  std::filesystem::rename(hidden.path(), run.path(), error);
  if (error) return give_up(refuse(error).value());
  return run;
}

Expected<std::vector<RunFolder>> Workspace::list_runs() const {
  std::error_code error;
  if (!std::filesystem::exists(runs(), error)) return std::vector<RunFolder>{};
  struct Dated {
    std::string date;
    double created;
    RunFolder run;
  };
  std::vector<Dated> found;
  std::filesystem::directory_iterator entries(runs(), std::filesystem::directory_options::skip_permission_denied, error);
  for (const std::filesystem::directory_iterator end; !error && entries != end; entries.increment(error)) {
    if (entries->path().filename().string().starts_with(".")) continue;
    if (auto run = RunFolder::open(entries->path())) found.push_back({run->date(), run->created(), std::move(*run)});
  }
  if (error) return fail(ErrorCode::storage, "{} cannot be listed: {}", runs().string(), error.message());
  std::sort(found.begin(), found.end(), [](const Dated& a, const Dated& b) {
    return a.created != b.created ? a.created < b.created : a.run.path() < b.run.path();
  });
  std::vector<RunFolder> list;
  for (Dated& dated : found) list.push_back(std::move(dated.run));
  return list;
}

Expected<RunFolder> Workspace::find_run(const std::string& text) const {
  if (text.empty()) return fail(ErrorCode::input, "a run is wanted: an id, a name, a path or \"last\"");
  if (text.find('/') != std::string::npos || text == "." || text == "..") return RunFolder::open(text);
  auto runs = list_runs();
  if (!runs) return pass_on(runs);
  if (text == "last") return newest(*runs, path_);

  // From the most to the least certain meaning; the first that fits decides.
  auto found = matching(*runs, [&](const RunFolder& run) { return run.id() == text || run.path().filename() == text; });
  if (found.empty()) found = matching(*runs, [&](const RunFolder& run) { return display_name(run) == text; });
  if (found.empty()) found = matching(*runs, [&](const RunFolder& run) { return run.name() == text; });
  if (found.empty()) found = matching(*runs, [&](const RunFolder& run) { return run.id().starts_with(text); });
  if (found.size() == 1) return found.front();
  if (found.size() > 1) return ambiguous(text, found);

  if (auto here = RunFolder::open(text)) return here;  // a folder of that name where the command was started
  if (runs->empty()) return fail(ErrorCode::input, "there is no run \"{}\": {} has no runs yet", text, path_.string());
  std::set<std::string> candidates;
  for (const RunFolder& run : *runs) candidates.insert({run.id(), run.name(), display_name(run)});
  const std::vector<std::string> names(candidates.begin(), candidates.end());
  const auto nearest = nearest_name(text, names);
  return fail(ErrorCode::input, "there is no run \"{}\" in {}{}", text, path_.string(),
              nearest ? fmt::format(": did you mean \"{}\"?", *nearest) : "; `mimir runs list` shows all");
}

}  // namespace mimir
