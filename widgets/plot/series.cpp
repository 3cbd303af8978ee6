#include "widgets/plot/series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mimir {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

RunSeries::RunSeries(std::span<const Point> points, std::span<const SegmentRow> segments) {
  segments_.assign(segments.begin(), segments.end());
  append(points);
}

void RunSeries::append(std::span<const Point> points) {
  const std::size_t wanted = values_.size() + points.size();
  if (wanted > values_.capacity()) {
    const std::size_t room = std::max(wanted, values_.size() * 2);
    steps_.reserve(room);
    times_.reserve(room);
    values_.reserve(room);
    if (smoothing_ > 0) smoothed_.reserve(room);
  }
  for (const Point& point : points) {
    if (parts_.empty() || parts_.back().segment != point.segment) begin_segment(point);
    push(point);
  }
  pyramid_.extend(values_);
  if (smoothing_ > 0) smoothed_pyramid_.extend(smoothed_);
}

void RunSeries::set_segments(std::span<const SegmentRow> segments) {
  std::vector<Point> all = replaced_;
  for (std::size_t i = 0; i < size(); ++i) all.push_back(point(i));
  std::stable_sort(all.begin(), all.end(), [](const Point& a, const Point& b) {
    return a.segment != b.segment ? a.segment < b.segment : a.step < b.step;
  });
  RunSeries again;
  again.steps_per_epoch_ = steps_per_epoch_;
  again.images_per_step_ = images_per_step_;
  again.smoothing_ = smoothing_;
  again.segments_.assign(segments.begin(), segments.end());
  again.append(all);
  *this = std::move(again);
  // A segment that has recorded nothing yet has already replaced the tail before it.
  if (parts_.empty()) return;
  const auto own = std::find_if(segments_.begin(), segments_.end(),
                                [&](const SegmentRow& row) { return row.id == parts_.back().segment; });
  if (own == segments_.end()) return;
  for (const SegmentRow& row : segments_) {
    if (row.id > own->id && row.stage == own->stage) {
      cut(static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), row.first_step) - steps_.begin()));
    }
  }
}

void RunSeries::set_pace(double steps_per_epoch, double images_per_step) {
  steps_per_epoch_ = steps_per_epoch;
  images_per_step_ = images_per_step;
}

void RunSeries::set_smoothing(double beta) {
  beta = std::clamp(beta, 0.0, 0.9999);
  if (beta == smoothing_) return;
  smoothing_ = beta;
  smoothed_.clear();
  smoothed_pyramid_ = {};
  if (smoothing_ == 0) return;
  smooth_from(0);
  smoothed_pyramid_.extend(smoothed_);
}

void RunSeries::begin_segment(const Point& first) {
  std::int64_t from = first.step;
  const auto row = std::find_if(segments_.begin(), segments_.end(),
                                [&](const SegmentRow& segment) { return segment.id == first.segment; });
  if (row != segments_.end()) from = std::min(from, row->first_step);
  if (!parts_.empty()) {
    offsets_.push_back({first.segment, pause_before(first.segment) + (row == segments_.end() ? first.time - latest_ : 0)});
    cut(static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), from) - steps_.begin()));
  } else {
    offsets_.push_back({first.segment, row == segments_.end() ? first.time : pause_before(first.segment)});
  }
  parts_.push_back({first.segment, size(), size()});
  mean_ = 0;
  weight_ = 1;
}

/// What the rows say; without rows what is known of the segment before.
double RunSeries::pause_before(std::int32_t segment) const {
  const auto own = std::find_if(segments_.begin(), segments_.end(), [&](const SegmentRow& row) { return row.id == segment; });
  if (own == segments_.end()) return offsets_.empty() ? 0 : offsets_.back().seconds;
  double offset = segments_.front().started;
  for (auto row = segments_.begin(); row != own; ++row) {
    // Without an end its trainer died: then the last sign of life is the newest point.
    const double ended = row->ended.value_or(latest_ > row->started ? latest_ : row->started);
    offset += std::max(0.0, (row + 1)->started - std::min(ended, (row + 1)->started));
  }
  return offset;
}

void RunSeries::push(const Point& point) {
  const auto index = static_cast<std::uint32_t>(size());
  steps_.push_back(point.step);
  times_.push_back(times_.empty() ? point.time : std::max(point.time, times_.back()));
  values_.push_back(point.value);
  latest_ = std::max(latest_, point.time);
  parts_.back().end = size();
  if (point.value == -std::numeric_limits<double>::infinity()) {
    below_.push_back(index);
  } else if (!std::isfinite(point.value)) {
    above_.push_back(index);
  } else if (point.value <= 0) {
    ++not_positive_;
  }
  if (smoothing_ > 0) smooth_from(index);
}

