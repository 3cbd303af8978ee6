#include "widgets/session/entry_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <tuple>

#include "core/base/schema.h"
#include "core/store/run_reader.h"
#include "widgets/format.h"

namespace mimir {
namespace {

std::map<std::string, std::string> recipe_texts(const Recipe& recipe) {
  std::map<std::string, std::string> texts;
  for (const Field& field : recipe_schema()) {
    if (field.present(recipe)) texts.emplace(field.path(), recipe_text(field.parameter, field.get(recipe)));
  }
  return texts;
}

auto tied(const StageRow& row) { return std::tie(row.name, row.total, row.state, row.started, row.ended); }
auto tied(const SegmentRow& row) { return std::tie(row.id, row.stage, row.first_step, row.started, row.ended, row.state, row.pid, row.host); }
auto tied(const HeartbeatRow& row) { return std::tie(row.time, row.stage, row.epoch, row.step, row.total, row.rate, row.eta, row.memory); }
auto tied(const RunCondition& c) { return std::tie(c.status, c.stage, c.code, c.reason, c.stopping, c.stale, c.heard); }

bool same_number(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

}  // namespace

FileStamp stamp_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_size, std::int64_t(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

RunStamp stamp_of(const RunFolder& run) {
  return {{stamp_of(run.path()), stamp_of(run.recipe()), stamp_of(run.database()), stamp_of(run.database().string() + "-wal"),
           stamp_of(run.annotations()), stamp_of(run.trainer_pid())}};
}

RunEntry read_entry(const RunFolder& run, const QString& id) {
  RunEntry entry{.id = id, .folder = run, .condition = {}, .annotations = {}, .recipe = {}, .metrics = {}, .stages = {}, .heartbeat = {}, .problem = {}, .revision = 0};
  const auto take = [&entry](auto result, auto& into) {
    if (result) into = std::move(*result);
    else if (entry.problem.empty()) entry.problem = result.error().message;
  };
  entry.created = run.created();
  RunReader reader(run);
  take(reader.condition(), entry.condition);
  // What cannot be read once is not asked again: each question to a locked run.db waits 2 s, and other runs with it.
  if (entry.problem.empty()) take(reader.stages(), entry.stages);
  if (entry.problem.empty()) take(reader.segments(), entry.segments);
  if (entry.problem.empty()) take(reader.heartbeat(), entry.heartbeat);
  if (entry.problem.empty()) take(reader.last_values(), entry.metrics);
  take(read_annotations(run), entry.annotations);
  auto parsed = run.read_recipe();
  if (parsed) entry.recipe = recipe_texts(*parsed);
  else if (entry.problem.empty()) entry.problem = parsed.error().message;
  return entry;
}

bool unfinished(const RunEntry& entry) {
  switch (entry.condition.status) {
    case RunStatus::queued:
    case RunStatus::starting:
    case RunStatus::running:
    case RunStatus::paused: return entry.problem.empty();
    default: return false;
  }
}

bool same_entry(const RunEntry& a, const RunEntry& b) {
  const auto same_metric = [](const auto& x, const auto& y) { return x.first == y.first && same_number(x.second, y.second); };
  const auto same_row = [](const auto& x, const auto& y) { return tied(x) == tied(y); };
  return a.id == b.id && a.folder == b.folder && tied(a.condition) == tied(b.condition) && a.annotations == b.annotations &&
         same_number(a.created, b.created) && a.recipe == b.recipe && a.problem == b.problem &&
         std::equal(a.metrics.begin(), a.metrics.end(), b.metrics.begin(), b.metrics.end(), same_metric) &&
         std::equal(a.stages.begin(), a.stages.end(), b.stages.begin(), b.stages.end(), same_row) &&
         std::equal(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(), same_row) &&
         a.heartbeat.has_value() == b.heartbeat.has_value() && (!a.heartbeat || tied(*a.heartbeat) == tied(*b.heartbeat));
}

}  // namespace mimir
