#include "widgets/panels/monitor/system_meter.h"

#include <unistd.h>

#include <QTimer>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/store/trainer_lock.h"

namespace mimir {
namespace {

constexpr int kEveryMs = 1000;
constexpr double kKibibyte = 1024;

/// Files of /proc have no size: they are read to their end.
std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The words of a line, as views into it.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    const auto end = line.find_first_of(" \t\n", begin);
    words.push_back(line.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos || line[end] == '\n') return words;
    line.remove_prefix(end);
  }
}

std::optional<std::uint64_t> whole(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<CpuTicks> parse_cpu(std::string_view stat) {
  const auto words = words_of(stat);
  if (words.size() < 6 || words[0] != "cpu") return std::nullopt;
  CpuTicks ticks;
  // user nice system idle iowait irq softirq steal; guest time is in user already.
  for (std::size_t i = 1; i < std::min<std::size_t>(words.size(), 9); ++i) {
    const auto value = whole(words[i]);
    if (!value) return std::nullopt;
    ticks.all += *value;
    if (i != 4 && i != 5) ticks.busy += *value;
  }
  for (auto line = stat.find("\ncpu"); line != std::string_view::npos; line = stat.find("\ncpu", line + 1)) ++ticks.threads;
  return ticks;
}

std::optional<MemoryUse> parse_memory(std::string_view meminfo) {
  const auto kibibytes = [&](std::string_view key) -> std::optional<double> {
    const auto at = meminfo.find(key);
    if (at == std::string_view::npos || (at > 0 && meminfo[at - 1] != '\n')) return std::nullopt;
    const auto words = words_of(meminfo.substr(at));
    const auto value = words.size() > 1 ? whole(words[1]) : std::nullopt;
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
  };
  const auto total = kibibytes("MemTotal:"), available = kibibytes("MemAvailable:");
  if (!total || !available) return std::nullopt;
  return MemoryUse{(*total - *available) * kKibibyte, *total * kKibibyte};
}

std::optional<ProcessUse> parse_process(std::string_view stat) {
  // The name, in brackets, may hold spaces and brackets.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  const auto words = words_of(stat.substr(name_end + 1));
  if (words.size() < 22) return std::nullopt;
  const auto user = whole(words[11]), system = whole(words[12]), pages = whole(words[21]);
  if (!user || !system || !pages) return std::nullopt;
  return ProcessUse{words[0].front(), *user + *system, static_cast<double>(*pages) * static_cast<double>(::sysconf(_SC_PAGESIZE))};
}

class SystemMeter::Reader : public QObject {
 public:
  Reader(SystemMeter& meter, std::filesystem::path workspace) : meter_(meter), workspace_(std::move(workspace)), timer_(this) {
    timer_.setInterval(kEveryMs);
    connect(&timer_, &QTimer::timeout, this, [this] { read(); });
  }

  void set_on(bool on) {
    if (!on) return timer_.stop();
    before_.reset();
    timer_.start();
    read();
  }
  void watch(std::optional<RunFolder> run) {
    run_ = std::move(run);
    trainer_before_.reset();
    if (timer_.isActive()) read();
  }

 private:
  void read() {
    SystemSample sample;
    const auto cpu = parse_cpu(content("/proc/stat"));
    std::optional<std::uint64_t> elapsed;  // ticks of all processors together
    if (cpu) {
      sample.threads = cpu->threads;
      if (before_ && cpu->all > before_->all) {
        elapsed = cpu->all - before_->all;
        sample.busy = static_cast<double>(cpu->busy - before_->busy) / static_cast<double>(*elapsed) * cpu->threads;
      }
    }
    before_ = cpu;
    sample.memory = parse_memory(content("/proc/meminfo"));
    read_trainer(sample, elapsed);
    std::error_code error;
    const auto space = std::filesystem::space(workspace_, error);
    if (!error) {
      sample.disk_free = static_cast<double>(space.available);
      sample.disk_total = static_cast<double>(space.capacity);
    }
    Q_EMIT meter_.sampled(sample);
  }

  void read_trainer(SystemSample& sample, std::optional<std::uint64_t> elapsed) {
    std::optional<std::int64_t> pid;
    if (run_) {
      const TrainerState trainer = inspect_trainer(*run_);
      if (trainer.held && trainer.info && trainer.info->host == host_name()) pid = trainer.info->pid;
    }
    const auto use = pid ? parse_process(content("/proc/" + std::to_string(*pid) + "/stat")) : std::nullopt;
    if (use) {
      sample.trainer_memory = use->memory;
      if (trainer_before_ && elapsed && pid_ == pid && use->ticks >= *trainer_before_) {
        sample.trainer_busy = static_cast<double>(use->ticks - *trainer_before_) / static_cast<double>(*elapsed) * sample.threads;
      }
    }
    pid_ = pid;
    trainer_before_ = use ? std::optional(use->ticks) : std::nullopt;
  }

  SystemMeter& meter_;  // outlives the thread
  const std::filesystem::path workspace_;
  QTimer timer_;
  std::optional<RunFolder> run_;
  std::optional<CpuTicks> before_;
  std::optional<std::int64_t> pid_;
  std::optional<std::uint64_t> trainer_before_;
};

SystemMeter::SystemMeter(std::filesystem::path workspace, QObject* parent) : QObject(parent), reader_(new Reader(*this, std::move(workspace))) {
  qRegisterMetaType<SystemSample>();
  reader_->moveToThread(&thread_);
  connect(&thread_, &QThread::finished, reader_, &QObject::deleteLater);
  thread_.setObjectName(QStringLiteral("system meter"));
  thread_.start(QThread::LowPriority);
}

SystemMeter::~SystemMeter() {
  thread_.quit();
  thread_.wait();
}

void SystemMeter::set_on(bool on) {
  QMetaObject::invokeMethod(reader_, [reader = reader_, on] { reader->set_on(on); }, Qt::QueuedConnection);
}

void SystemMeter::watch(std::optional<RunFolder> run) {
  QMetaObject::invokeMethod(reader_, [reader = reader_, run = std::move(run)] { reader->watch(run); }, Qt::QueuedConnection);
}

}  // namespace mimir