/// Moves the points from `size` on to the replaced ones.
void RunSeries::cut(std::size_t size) {
  if (size >= values_.size()) return;
  for (std::size_t i = size; i < values_.size(); ++i) {
    replaced_.push_back(point(i));
    if (std::isfinite(values_[i]) && values_[i] <= 0) --not_positive_;
  }
  steps_.resize(size);
  times_.resize(size);
  values_.resize(size);
  if (smoothing_ > 0) smoothed_.resize(size);
  pyramid_.truncate(size);
  smoothed_pyramid_.truncate(size);
  for (auto* problems : {&above_, &below_}) {
    while (!problems->empty() && problems->back() >= size) problems->pop_back();
  }
  while (!parts_.empty() && parts_.back().begin >= size) parts_.pop_back();
  if (!parts_.empty()) parts_.back().end = std::min(parts_.back().end, size);
}

void RunSeries::smooth_from(std::size_t begin) {
  auto part = std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return begin < p.end; });
  smoothed_.resize(size());
  for (std::size_t i = begin; i < size(); ++i) {
    while (part + 1 != parts_.end() && i >= part->end) ++part;
    if (i == part->begin) {
      mean_ = 0;
      weight_ = 1;
    }
    if (!std::isfinite(values_[i])) {
      smoothed_[i] = kNaN;
      continue;
    }
    mean_ = smoothing_ * mean_ + (1 - smoothing_) * values_[i];
    weight_ *= smoothing_;
    smoothed_[i] = mean_ / (1 - weight_);
  }
}

Point RunSeries::point(std::size_t index) const {
  const auto part = std::upper_bound(parts_.begin(), parts_.end(), index,
                                     [](std::size_t i, const Part& p) { return i < p.end; });
  return {part->segment, steps_[index], times_[index], values_[index]};
}

double RunSeries::x(std::size_t index, XKind kind) const {
  switch (kind) {
    case XKind::step: return static_cast<double>(steps_[index]);
    case XKind::epoch: return static_cast<double>(steps_[index]) / steps_per_epoch_;
    case XKind::images: return static_cast<double>(steps_[index]) * images_per_step_;
    case XKind::wall_clock: return times_[index];
    case XKind::since_start: break;
  }
  return x(point(index), kind);
}

double RunSeries::x(const Point& point, XKind kind) const {
  switch (kind) {
    case XKind::step: return static_cast<double>(point.step);
    case XKind::epoch: return static_cast<double>(point.step) / steps_per_epoch_;
    case XKind::images: return static_cast<double>(point.step) * images_per_step_;
    case XKind::wall_clock: return point.time;
    case XKind::since_start: break;
  }
  for (const Offset& offset : offsets_) {
    if (offset.segment == point.segment) return point.time - offset.seconds;
  }
  return point.time;
}

double RunSeries::x_of_step(std::int64_t step, XKind kind) const {
  if (kind == XKind::step || kind == XKind::epoch || kind == XKind::images || empty()) return x(Point{0, step, 0, 0}, kind);
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), step);
  return x(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, after - steps_.begin() - 1)), kind);
}

/// Steps that double, then a binary search between the last two. `at` is x by position.
template <typename At>
std::size_t RunSeries::search(std::size_t from, double wanted, At at) const {
  std::size_t low = from, high = from, stride = 1;
  while (high < size() && at(high) < wanted) {
    low = high + 1;
    high += stride;
    stride *= 2;
  }
  high = std::min(high, size());
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (at(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

std::size_t RunSeries::first_at_or_after(double wanted, XKind kind, std::size_t from) const {
  const auto by_step = [&](double factor) {
    return search(from, wanted, [this, factor](std::size_t i) { return static_cast<double>(steps_[i]) * factor; });
  };
  switch (kind) {
    case XKind::step: return by_step(1);
    case XKind::images: return by_step(images_per_step_);
    case XKind::wall_clock: return search(from, wanted, [this](std::size_t i) { return times_[i]; });
    case XKind::epoch:
    case XKind::since_start: break;
  }
  return search(from, wanted, [this, kind](std::size_t i) { return x(i, kind); });
}

std::optional<std::size_t> RunSeries::nearest(double wanted, XKind kind) const {
  if (empty() || wanted < x(0, kind) || wanted > x(size() - 1, kind)) return std::nullopt;
  const std::size_t after = first_at_or_after(wanted, kind);
  if (after == 0) return after;
  if (after == size()) return after - 1;
  return x(after, kind) - wanted < wanted - x(after - 1, kind) ? after : after - 1;
}

std::optional<std::pair<std::size_t, std::size_t>> RunSeries::problems(std::size_t begin, std::size_t end) const {
  std::optional<std::pair<std::size_t, std::size_t>> found;
  for (const auto* list : {&above_, &below_}) {
    const auto first = std::lower_bound(list->begin(), list->end(), begin);
    if (first == list->end() || *first >= end) continue;
    const std::size_t last = *(std::lower_bound(first, list->end(), end) - 1);
    found = found ? std::pair{std::min<std::size_t>(found->first, *first), std::max(found->second, last)}
                  : std::pair<std::size_t, std::size_t>{*first, last};
  }
  return found;
}

Extremes RunSeries::smoothed_extremes(std::size_t begin, std::size_t end) const {
  return smoothing_ > 0 ? smoothed_pyramid_.query(smoothed_, begin, end) : extremes(begin, end);
}

}  // namespace mimir
