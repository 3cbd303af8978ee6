#include "core/store/run_writer.h"

#include <stdexcept>

#include "core/store/clock.h"
#include "core/store/run_writer_thread.h"

namespace mimir {

Expected<std::unique_ptr<RunWriter>> RunWriter::open(const RunFolder& run, const std::vector<std::string>& stages, RunWriterOptions options) {
  std::unique_ptr<RunWriter> writer(new RunWriter(run, options));
  std::promise<Expected<void>> opened;
  auto result = opened.get_future();
  writer->thread_ = std::thread([raw = writer.get(), &stages, &opened] { Thread(*raw).run(stages, opened); });
  if (auto ready = result.get(); !ready) {
    writer->thread_.join();
    return pass_on(ready);
  }
  return writer;
}

RunWriter::~RunWriter() { static_cast<void>(close()); }  // failure() was there to ask

void RunWriter::progress(const Progress& progress) {
  const std::lock_guard lock(mutex_);
  progress_ = progress;
}

void RunWriter::scalar(std::string_view name, std::int64_t step, double value) {
  const double now = seconds_since_1970();
  std::unique_lock lock(mutex_);
  const std::int32_t metric = find_or_add_metric(name);
  if (metric == 0 || stop_) return;
  if (segment_ == 0) {
    keep_failure({ErrorCode::defect, fmt::format("a point of {} came outside a segment and was dropped", name), {}});
    return;
  }
  if (incoming_.points.size() >= options_.queue_limit) {
    wake_.notify_one();
    written_.wait(lock, [&] { return incoming_.points.size() < options_.queue_limit || failure_; });
    if (incoming_.points.size() >= options_.queue_limit) return;  // failed: there is nowhere to put it
  }
  incoming_.points.push_back({metric, segment_, step, now, value});
}

std::int32_t RunWriter::find_or_add_metric(std::string_view name) {
  if (const auto found = metric_ids_.find(name); found != metric_ids_.end()) return found->second;
  std::int32_t id = 0;
  try {
    MetricInfo info = metric_info(name);
    id = next_metric_++;
    incoming_.jobs.push_back(store::NewMetric{id, std::move(info)});
  } catch (const std::logic_error& error) {
    keep_failure({ErrorCode::defect, error.what(), {}});
  }
  metric_ids_.emplace(name, id);
  return id;
}

void RunWriter::picture(std::string_view stage, std::int64_t step, std::string_view what, std::string_view path) {
  const std::lock_guard lock(mutex_);
  incoming_.jobs.push_back(store::MediaJob{std::string(stage), step, std::string(what), std::string(path)});
}

void RunWriter::message(Level level, std::string_view kind, std::string_view text) {
  const double now = seconds_since_1970();
  const std::lock_guard lock(mutex_);
  const std::int64_t step = progress_ && progress_->stage == stage_ ? progress_->step : 0;
  incoming_.jobs.push_back(store::EventJob{now, stage_, step, std::string(kind), level, std::string(text)});
  log_.push_back({now, level, std::string(text)});
}

std::int32_t RunWriter::begin_segment(std::string_view stage, std::int64_t first_step, std::int64_t total) {
  const double now = seconds_since_1970();
  const std::lock_guard lock(mutex_);
  end_open_segment(SegmentState::finished, std::nullopt);
  segment_ = next_segment_++;
  stage_ = stage;
  incoming_.jobs.push_back(store::BeginSegment{segment_, stage_, first_step, total, now});
  log_.push_back({now, Level::info, fmt::format("stage {} begins at step {} of {}", stage, first_step, total)});
  return segment_;
}

void RunWriter::set_state(SegmentState state) {
  const std::lock_guard lock(mutex_);
  if (segment_ != 0) incoming_.jobs.push_back(store::SegmentChange{segment_, segment_state_name(state)});
}

void RunWriter::end_segment(SegmentState state, const std::optional<Error>& why) {
  const std::lock_guard lock(mutex_);
  end_open_segment(state, why);
}

void RunWriter::end_open_segment(SegmentState state, const std::optional<Error>& why) {
  if (segment_ == 0) return;
  const double now = seconds_since_1970();
  store::EndSegment job{segment_, stage_, segment_state_name(state), {}, {}, now};
  std::string line = fmt::format("stage {}: {}", stage_, job.state);
  if (why) {
    job.code = error_code_name(why->code);
    job.reason = why->message;
    line += ": " + why->message;
  }
  log_.push_back({now, state == SegmentState::failed ? Level::error : Level::info, std::move(line)});
  incoming_.jobs.push_back(std::move(job));
  segment_ = 0;
  stage_.clear();
}

void RunWriter::checkpoint(std::string_view stage, std::int64_t step, std::string_view kind, std::string_view path) {
  const std::lock_guard lock(mutex_);
  incoming_.jobs.push_back(store::CheckpointJob{std::string(stage), step, std::string(kind), std::string(path)});
}

void RunWriter::log(Level level, std::string_view text) {
  const double now = seconds_since_1970();
  const std::lock_guard lock(mutex_);
  log_.push_back({now, level, std::string(text)});
}

Expected<void> RunWriter::flush() {
  std::unique_lock lock(mutex_);
  if (!stop_) {
    const std::uint64_t ticket = ++flush_wanted_;
    wake_.notify_one();
    written_.wait(lock, [&] { return flush_tried_ >= ticket; });
    if (flush_committed_ >= ticket) return {};
  }
  if (failure_) return tl::unexpected<Error>(*failure_);
  return {};
}

Expected<void> RunWriter::close() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (const auto failed = failure()) return tl::unexpected<Error>(*failed);
  return {};
}

std::optional<Error> RunWriter::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void RunWriter::keep_failure(Error error) {
  if (!failure_) failure_ = std::move(error);
}

}  // namespace mimir
