#include "app/mimir/console_observer.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "app/mimir/output.h"

namespace mimir {
namespace {

constexpr int kBarWidth = 24;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The metrics worth a place beside the bar, by the end of their names.
constexpr const char* kShown[] = {"/loss", "/information", "/natural_accuracy", "/robust_accuracy"};

}  // namespace

std::string format_duration(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

ConsoleObserver::ConsoleObserver(Observer& record, Style style) : record_(record), style_(style) {}

ConsoleObserver::~ConsoleObserver() { end_bar(); }

void ConsoleObserver::progress(const Progress& progress) {
  record_.progress(progress);
  if (style_ == Style::none) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const bool new_stage = progress.stage != stage_;
  const bool new_epoch = new_stage || progress.epoch != epoch_;
  const bool last = progress.step == progress.total;
  const auto wait = style_ == Style::bar ? std::chrono::milliseconds(100) : std::chrono::milliseconds(900);
  if (style_ == Style::json && new_stage) {
    print_json_line({{"event", "stage"}, {"time", now_seconds()}, {"stage", progress.stage}, {"total", progress.total}});
  }
  if (new_epoch || last || now - last_ >= wait) {
    if (style_ == Style::bar) draw_bar(progress);
    else print_progress(progress);
    last_ = now;
  }
  stage_ = progress.stage;
  epoch_ = progress.epoch;
}

void ConsoleObserver::scalar(std::string_view name, std::int64_t step, double value) {
  record_.scalar(name, step, value);
  const std::lock_guard lock(mutex_);
  const auto found = newest_.find(name);
  if (found != newest_.end()) found->second = value;
  else newest_.emplace(name, value);
}

void ConsoleObserver::picture(std::string_view stage, std::int64_t step, std::string_view what, std::string_view path) {
  record_.picture(stage, step, what, path);
}

void ConsoleObserver::message(Level level, std::string_view kind, std::string_view text) {
  record_.message(level, kind, text);
  if (level == Level::info) return;
  const std::lock_guard lock(mutex_);
  end_bar();
  fmt::print(stderr, "{}\n", text);
}

std::optional<double> ConsoleObserver::newest(const std::string& metric) const {
  const std::lock_guard lock(mutex_);
  const auto found = newest_.find(metric);
  return found == newest_.end() ? std::nullopt : std::optional(found->second);
}

void ConsoleObserver::draw_bar(const Progress& progress) {
  if (progress.stage != stage_) end_bar();
  const double share = progress.total > 0 ? static_cast<double>(progress.step) / static_cast<double>(progress.total) : 0;
  const int filled = static_cast<int>(share * kBarWidth);
  std::string line = fmt::format("{:<9} [{}{}] {:3.0f} %  step {}/{}  {:.0f} images/s", progress.stage, std::string(static_cast<std::size_t>(filled), '#'),
                                 std::string(static_cast<std::size_t>(kBarWidth - filled), '.'), 100 * share, progress.step,
                                 progress.total, progress.images_per_second);
  if (progress.eta_seconds) line += "  ETA " + format_duration(*progress.eta_seconds);
  for (const char* metric : kShown) {
    const auto found = newest_.find(progress.stage + metric);
    if (found != newest_.end()) line += fmt::format("  {} {:.4g}", metric + 1, found->second);
  }
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 && line.size() >= size.ws_col) line.resize(size.ws_col - 1u);
  fmt::print(stderr, "\r\033[K{}", line);
  std::fflush(stderr);
  bar_shown_ = true;
}

void ConsoleObserver::end_bar() {
  if (bar_shown_) fmt::print(stderr, "\n");
  bar_shown_ = false;
}

void ConsoleObserver::print_progress(const Progress& progress) {
  nlohmann::json line = {{"event", "progress"},      {"time", now_seconds()},
                         {"stage", progress.stage},  {"epoch", progress.epoch},
                         {"step", progress.step},    {"total", progress.total},
                         {"rate", progress.images_per_second}, {"eta", nullptr}};
  if (progress.eta_seconds) line["eta"] = *progress.eta_seconds;
  nlohmann::json metrics = nlohmann::json::object();
  for (const auto& [name, value] : newest_) {
    if (name.starts_with(progress.stage + "/")) metrics[name] = std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
  }
  line["metrics"] = std::move(metrics);
  print_json_line(line);
}

}  // namespace mimir
