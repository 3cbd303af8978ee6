#include "core/figure/svg.h"

#include <cmath>
#include <cstdint>

#include "core/store/files.h"

namespace mimir {
namespace {

constexpr const char* kSans = "Inter, 'Noto Sans', 'DejaVu Sans', sans-serif";
constexpr const char* kMono = "'JetBrains Mono', 'DejaVu Sans Mono', monospace";

/// Length of the UTF-8 sequence at `text`, 0 if it is none that XML allows.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  const std::size_t length = first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0;
  if (length == 0) return 0;
  std::uint32_t code = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return 0;
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool forbidden = (code >= 0xD800 && code < 0xE000) || code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF;
  return overlong || forbidden ? 0 : length;
}

std::string escape(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) result += "\xEF\xBF\xBD";
    else if (text[0] == '<') result += "&lt;";
    else if (text[0] == '>') result += "&gt;";
    else if (text[0] == '&') result += "&amp;";
    else if (text[0] == '"') result += "&quot;";
    else result += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

std::string base64(const std::vector<std::byte>& bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t block = 0;
    for (std::size_t k = 0; k < 3; ++k) block = block << 8 | (i + k < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : kLetters[block >> (18 - 6 * k) & 63];
  }
  return text;
}

/// A coordinate: a hundredth of a pixel is more than anyone sees. A figure never holds NaN on purpose.
std::string px(double value) {
  if (!std::isfinite(value)) return "0";
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string paint(const std::string& fill, const Stroke& stroke) {
  std::string text = fill.empty() ? " fill=\"none\"" : fmt::format(" fill=\"{}\"", escape(fill));
  if (stroke.colour.empty()) return text;
  text += fmt::format(" stroke=\"{}\" stroke-width=\"{}\"", escape(stroke.colour), px(stroke.width));
  if (!stroke.dash.empty()) text += fmt::format(" stroke-dasharray=\"{}\"", escape(stroke.dash));
  if (stroke.opacity < 1) text += fmt::format(" stroke-opacity=\"{}\"", px(stroke.opacity));
  return text;
}

std::string box_attributes(const Box& box) {
  return fmt::format("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", px(box.x), px(box.y), px(box.width), px(box.height));
}

std::string points_attribute(const std::vector<Vec2>& points) {
  std::string text;
  for (const Vec2& point : points) text += (text.empty() ? "" : " ") + px(point.x) + "," + px(point.y);
  return text;
}

struct Writer {
  std::string& out;

  void operator()(const Rect& shape) const {
    const std::string radius = shape.radius > 0 ? fmt::format(" rx=\"{}\"", px(shape.radius)) : "";
    out += fmt::format("<rect {}{}{}/>\n", box_attributes(shape.box), radius, paint(shape.fill, shape.stroke));
  }
  void operator()(const Line& shape) const {
    out += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", px(shape.from.x), px(shape.from.y), px(shape.to.x), px(shape.to.y),
                       paint("", shape.stroke));
  }
  void operator()(const Polyline& shape) const {
    out += fmt::format("<polyline points=\"{}\"{} stroke-linejoin=\"round\"/>\n", points_attribute(shape.points), paint("", shape.stroke));
  }
  void operator()(const Polygon& shape) const {
    out += fmt::format("<polygon points=\"{}\"{}/>\n", points_attribute(shape.points), paint(shape.fill, {}));
  }
  void operator()(const Circle& shape) const {
    out += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>\n", px(shape.centre.x), px(shape.centre.y), px(shape.radius),
                       paint(shape.fill, shape.stroke));
  }
  void operator()(const Text& shape) const {
    const char* anchor = shape.anchor == Anchor::middle ? "middle" : shape.anchor == Anchor::end ? "end" : "start";
    std::string more;
    if (shape.face == Typeface::bold) more += " font-weight=\"600\"";
    if (shape.face == Typeface::mono) more += fmt::format(" font-family=\"{}\"", kMono);
    if (shape.turn != 0) more += fmt::format(" transform=\"rotate({} {} {})\"", px(shape.turn), px(shape.at.x), px(shape.at.y));
    out += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\"{}{}>{}</text>\n", px(shape.at.x), px(shape.at.y), px(shape.size),
                       anchor, paint(shape.colour, {}), more, escape(shape.text));
  }
  void operator()(const Picture& shape) const {
    out += fmt::format("<image {} preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64,{}\">"
                       "<title>{}</title></image>\n",
                       box_attributes(shape.box), base64(shape.png), escape(shape.description));
  }
};

}  // namespace

std::string write_svg(const Figure& figure) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\" font-family=\"{2}\">\n<title>{3}</title>\n",
      px(figure.width), px(figure.height), kSans, escape(figure.title));
  for (const Shape& shape : figure.shapes) std::visit(Writer{out}, shape);
  return out + "</svg>\n";
}

Expected<void> write_svg_file(const std::filesystem::path& path, const Figure& figure) { return write_file(path, write_svg(figure)); }

}  // namespace mimir
