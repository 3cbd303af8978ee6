#include "core/figure/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "core/figure/palette.h"
#include "core/figure/scale.h"
#include "core/figure/thin.h"

namespace mimir {
namespace {

constexpr double kPadding = 14;          // of the card
constexpr double kLeft = 64;             // room for tick labels and the axis label
constexpr std::size_t kNoisy = 120;      // points from which on a curve is smoothed
constexpr double kSmoothedShare = 0.012; // of a curve that the mean looks back over

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return !(low <= high); }
};

/// About what a sans-serif needs; a figure has no font metrics.
double text_width(std::string_view text, double size) {
  double width = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;  // inside a UTF-8 sequence
    const bool narrow = std::string_view("iljtfr.,:;!'|()[] ").find(c) != std::string_view::npos;
    width += narrow ? 0.38 : c >= 'A' && c <= 'Z' ? 0.72 : 0.62;
  }
  return width * size;
}

std::vector<Vec2> finite(const std::vector<Vec2>& points) {
  std::vector<Vec2> kept;
  std::copy_if(points.begin(), points.end(), std::back_inserter(kept), [](const Vec2& p) { return std::isfinite(p.y); });
  return kept;
}

std::optional<double> last_value(const Series& series) {
  for (auto part = series.parts.rbegin(); part != series.parts.rend(); ++part) {
    if (!part->empty()) return part->back().y;
  }
  return std::nullopt;
}

std::string value_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "NaN" : value > 0 ? "+inf" : "-inf";
  return fmt::format("{:.4g}", value);
}

class Painter {
 public:
  Painter(Figure& figure, const Plot& plot, const Box& card) : figure_(figure), plot_(plot), card_(card) {
    area_ = {card.x + kLeft, card.y + 62, card.width - kLeft - kPadding, card.height - 62 - 42};
    for (const Series& series : plot.series) {
      for (const auto& part : series.parts) {
        for (const Vec2& point : part) {
          x_range_.include(point.x);
          if (std::isfinite(point.y)) y_range_.include(point.y);
        }
      }
    }
    if (x_range_.empty()) x_range_ = {0, 1};
    if (x_range_.low == x_range_.high) x_range_ = {x_range_.low - 1, x_range_.high + 1};
    if (y_range_.empty()) y_range_ = {0, 1};
    pad_range(y_range_.low, y_range_.high);
    x_ = {x_range_.low, x_range_.high, area_.x, area_.right()};
    y_ = {y_range_.low, y_range_.high, area_.bottom(), area_.y};
  }

  void paint() {
    figure_.add(Rect{card_, palette::kSurface, {palette::kBorder}, 6});
    figure_.add(Text{{card_.x + kPadding, card_.y + 24}, plot_.title, 13, palette::kText, Anchor::start, Typeface::bold});
    legend();
    axes();
    for (const Series& series : plot_.series) curve(series);
    for (const Series& series : plot_.series) nonfinite(series);
  }

 private:
  void legend() {
    double x = card_.x + kPadding;
    const double y = card_.y + 44;
    for (const Series& series : plot_.series) {
      figure_.add(Line{{x, y - 4}, {x + 16, y - 4}, {series.colour, 2, series.dash}});
      x += 21;
      figure_.add(Text{{x, y}, series.label, 11, palette::kText2});
      x += text_width(series.label, 11) + 6;
      if (const auto last = last_value(series)) {
        const std::string value = value_text(*last);
        figure_.add(Text{{x, y}, value, 11, std::isfinite(*last) ? palette::kText3 : palette::kDanger, Anchor::start, Typeface::mono});
        x += static_cast<double>(value.size()) * 11 * 0.61;
      }
      x += 16;
    }
  }

