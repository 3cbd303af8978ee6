#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/store/run_rows.h"
#include "widgets/plot/extremes.h"

namespace mimir {

/// What a plot's x axis counts. Steps, epochs and images are of the stage.
enum class XKind {
  step,
  epoch,
  images,
  since_start,  ///< s of training: the gaps between segments are left out
  wall_clock,   ///< s since 1970
};

/// A metric's points of one run: raw, smoothed, and fast to look up at any zoom. A value; a copy shares nothing.
/// Points that a resume has replaced are kept apart. Times never fall: a clock that was set back stands still until it
/// has caught up.
class RunSeries {
 public:
  /// Points of one segment that are shown: [begin, end).
  struct Part {
    std::int32_t segment = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  RunSeries() = default;
  /// `points` in the order of segment and step, as the store gives them; `segments` of the run, also of other stages.
  explicit RunSeries(std::span<const Point> points, std::span<const SegmentRow> segments = {});

  /// Newer points, in the same order. The first one of a new segment replaces the older tail from its step on.
  void append(std::span<const Point> points);
  /// Where segments really began and how long they lasted.
  void set_segments(std::span<const SegmentRow> segments);
  /// Both > 0; needed for epochs and images. 1 and 1 at first.
  void set_pace(double steps_per_epoch, double images_per_step);
  /// beta in [0, 1): m = beta * m + (1 - beta) * v over finite values, shown as m / (1 - beta^n). 0: none.
  void set_smoothing(double beta);

  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  /// All points that were given, also the replaced ones.
  std::size_t recorded() const { return values_.size() + replaced_.size(); }
  const std::vector<Point>& replaced() const { return replaced_; }
  const std::vector<Part>& parts() const { return parts_; }

  Point point(std::size_t index) const;
  double value(std::size_t index) const { return values_[index]; }
  /// NaN where the value is not finite; the value itself without smoothing.
  double smoothed(std::size_t index) const { return smoothing_ > 0 ? smoothed_[index] : values_[index]; }
  double smoothing() const { return smoothing_; }

  double x(std::size_t index, XKind kind) const;
  double x(const Point& point, XKind kind) const;
  /// x of a step, which need not be recorded: of the point at or before it.
  double x_of_step(std::int64_t step, XKind kind) const;
  /// size() if there is none. `from`: a position that is known not to be behind it, near which the search is fast.
  std::size_t first_at_or_after(double x, XKind kind, std::size_t from = 0) const;
  /// The point nearest to x; none where x lies outside of the series.
  std::optional<std::size_t> nearest(double x, XKind kind) const;

  /// Positions of NaN and +infinity, and of -infinity; both rise.
  const std::vector<std::uint32_t>& problems_above() const { return above_; }
  const std::vector<std::uint32_t>& problems_below() const { return below_; }
  /// First and last of all values in [begin, end) that are not finite.
  std::optional<std::pair<std::size_t, std::size_t>> problems(std::size_t begin, std::size_t end) const;
  /// Finite values <= 0: a logarithmic axis cannot show them.
  std::size_t not_positive() const { return not_positive_; }

  Extremes extremes(std::size_t begin, std::size_t end) const { return pyramid_.query(values_, begin, end); }
  Extremes smoothed_extremes(std::size_t begin, std::size_t end) const;

 private:
  void begin_segment(const Point& first);
  void push(const Point& point);
  void cut(std::size_t size);
  void smooth_from(std::size_t begin);
  double pause_before(std::int32_t segment) const;
  template <typename At>
  std::size_t search(std::size_t from, double wanted, At at) const;

  std::vector<std::int64_t> steps_;
  std::vector<double> times_;
  std::vector<double> values_;
  std::vector<double> smoothed_;
  std::vector<Part> parts_;
  std::vector<Point> replaced_;
  std::vector<std::uint32_t> above_;
  std::vector<std::uint32_t> below_;
  std::size_t not_positive_ = 0;
  ExtremePyramid pyramid_;
  ExtremePyramid smoothed_pyramid_;

  std::vector<SegmentRow> segments_;
  /// What is taken off the time of a segment's points, s.
  struct Offset {
    std::int32_t segment;
    double seconds;
  };
  std::vector<Offset> offsets_;
  double latest_ = 0;  ///< time of the newest point, replaced or not

  double steps_per_epoch_ = 1;
  double images_per_step_ = 1;
  double smoothing_ = 0;
  double mean_ = 0;    ///< m
  double weight_ = 1;  ///< beta^n
};

}  // namespace mimir
