#include "core/store/run_writer_thread.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <iterator>

#include "core/store/clock.h"
#include "core/store/run_database.h"

namespace mimir {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};
constexpr std::chrono::seconds kSealPatience{3};

/// Resident memory of this process, MiB.
double resident_memory() {
  const Descriptor file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  char text[128] = {};
  if (!file.ok() || ::read(file.get(), text, sizeof text - 1) <= 0) return 0;
  long long total = 0, resident = 0;
  if (std::sscanf(text, "%lld %lld", &total, &resident) != 2) return 0;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// "2026-07-30 17:21:55.123 +0200  warning  text"; further lines of the text are indented.
void append_line(std::string& out, const store::LogLine& line) {
  const auto seconds = static_cast<std::time_t>(std::floor(line.time));
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char date[32], zone[8];
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &parts);
  std::strftime(zone, sizeof zone, "%z", &parts);
  const int milliseconds = std::min(999, static_cast<int>((line.time - static_cast<double>(seconds)) * 1000));
  out += fmt::format("{}.{:03d} {}  {:<7}  ", date, milliseconds, zone, store::level_name(line.level));
  for (const char c : line.text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  out += '\n';
}

}  // namespace

RunWriter::Thread::Thread(RunWriter& writer) : writer_(writer) {}
RunWriter::Thread::~Thread() = default;

void RunWriter::Thread::run(const std::vector<std::string>& stages, std::promise<Expected<void>>& opened) {
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the main thread's

  auto ready = open(stages);
  const bool ok = ready.has_value();
  opened.set_value(std::move(ready));  // stages and opened may be gone from here on
  if (!ok) return;
  next_commit_ = Clock::now() + writer_.options_.commit_every;
  next_heartbeat_ = Clock::now();
  while (turn()) {
  }
  if (auto sealed = database_->seal(kSealPatience); !sealed) report(sealed.error());
}

Expected<void> RunWriter::Thread::open(const std::vector<std::string>& stages) {
  auto database = store::RunDatabase::open(writer_.run_.database(), stages, writer_.options_.lock_timeout);
  if (!database) return pass_on(database);
  database_ = std::move(*database);
  auto metrics = database_->metrics();
  if (!metrics) return pass_on(metrics);
  const auto segment = database_->next_segment();
  if (!segment) return tl::unexpected<Error>(segment.error());
  const auto path = writer_.run_.log();
  log_file_ = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!log_file_.ok()) return fail(ErrorCode::storage, "{} cannot be written: {}", path.string(), storage_reason(errno));

  const std::lock_guard lock(writer_.mutex_);
  for (const auto& [name, id] : *metrics) {
    writer_.metric_ids_.emplace(name, id);
    writer_.next_metric_ = std::max(writer_.next_metric_, id + 1);
  }
  writer_.next_segment_ = *segment;
  return {};
}

bool RunWriter::Thread::turn() {
  std::vector<store::LogLine> lines;
  std::uint64_t ticket = 0;
  bool closing = false;
  {
    std::unique_lock lock(writer_.mutex_);
    writer_.wake_.wait_until(lock, std::min(next_commit_, next_heartbeat_),
                             [&] {
                               return writer_.stop_ || writer_.flush_wanted_ > writer_.flush_tried_ ||
                                      writer_.incoming_.points.size() >= writer_.options_.queue_limit;
                             });
    take(writer_.incoming_);
    lines.swap(writer_.log_);
    progress_ = writer_.progress_;
    ticket = writer_.flush_wanted_;
    closing = writer_.stop_;
  }
  writer_.written_.notify_all();  // the queue has room
  write_log(lines);

  const bool asked = closing || ticket > writer_.flush_tried_;  // only this thread changes flush_tried_
  const bool beat = Clock::now() >= next_heartbeat_ || asked;  // asked: something must reach the disk to wait for
  bool committed = true;
  if (beat || !pending_.empty()) {
    const store::Heartbeat heartbeat{seconds_since_1970(), progress_, resident_memory()};
    auto written = database_->write(pending_, beat ? &heartbeat : nullptr, asked);
    committed = written.has_value();
    if (committed) {
      pending_.jobs.clear();
      pending_.points.clear();
    } else {
      report(written.error());
    }
    if (beat) next_heartbeat_ = Clock::now() + writer_.options_.heartbeat_every;
  }
  const auto pause = committed ? writer_.options_.commit_every : std::chrono::milliseconds(kRetryAfter);
  next_commit_ = Clock::now() + pause;
  if (!committed) next_heartbeat_ = std::max(next_heartbeat_, next_commit_);

  {
    const std::lock_guard lock(writer_.mutex_);
    writer_.flush_tried_ = ticket;
    if (committed) writer_.flush_committed_ = ticket;
  }
  writer_.written_.notify_all();
  return !closing;
}

void RunWriter::Thread::take(store::Batch& incoming) {
  if (pending_.empty()) {
    std::swap(pending_, incoming);  // also hands the emptied buffers back, so nothing is allocated in the long run
    return;
  }
  std::move(incoming.jobs.begin(), incoming.jobs.end(), std::back_inserter(pending_.jobs));
  const std::size_t room = writer_.options_.queue_limit - std::min(writer_.options_.queue_limit, pending_.points.size());
  const auto kept = static_cast<std::ptrdiff_t>(std::min(room, incoming.points.size()));
  pending_.points.insert(pending_.points.end(), incoming.points.begin(), incoming.points.begin() + kept);
  incoming.jobs.clear();
  incoming.points.clear();
}

void RunWriter::Thread::write_log(std::vector<store::LogLine>& lines) {
  if (lines.empty()) return;
  std::string text;
  for (const store::LogLine& line : lines) append_line(text, line);
  if (const int error = write_all(log_file_.get(), text.data(), text.size())) {
    report({ErrorCode::storage, fmt::format("{} cannot be written: {}", writer_.run_.log().string(), storage_reason(error)), {}});
  }
}

void RunWriter::Thread::report(Error error) {
  {
    const std::lock_guard lock(writer_.mutex_);
    writer_.keep_failure(std::move(error));
  }
  writer_.written_.notify_all();
}

}  // namespace mimir