  void axes() {
    const auto y_ticks = round_ticks(y_range_.low, y_range_.high, 5);
    const double y_step = y_ticks.size() > 1 ? y_ticks[1] - y_ticks[0] : 1;
    for (const double tick : y_ticks) {
      const double y = std::round(y_(tick)) + 0.5;  // on pixel centres, so that a line is one pixel
      figure_.add(Line{{area_.x, y}, {area_.right(), y}, {palette::kGrid}});
      figure_.add(Text{{area_.x - 6, y + 3}, tick_label(tick, y_step), 10, palette::kText3, Anchor::end, Typeface::mono});
    }
    const auto x_ticks = round_ticks(x_range_.low, x_range_.high, 6, /*whole=*/true);
    const double x_step = x_ticks.size() > 1 ? x_ticks[1] - x_ticks[0] : 1;
    const double base = std::round(area_.bottom()) + 0.5;
    figure_.add(Line{{area_.x, base}, {area_.right(), base}, {palette::kAxis}});
    for (const double tick : x_ticks) {
      const double x = std::round(x_(tick)) + 0.5;
      figure_.add(Line{{x, base}, {x, base + 4}, {palette::kAxis}});
      figure_.add(Text{{x, base + 15}, tick_label(tick, x_step), 10, palette::kText3, Anchor::middle, Typeface::mono});
    }
    figure_.add(Text{{(area_.x + area_.right()) / 2, card_.bottom() - 9}, plot_.x_label, 11, palette::kText3, Anchor::middle});
    figure_.add(Text{{card_.x + 15, (area_.y + area_.bottom()) / 2}, plot_.y_label, 11, palette::kText3, Anchor::middle, Typeface::sans, -90});
    for (const double at : plot_.breaks) {
      if (at <= x_range_.low || at >= x_range_.high) continue;
      const double x = std::round(x_(at)) + 0.5;
      figure_.add(Line{{x, area_.y}, {x, area_.bottom()}, {palette::kAxis, 1, "3 3"}});
      figure_.add(Text{{x + 4, area_.y + 9}, "resumed", 10, palette::kText3});
    }
  }

  void curve(const Series& series) {
    for (const auto& part : series.parts) {
      const auto points = finite(part);
      if (points.empty()) continue;
      const bool noisy = series.style == CurveStyle::noisy && points.size() >= kNoisy;
      line(points, {series.colour, noisy ? 1.0 : 1.8, series.dash, noisy ? palette::kRawOpacity : 1.0});
      if (noisy) {
        const double beta = 1 - 1 / std::max(5.0, kSmoothedShare * static_cast<double>(points.size()));
        line(smooth(points, beta), {series.colour, 1.8, series.dash});
      }
      if (series.style != CurveStyle::markers && points.size() > 1) continue;
      for (const Vec2& point : points) figure_.add(Circle{{x_(point.x), y_(point.y)}, 2.6, series.colour, {palette::kSurface, 1.5}});
    }
  }

  void line(const std::vector<Vec2>& points, Stroke stroke) {
    Polyline polyline{{}, std::move(stroke)};
    for (const Vec2& point : thin(points, x_range_.low, x_range_.high, static_cast<int>(area_.width))) {
      polyline.points.push_back({x_(point.x), y_(point.y)});
    }
    if (polyline.points.size() > 1) figure_.add(std::move(polyline));
  }

  /// A triangle a pixel column: at the top edge for NaN and +inf, at the bottom for -inf.
  void nonfinite(const Series& series) {
    double last_top = -1e9, last_bottom = -1e9;
    bool named = false;
    for (const auto& part : series.parts) {
      for (const Vec2& point : part) {
        if (std::isfinite(point.y)) continue;
        const double x = x_(point.x);
        const bool bottom = point.y < 0;
        double& last = bottom ? last_bottom : last_top;
        if (x - last < 3) continue;
        last = x;
        const double edge = bottom ? area_.bottom() : area_.y;
        const double tip = bottom ? edge - 8 : edge + 8;
        figure_.add(Polygon{{{x - 4.5, edge}, {x + 4.5, edge}, {x, tip}}, palette::kDanger});
        if (named) continue;
        named = true;
        const bool right = x > area_.x + area_.width * 0.7;
        const std::string text = fmt::format("{} at step {:.0f}", value_text(point.y), point.x);
        figure_.add(Text{{right ? x - 8 : x + 8, bottom ? edge - 2 : edge + 9}, text, 10, palette::kDanger, right ? Anchor::end : Anchor::start});
      }
    }
  }

  Figure& figure_;
  const Plot& plot_;
  const Box card_;
  Box area_;
  Range x_range_, y_range_;
  Scale x_, y_;
};

}  // namespace

void draw_plot(Figure& figure, const Plot& plot, const Box& box) { Painter(figure, plot, box).paint(); }

}  // namespace mimir
