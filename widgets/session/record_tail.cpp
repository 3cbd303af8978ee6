#include "widgets/session/record_tail.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/base/text.h"
#include "core/store/clock.h"
#include "core/store/files.h"

namespace mimir {
namespace {

constexpr std::size_t kPointsARead = 100'000;  // about 0.1 s
constexpr std::chrono::seconds kPause{5};  // after a run.db that cannot be read: a locked one is waited for, and other runs with it
constexpr double kClockGrain = 2;  // s: a change may carry the same time as one that was seen

auto tied(const MetricInfo& info) { return std::tie(info.name, info.unit, info.direction, info.help); }
auto tied(const MediaRow& row) { return std::tie(row.stage, row.step, row.what, row.path); }
auto tied(const CheckpointRow& row) { return std::tie(row.stage, row.step, row.kind, row.path); }
auto tied(const SegmentRow& row) {
  return std::tie(row.id, row.stage, row.first_step, row.started, row.ended, row.state, row.code, row.reason, row.pid, row.host, row.boot);
}

/// Replaces `old` where `read` has something else.
template <typename Row>
bool renew(std::vector<Row>& old, Expected<std::vector<Row>> read) {
  if (!read || std::equal(old.begin(), old.end(), read->begin(), read->end(), [](const Row& a, const Row& b) { return tied(a) == tied(b); })) return false;
  old = std::move(*read);
  return true;
}

/// As a shell reads it back.
std::string shell_word(const std::string& word) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_-./=:,+@%").find(c) != std::string_view::npos; };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string value_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.is_number_float() ? format_number(value.get<double>()) : value.dump();
  std::vector<std::string> parts;
  for (const auto& part : value) parts.push_back(shell_word(value_text(part)));
  return join(parts, " ");
}

/// evaluations/<id>/report.json of all that have one, by id.
std::map<std::string, FileStamp> list_reports(const RunFolder& run) {
  std::map<std::string, FileStamp> reports;
  std::error_code error;
  std::filesystem::directory_iterator folders(run.evaluations(), error);
  for (const std::filesystem::directory_iterator end; !error && folders != end; folders.increment(error)) {
    const FileStamp stamp = stamp_of(folders->path() / "report.json");
    if (stamp.inode != 0) reports[folders->path().filename().string()] = stamp;
  }
  return reports;
}

/// None if it is damaged, or being written.
std::optional<EvaluationReport> read_report(const RunFolder& run, const std::string& id) {
  const auto text = read_text(run.evaluations() / id / "report.json");
  const auto json = text ? nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false) : nlohmann::json();
  if (!json.is_object()) return std::nullopt;
  const auto number = [&](const char* key) {
    const auto at = json.find(key);
    return at != json.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
  };
  const auto checkpoint = json.find("checkpoint");
  return EvaluationReport{id, checkpoint != json.end() ? value_text(*checkpoint) : std::string(), number("epsilon"), number("natural_accuracy"),
                          number("robust_accuracy"), static_cast<std::int64_t>(number("images").value_or(0))};
}

}  // namespace

void RecordTail::forget() {
  points_.clear();
  record_.reset();
  environment_ = {};
  reports_.clear();
  reader_.rest();
}

bool RecordTail::read_rows(RunRecord& next, const std::vector<MetricInfo>& metrics) {
  bool grown = false;
  for (const MetricInfo& info : metrics) {
    const auto [at, added] = next.metrics.try_emplace(info.name, info);
    if (!added && tied(at->second) == tied(info)) continue;
    at->second = info;
    grown = true;
  }
  grown = renew(next.segments, reader_.segments()) || grown;
  grown = renew(next.media, reader_.media()) || grown;
  grown = renew(next.checkpoints, reader_.checkpoints()) || grown;
  if (const auto events = reader_.events(next.events.empty() ? 0 : next.events.back().id); events && !events->empty()) {
    next.events.insert(next.events.end(), events->begin(), events->end());
    grown = true;
  }
  return grown;
}

bool RecordTail::read_files(RunRecord& next) {
  bool grown = false;
  if (const FileStamp stamp = stamp_of(run_.environment()); stamp != environment_) {
    environment_ = stamp;
    next.environment.clear();
    if (const auto json = run_.read_environment()) {
      for (const auto& [key, value] : json->items()) next.environment[key] = value_text(value);
    }
    grown = true;
  }
  if (auto reports = list_reports(run_); reports != reports_) {
    reports_ = std::move(reports);
    next.evaluations.clear();
    for (const auto& [id, stamp] : reports_) {
      if (auto report = read_report(run_, id)) next.evaluations.push_back(std::move(*report));
    }
    grown = true;
  }
  return grown;
}

bool RecordTail::read_points(RunRecord& next, const std::atomic<bool>& stop) {
  bool grown = false;
  for (const auto& [name, info] : next.metrics) {
    PointLog& log = points_[name];
    bool more = true;
    while (more && !stop) {
      const auto points = reader_.points(name, log.cursor(), kPointsARead);
      more = points && points->size() == kPointsARead;
      if (!points || points->empty()) continue;
      log.append(*points);
      next.points[name] = log.series();
      grown = true;
    }
  }
  return grown;
}

bool RecordTail::advance(const std::atomic<bool>& stop) {
  if (std::chrono::steady_clock::now() < again_) return false;
  const FileStamp database = stamp_of(run_.database());
  const FileStamp log = stamp_of(run_.database().string() + "-wal");
  if (record_ && settled_ && database == database_ && log == log_ && list_reports(run_) == reports_) return false;
  if (database_.inode != 0 && database.inode != database_.inode) forget();
  database_ = database;
  log_ = log;
  settled_ = seconds_since_1970() - static_cast<double>(std::max(database.modified, log.modified)) * 1e-9 > kClockGrain;

  auto next = record_ ? std::make_shared<RunRecord>(*record_) : std::make_shared<RunRecord>();
  next->id = id_;
  bool grown = !record_;
  if (const auto metrics = reader_.metrics()) {
    grown = read_rows(*next, *metrics) || grown;
    grown = read_points(*next, stop) || grown;
  } else {
    settled_ = false;
    again_ = std::chrono::steady_clock::now() + kPause;
  }
  grown = read_files(*next) || grown;
  reader_.rest();
  if (grown) record_ = std::move(next);
  return grown;
}

}  // namespace mimir
