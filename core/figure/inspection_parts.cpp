#include "core/figure/inspection_parts.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/text.h"
#include "core/figure/palette.h"

namespace mimir::detail {

Expected<Values> Values::of(const NamedArrays& arrays, const std::string& name, std::size_t dimensions) {
  const auto found = arrays.find(name);
  if (found == arrays.end() || found->second.dtype != Dtype::f32 || found->second.shape.size() != dimensions) {
    return fail(ErrorCode::defect, "the answer has no array {} to draw", name);
  }
  return Values(found->second);
}

std::span<const float> Values::at(std::int64_t index) const {
  const auto length = static_cast<std::size_t>(array_->elements() / std::max<std::int64_t>(1, array_->shape[0]));
  return all().subspan(static_cast<std::size_t>(index) * length, length);
}

float Values::largest() const {
  float largest = 0;
  for (const float value : all()) largest = std::max(largest, std::abs(value));
  return largest;
}

void Sketch::title(const std::string& words) {
  figure.title = words;
  figure.add(Text{{kMargin, kMargin + 14}, words, 15, palette::kText, Anchor::start, Typeface::bold});
}

void Sketch::caption(double y, const std::vector<std::string>& lines) {
  const auto columns = static_cast<std::size_t>((figure.width - 2 * kMargin) / 5.6);  // of 11 px sans
  for (const std::string& line : lines) {
    std::string rest = line;
    while (!rest.empty()) {
      std::size_t end = rest.size();
      if (end > columns) {
        end = rest.rfind(' ', columns);
        if (end == std::string::npos || end == 0) end = columns;
      }
      text(kMargin, y, rest.substr(0, end));
      rest.erase(0, end);
      rest.erase(0, rest.find_first_not_of(' '));
      y += 15;
    }
  }
  figure.height = y + kMargin - 11;
  figure.shapes.insert(figure.shapes.begin(), Rect{{0, 0, figure.width, figure.height}, palette::kSurface});
}

void Sketch::tile(const Box& box, const std::string& title, const Expected<std::vector<std::byte>>& png, const std::vector<std::string>& below) {
  if (!png) {
    if (error) error = tl::unexpected<Error>(png.error());
    return;
  }
  if (!title.empty()) figure.add(Text{{box.x, box.y - 7}, title, 12, palette::kText, Anchor::start, Typeface::bold});
  figure.add(Picture{box, *png, title});
  figure.add(Rect{{box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1}, {}, {palette::kBorder}});
  double y = box.bottom() + 15;
  for (const std::string& line : below) {
    text(box.x, y, line);
    y += 14;
  }
}

void Sketch::scale(const Box& box, double low, double high, ColourScale colours, const std::string& label) {
  if (auto drawn = draw_scale(figure, box, low, high, colours, label); !drawn && error) error = drawn;
}

void Sketch::text(double x, double y, const std::string& words, double size) {
  figure.add(Text{{x, y}, words, size, palette::kText2});
}

Expected<std::vector<std::byte>> picture_of(std::span<const float> image, std::int64_t side) {
  return image_png(image, static_cast<std::int64_t>(image.size()) / (side * side), side, side);
}

std::string class_name(const nlohmann::json& result, const nlohmann::json& index) {
  if (!index.is_number_integer()) return "unknown";
  const auto number = index.get<std::size_t>();
  const std::vector<std::string> names = class_names(result);
  return number < names.size() ? names[number] : fmt::format("class {}", number);
}

std::string percent(const nlohmann::json& value) { return value.is_number() ? fmt::format("{:.1f} %", 100 * value.get<double>()) : "–"; }

std::string short_number(const nlohmann::json& value) { return value.is_number() ? fmt::format("{:.4g}", value.get<double>()) : "–"; }

std::string level_text(double value) {
  const double levels = value * 255;
  if (std::abs(levels - std::round(levels)) < 1e-6) return fmt::format("{:.0f}/255", levels);
  return fmt::format("{:.4g}", value);
}

std::vector<std::string> caption_lines(const nlohmann::json& result) {
  const auto& checkpoint = result["checkpoint"];
  std::string line = "Model: " + checkpoint["model"].get<std::string>();
  const auto stage = checkpoint["stage"].get<std::string>();
  if (!stage.empty()) line += fmt::format(", {} step {}", stage, checkpoint["step"].get<std::int64_t>());
  if (checkpoint["run"].is_string()) line += " of run " + checkpoint["run"].get<std::string>();
  line += " (" + std::filesystem::path(checkpoint["path"].get<std::string>()).filename().string() + ").";
  if (result["data"].is_object()) line += fmt::format(" Data: {}, {}.", result["data"]["name"].get<std::string>(), result["data"]["split"].get<std::string>());
  std::vector<std::string> indices;
  for (const auto& image : result["images"]) indices.push_back(image["index"].is_null() ? "own picture" : std::to_string(image["index"].get<std::int64_t>()));
  line += fmt::format(" Image {}. Seed {}.", join(indices, ", "), result["seed"].get<std::int64_t>());
  std::vector<std::string> lines = {line};
  if (result.contains("attack") && result["attack"].is_object()) {
    const auto& attack = result["attack"];
    std::string words = fmt::format("Attack: {}, {} epsilon {}", attack["name"].get<std::string>(), attack["norm"] == "linf" ? "L∞" : "L2",
                                    level_text(attack["epsilon"].get<double>()));
    const double size = attack["step_size"].is_number() ? attack["step_size"].get<double>() : 0;
    const std::string of = size > 0 ? level_text(size) : "its own size";
    if (attack["num_steps"].is_number()) words += fmt::format(", {} steps of {}", attack["num_steps"].get<std::int64_t>(), of);
    else if (size > 0) words += ", a step of " + of;
    if (attack["restarts"].is_number() && attack["restarts"].get<std::int64_t>() > 1) words += fmt::format(", {} restarts", attack["restarts"].get<std::int64_t>());
    if (attack["random_start"].is_boolean()) words += attack["random_start"].get<bool>() ? ", random start" : ", no random start";
    if (attack.contains("objective")) words += ", objective " + attack["objective"].get<std::string>();
    if (attack.contains("target") && attack["target"].is_string()) words += ", target " + attack["target"].get<std::string>();
    lines.push_back(words + ".");
  }
  if (result.contains("shown")) {
    const auto& shown = result["shown"];
    std::string words = fmt::format("Shown: step {} of {}", shown["step"].get<std::int64_t>(), shown["last"].get<std::int64_t>());
    if (shown["restart"].is_number()) words += fmt::format(", restart {} of {}", shown["restart"].get<std::int64_t>() + 1, shown["restarts"].get<std::int64_t>());
    if (shown["branch"].get<bool>()) {
      const auto& branch = result["branch"];
      const double size = branch["step_size"].get<double>();
      words += fmt::format(", on the branch from step {}: objective {}, {} steps of {}", branch["step"].get<std::int64_t>(), branch["objective"].get<std::string>(),
                           branch["num_steps"].get<std::int64_t>(), size > 0 ? level_text(size) : "its own size");
    }
    lines.push_back(words + ".");
  }
  for (const auto& note : result["notes"]) lines.push_back("Note: " + note.get<std::string>() + ".");
  return lines;
}

}  // namespace mimir::detail
