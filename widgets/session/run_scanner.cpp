#include "widgets/session/run_scanner.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "widgets/format.h"

namespace mimir {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 250ms;             // between two looks at the watched runs
constexpr int kTicksARefresh = 4;         // between two looks at unfinished runs and at the folder
constexpr int kTicksAFullList = 40;       // a folder may become a run without its parent changing
constexpr auto kSlice = 60ms;             // of reading, before questions are answered
constexpr auto kPublishAtMost = 250ms;    // between two changes of the list while it is read
constexpr std::size_t kLooksARefresh = 500;  // finished runs whose files are looked at
constexpr std::uint64_t kFreeGrain = 10'000'000;  // bytes

}  // namespace

RunScanner::RunScanner(Workspace workspace, const std::atomic<bool>& stop)
    : workspace_(std::move(workspace)), stop_(stop), ticks_(this), reading_(this) {
  connect(&ticks_, &QTimer::timeout, this, &RunScanner::tick);
  connect(&reading_, &QTimer::timeout, this, &RunScanner::read_on);
}

void RunScanner::start() {
  ticks_.start(kTick);
  list();
  check_health();
  read_on();
}

void RunScanner::tick() {
  if (stop_) return;
  tail();
  if (++count_ % kTicksARefresh != 0) return;
  if (count_ % kTicksAFullList == 0 || !list_problem_.isEmpty() || stamp_of(workspace_.runs()) != listed_) list();
  check_health();
  for (auto& [path, known] : known_) {
    if (stop_) return;
    const bool unread = known.entry && !known.entry->problem.empty() && count_ % kTicksAFullList == 0;  // it may have been locked
    if (known.read && (known.active || known.again || unread)) refresh(known);
  }
  // The finished ones in turn.
  auto at = known_.upper_bound(looked_at_);
  for (std::size_t looks = std::min(kLooksARefresh, known_.size()); looks > 0 && !stop_; --looks, ++at) {
    if (at == known_.end()) at = known_.begin();
    looked_at_ = at->first;
    if (at->second.read && !at->second.active && stamp_of(at->second.folder) != at->second.stamp) refresh(at->second);
  }
  if (waiting_.empty()) publish();
}

void RunScanner::list() {
  const FileStamp stamp = stamp_of(workspace_.runs());
  std::map<std::string, RunFolder> found;
  std::error_code error;
  std::filesystem::directory_iterator entries(workspace_.runs(), std::filesystem::directory_options::skip_permission_denied, error);
  for (const std::filesystem::directory_iterator end; !error && !stop_ && entries != end; entries.increment(error)) {
    const auto& path = entries->path();
    if (path.filename().string().starts_with(".")) continue;
    if (known_.contains(path.string())) {
      if (std::filesystem::is_directory(path, error)) found.emplace(path.string(), RunFolder(path));
    } else if (const auto run = RunFolder::open(path)) {
      found.emplace(path.string(), *run);
    }
  }
  if (stop_) return;
  // Not as if all runs were gone: a disk that cannot be read for a moment is said, and tried again.
  if (error && error != std::errc::no_such_file_or_directory) {
    list_problem_ = tr("The runs in %1 cannot be listed: %2. It is tried again every second.").arg(QString::fromStdString(workspace_.runs().string()), QString::fromStdString(error.message()));
    return;
  }
  list_problem_.clear();
  listed_ = stamp;

  for (auto known = known_.begin(); known != known_.end();) {
    if (found.contains(known->first)) {
      ++known;
      continue;
    }
    if (known->second.read) change_->gone.push_back(known->second.id);
    tails_.erase(known->second.id);
    paths_.erase(known->second.id.toStdString());
    known = known_.erase(known);
  }
  std::vector<std::string> fresh;
  for (const auto& [path, folder] : found) {
    if (known_.contains(path)) continue;
    // A copied folder ends in the same letters; its whole name tells it apart.
    std::string id = folder.id();
    if (!paths_.try_emplace(id, path).second) {
      id = folder.path().filename().string();
      paths_[id] = path;
    }
    known_.emplace(path, Known{folder, QString::fromStdString(id), {}, false, false, false, nullptr});
    fresh.push_back(path);
  }
  waiting_.insert(waiting_.begin(), fresh.rbegin(), fresh.rend());
  if (!waiting_.empty() || !complete_) reading_.start(0ms);
}

