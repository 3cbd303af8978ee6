#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace mimir {

// A figure as a value: shapes in the order in which they are painted, in pixels from the upper left corner.
// Colours are "#rrggbb"; an empty colour paints nothing.

struct Vec2 {
  double x = 0;
  double y = 0;
};

struct Stroke {
  std::string colour = {};
  double width = 1;
  std::string dash = {};  ///< SVG's "6 3"; empty: solid
  double opacity = 1;     ///< 0 to 1
};

struct Line {
  Vec2 from;
  Vec2 to;
  Stroke stroke;
};

/// Joined by straight lines, not closed.
struct Polyline {
  std::vector<Vec2> points;
  Stroke stroke;
};

struct Polygon {
  std::vector<Vec2> points;
  std::string fill;
};

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

struct Rect {
  Box box;
  std::string fill = {};
  Stroke stroke = {};
  double radius = 0;
};

struct Circle {
  Vec2 centre;
  double radius = 1;
  std::string fill = {};
  Stroke stroke = {};
};

enum class Anchor { start, middle, end };
enum class Typeface { sans, bold, mono };

/// One line of text; `at` is on the baseline. Any text is allowed, also "<&>".
struct Text {
  Vec2 at;
  std::string text;
  double size = 12;  ///< pixels
  std::string colour = {};
  Anchor anchor = Anchor::start;
  Typeface face = Typeface::sans;
  double turn = 0;  ///< degrees clockwise around `at`
};

/// A PNG, scaled to the box without smoothing, as pixels of a data set should be.
struct Picture {
  Box box;
  std::vector<std::byte> png;
  std::string description = {};
};

using Shape = std::variant<Rect, Line, Polyline, Polygon, Circle, Text, Picture>;

struct Figure {
  double width = 0;
  double height = 0;
  std::string title;  ///< for screen readers and file managers; not painted
  std::vector<Shape> shapes;

  void add(Shape shape) { shapes.push_back(std::move(shape)); }
};

}  // namespace mimir
