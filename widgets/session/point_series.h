#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/store/run_rows.h"

namespace mimir {

/// The points of one metric as they stood at one moment. A value that is cheap to copy: copies and later states of the
/// same curve share one buffer, in which nothing that a series shows is ever written again. Contiguous; any thread.
class PointSeries {
 public:
  PointSeries() = default;
  explicit PointSeries(std::span<const Point> points) : buffer_(std::make_shared<Point[]>(points.size())), size_(points.size()) {
    std::copy(points.begin(), points.end(), buffer_.get());
  }

  const Point* data() const { return buffer_.get(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Point* begin() const { return data(); }
  const Point* end() const { return data() + size_; }
  const Point& operator[](std::size_t i) const { return data()[i]; }
  const Point& front() const { return data()[0]; }
  const Point& back() const { return data()[size_ - 1]; }
  operator std::span<const Point>() const { return {data(), size_}; }

 private:
  friend class PointLog;
  PointSeries(std::shared_ptr<Point[]> buffer, std::size_t size) : buffer_(std::move(buffer)), size_(size) {}

  std::shared_ptr<Point[]> buffer_;
  std::size_t size_ = 0;
};

/// The growing end of a PointSeries; one thread owns it. Appending copies the old points only when the buffer doubles.
class PointLog {
 public:
  PointLog() = default;
  PointLog(PointLog&&) noexcept = default;
  PointLog& operator=(PointLog&&) noexcept = default;
  PointLog(const PointLog&) = delete;  // two of them would write behind the same series

  void append(std::span<const Point> points) {
    if (size_ + points.size() > capacity_) grow(size_ + points.size());
    std::copy(points.begin(), points.end(), buffer_.get() + size_);
    size_ += points.size();
  }
  PointSeries series() const { return {buffer_, size_}; }
  PointCursor cursor() const { return size_ ? PointCursor{buffer_[size_ - 1].segment, buffer_[size_ - 1].step} : PointCursor{}; }

 private:
  void grow(std::size_t least) {
    capacity_ = std::max({least, 2 * capacity_, std::size_t(64)});
    auto larger = std::make_shared<Point[]>(capacity_);
    std::copy(buffer_.get(), buffer_.get() + size_, larger.get());
    buffer_ = std::move(larger);
  }

  std::shared_ptr<Point[]> buffer_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace mimir