void RunScanner::read_on() {
  const auto begun = Clock::now();
  while (!waiting_.empty() && !stop_ && Clock::now() - begun < kSlice) {
    const auto known = known_.find(waiting_.front());
    waiting_.pop_front();
    if (known != known_.end()) refresh(known->second);
  }
  if (stop_) return;
  if (waiting_.empty()) {
    reading_.stop();
    change_->complete = !complete_;
    complete_ = true;
  }
  if (waiting_.empty() || Clock::now() - published_ >= kPublishAtMost) publish();
}

void RunScanner::refresh(Known& known) {
  const RunStamp before = stamp_of(known.folder);
  auto entry = std::make_shared<RunEntry>(read_entry(known.folder, known.id));
  // Reading may itself touch the folder (an index beside run.db), so the stamp is taken after it; a change that came
  // between is caught by looking once more.
  known.stamp = stamp_of(known.folder);
  known.again = known.stamp != before && !known.again;
  known.active = unfinished(*entry);
  if (known.read && same_entry(*entry, *known.entry)) return;
  known.read = true;
  entry->revision = ++revision_;
  known.entry = std::move(entry);
  std::erase_if(change_->entries, [&](const RunEntry& other) { return other.id == known.id; });
  change_->entries.push_back(*known.entry);
}

void RunScanner::look_again() {
  list();
  for (auto& [path, known] : known_) {
    if (stop_) return;
    if (known.read && (known.active || stamp_of(known.folder) != known.stamp)) refresh(known);
  }
  check_health();
  tail();
  publish();
}

void RunScanner::check_health() {
  // A workspace that is not there yet is made with its first run, in the nearest folder that is.
  std::error_code error;
  std::filesystem::path folder = std::filesystem::exists(workspace_.runs(), error) ? workspace_.runs() : workspace_.path();
  while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  WorkspaceHealth health{.writable = true, .free = {}, .problem = list_problem_};
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) == 0) {
    const std::uint64_t free = std::uint64_t(disk.f_bavail) * disk.f_frsize;
    if (free < WorkspaceHealth::kLowBytes && disk.f_blocks > 0) health.free = free / kFreeGrain * kFreeGrain;
    health.writable = (disk.f_flag & ST_RDONLY) == 0;
  }
  health.writable = health.writable && ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
  if (health == health_) return;
  health_ = health;
  Q_EMIT health_read(health);
}

void RunScanner::publish() {
  published_ = Clock::now();
  if (change_->entries.empty() && change_->gone.isEmpty() && !change_->complete) return;
  Q_EMIT runs_read(std::exchange(change_, std::make_shared<RunsChange>()));
}

void RunScanner::watch(const QStringList& ids) {
  watched_ = ids;
  std::erase_if(tails_, [&](const auto& tail) { return !ids.contains(tail.first); });
  tail();
}

void RunScanner::tail() {
  for (const QString& id : watched_) {
    if (stop_) return;
    auto at = tails_.find(id);
    if (at == tails_.end()) {
      const auto path = paths_.find(id.toStdString());
      if (path == paths_.end()) continue;
      at = tails_.emplace(id, RecordTail(known_.at(path->second).folder, id)).first;
    }
    if (at->second.advance(stop_)) Q_EMIT record_read(id, at->second.record());
  }
}

void RunScanner::annotate(const QString& id, const std::function<void(Annotations&)>& change) {
  const auto path = paths_.find(id.toStdString());
  if (path == paths_.end()) {
    Q_EMIT failed(tr("Run %1 is no longer there, so it cannot be changed.").arg(id));
    return;
  }
  Known& known = known_.at(path->second);
  if (const auto changed = change_annotations(known.folder, change); !changed) {
    Q_EMIT failed(sentence_text(changed.error().message));
    return;
  }
  refresh(known);
  publish();
}

}  // namespace mimir
