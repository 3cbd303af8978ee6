#include "widgets/plot/thinning.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace mimir {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// x at the left edge of a column.
double edge(const LineView& view, int column) {
  const double part = static_cast<double>(column) / view.columns;
  return view.log_x ? view.low * std::pow(view.high / view.low, part) : view.low + part * (view.high - view.low);
}

class LineBuilder {
 public:
  LineBuilder(const RunSeries& series, SeriesLine line, const LineView& view) : series_(series), line_(line), view_(view) {}

  /// Points [begin, end) of one segment, with one more on either side of the view.
  void add_part(std::size_t begin, std::size_t end) {
    if (view_.log_x) begin = std::max(begin, series_.first_at_or_after(std::numeric_limits<double>::min(), view_.x));
    std::size_t from = std::clamp(series_.first_at_or_after(view_.low, view_.x), begin, std::max(begin, end));
    std::size_t to = std::clamp(series_.first_at_or_after(view_.high, view_.x) + 1, from, std::max(from, end));
    if (from > begin) --from;
    if (view_.columns <= 0 || to - from <= static_cast<std::size_t>(view_.columns) * 2) {
      for (std::size_t i = from; i < to; ++i) add(i);
    } else {
      for (int column = 0; column < view_.columns && from < to; ++column) {
        const std::size_t next =
            std::clamp(column + 1 == view_.columns ? to : series_.first_at_or_after(edge(view_, column + 1), view_.x, from), from, to);
        add_column(from, next);
        from = next;
      }
    }
    add_break();
  }

  std::vector<Vec2> take() { return std::move(points_); }

 private:
  double value(std::size_t index) const { return line_ == SeriesLine::raw ? series_.value(index) : series_.smoothed(index); }

  void add(std::size_t index) {
    const double y = value(index);
    if (!std::isfinite(y) || (view_.log_y && y <= 0)) add_break();
    else points_.push_back({series_.x(index, view_.x), y});
  }

  void add_break() {
    before_.reset();
    if (points_.empty() || std::isnan(points_.back().y)) return;
    // A point alone becomes a line of no length, which its caps make a dot.
    if (points_.size() == 1 || std::isnan(points_[points_.size() - 2].y)) points_.push_back(points_.back());
    points_.push_back({points_.back().x, kNaN});
  }

  void add_column(std::size_t begin, std::size_t end) {
    if (end - begin <= 4) {
      before_.reset();
      for (std::size_t i = begin; i < end; ++i) add(i);
      return;
    }
    if (const auto problems = series_.problems(begin, end)) {
      add_finite(begin, problems->first);
      add_break();
      // What lies between is of one column: apart from either side, the line in it shows its extremes.
      add_extremes(problems->first + 1, problems->second);
      add_break();
      add_finite(problems->second + 1, end);
      return;
    }
    add_finite(begin, end);
  }

  Extremes extremes(std::size_t begin, std::size_t end) const {
    return line_ == SeriesLine::raw ? series_.extremes(begin, end) : series_.smoothed_extremes(begin, end);
  }

  void add_extremes(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    const Extremes found = extremes(begin, end);
    const std::uint32_t lowest = view_.log_y ? found.lowest_positive : found.lowest;
    if (lowest == Extremes::kNone) return;
    add(std::min(lowest, found.highest));
    if (lowest != found.highest) add(std::max(lowest, found.highest));
  }

  void add_finite(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    const Extremes found = extremes(begin, end);
    const std::uint32_t lowest = view_.log_y ? found.lowest_positive : found.lowest;
    if (lowest == Extremes::kNone) {
      add_break();
      return;
    }
    const bool all = lowest == found.lowest;
    const double spread = view_.log_y ? std::log10(value(found.highest) / value(lowest)) : value(found.highest) - value(lowest);
    if (all && spread <= view_.tolerance) {
      before_.reset();
      add(begin);
      return;
    }
    // Where two columns overlap, the line between their extremes covers what leads from the last point of one to the
    // first of the other: half the strokes, the same pixels.
    const double low = value(lowest), high = value(found.highest);
    const bool joins = before_ && before_->low <= high && low <= before_->high;
    if (joins && before_->tail) points_.pop_back();
    std::array<std::size_t, 4> kept = {joins ? lowest : begin, lowest, found.highest, end - 1};
    std::sort(kept.begin(), kept.end());
    const auto last = std::unique(kept.begin(), kept.end());
    for (auto index = kept.begin(); index != last; ++index) add(*index);
    before_ = Column{low, high, end - 1 != lowest && end - 1 != found.highest};
    if (!all) add_break();  // values <= 0 in it
  }

  const RunSeries& series_;
  SeriesLine line_;
  const LineView& view_;
  std::vector<Vec2> points_;
  /// The column that was added last, with all that is in it.
  struct Column {
    double low, high;
    bool tail;  ///< its last point is none of the extremes
  };
  std::optional<Column> before_;
};

}  // namespace

std::vector<Vec2> visible_line(const RunSeries& series, SeriesLine line, const LineView& view) {
  LineBuilder builder(series, line, view);
  for (const RunSeries::Part& part : series.parts()) builder.add_part(part.begin, part.end);
  return builder.take();
}

std::size_t points_per_column(const RunSeries& series, const LineView& view) {
  const std::size_t points = series.first_at_or_after(view.high, view.x) - series.first_at_or_after(view.low, view.x);
  if (view.columns <= 0 || points <= static_cast<std::size_t>(view.columns) * 2) return 1;
  return points / static_cast<std::size_t>(view.columns);
}

std::vector<ProblemMark> visible_problems(const RunSeries& series, const LineView& view) {
  std::vector<ProblemMark> marks;
  for (const bool below : {false, true}) {
    const auto& list = below ? series.problems_below() : series.problems_above();
    auto at = std::lower_bound(list.begin(), list.end(), series.first_at_or_after(view.low, view.x));
    while (at != list.end()) {
      const double x = series.x(*at, view.x);
      if (x > view.high) break;
      auto next = at + 1;
      if (view.columns > 0) {
        const double part = view.log_x ? std::log(x / view.low) / std::log(view.high / view.low) : (x - view.low) / (view.high - view.low);
        const double right = edge(view, static_cast<int>(std::floor(part * view.columns)) + 1);
        next = std::max(next, std::lower_bound(at, list.end(), series.first_at_or_after(right, view.x)));
      }
      marks.push_back({x, below, static_cast<std::size_t>(next - at), *at, *(next - 1)});
      at = next;
    }
  }
  return marks;
}

}  // namespace mimir
