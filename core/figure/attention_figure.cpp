#include <algorithm>
#include <cmath>

#include "core/figure/inspection_figures.h"
#include "core/figure/inspection_parts.h"
#include "core/figure/palette.h"
#include "core/figure/plot.h"

namespace mimir {
namespace {

using detail::kGap;
using detail::kMargin;
using detail::kTile;
using detail::kTileBottom;
using detail::kTileTop;
using detail::Sketch;
using detail::Values;

constexpr double kFirstRow = 60;

struct NamedMap {
  const char* name;
  const char* title;
};
constexpr NamedMap kMaps[] = {{"rollout_map", "rollout"}, {"gradient_rollout_map", "gradient rollout"}, {"relevance_map", "relevance"}};

Expected<std::vector<std::byte>> square_png(std::span<const float> map, double low, double high, ColourScale colours) {
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(map.size()))));
  return map_png(map, side, side, low, high, colours);
}

double largest(std::span<const float> values) {
  double most = 0;
  for (const float value : values) most = std::max(most, static_cast<double>(value));
  return most;
}

/// The image and its maps in a row at `y`, each map over its own range: what all patches share (1/L in a mean-pooled model's
/// relevance) would hide the rest.
Expected<void> draw_maps(Sketch& sketch, double y, const nlohmann::json& result, const NamedArrays& arrays, const std::string& prefix) {
  auto image = Values::of(arrays, prefix.empty() ? "clean" : "adversarial", 3);
  if (!image) return pass_on(image);
  const auto& facts = result["images"][0];
  const auto& prediction = facts[prefix + "prediction"];
  const std::string answer = prediction.is_null() ? "" : detail::class_name(result, prediction) + "  " + detail::percent(facts[prefix + "probability"]);
  int column = 0;
  const auto box = [&] { return Box{kMargin + column++ * (kTile + kGap), y, kTile, kTile}; };
  sketch.tile(box(), prefix.empty() ? "image" : "adversarial", detail::picture_of(image->all(), image->size(1)), {answer});
  for (const auto& [name, title] : kMaps) {
    if (!arrays.contains(prefix + name)) continue;
    auto map = Values::of(arrays, prefix + name, 1);
    if (!map) return pass_on(map);
    const auto [low, high] = std::minmax_element(map->all().begin(), map->all().end());
    sketch.tile(box(), title, square_png(map->all(), *low, *high, ColourScale::viridis), {fmt::format("{:.4g} to {:.4g}", *low, *high)});
  }
  sketch.scale({kMargin + column * (kTile + kGap) - kGap + 8, y, 10, kTile}, 0, 1, ColourScale::viridis, "share of each map's range");
  return {};
}

/// readoutᵀ A of each layer and head on its patches: [D][H][L].
std::vector<std::vector<std::vector<float>>> head_maps(const Values& attention, std::span<const float> readout, std::size_t prefix) {
  const auto heads = static_cast<std::size_t>(attention.size(1)), tokens = static_cast<std::size_t>(attention.size(2));
  std::vector<std::vector<std::vector<float>>> maps;
  for (std::int64_t l = 0; l < attention.size(0); ++l) {
    const auto layer = attention.at(l);
    maps.emplace_back(heads, std::vector<float>(tokens - prefix, 0.0F));
    for (std::size_t h = 0; h < heads; ++h) {
      for (std::size_t q = 0; q < tokens; ++q) {
        for (std::size_t k = prefix; k < tokens; ++k) maps.back()[h][k - prefix] += readout[q] * layer[(h * tokens + q) * tokens + k];
      }
    }
  }
  return maps;
}

std::string layer_answer(const nlohmann::json& result, const nlohmann::json& layer) {
  std::string words = detail::class_name(result, layer["prediction"]) + " " + detail::percent(layer["probability"]);
  if (layer.contains("adversarial_prediction")) {
    words += "  →  " + detail::class_name(result, layer["adversarial_prediction"]) + " " + detail::percent(layer["adversarial_probability"]);
  }
  return words;
}

/// Small maps of all layers and heads on one scale; returns what is below it.
Expected<double> draw_grid(Sketch& sketch, double y, const nlohmann::json& result, const NamedArrays& arrays) {
  auto attention = Values::of(arrays, "attention", 4);
  auto readout = Values::of(arrays, "readout", 1);
  if (!attention) return pass_on(attention);
  if (!readout) return pass_on(readout);
  const auto maps = head_maps(*attention, readout->all(), result["prefix_tokens"].get<std::size_t>());
  double most = 0;
  for (const auto& layer : maps) {
    for (const auto& head : layer) most = std::max(most, largest(head));
  }
  const double side = std::min(64.0, 560.0 / static_cast<double>(maps[0].size()));
  const double left = kMargin + 54;
  sketch.figure.add(Text{{kMargin, y}, "attention of each layer and head, as the head of the model reads it", 12, palette::kText, Anchor::start, Typeface::bold});
  for (std::size_t h = 0; h < maps[0].size(); ++h) {
    sketch.figure.add(Text{{left + static_cast<double>(h) * (side + 4) + side / 2, y + 18}, std::to_string(h + 1), 10, palette::kText3, Anchor::middle, Typeface::mono});
  }
  const double top = y + 24;
  y = top;
  const double right = left + static_cast<double>(maps[0].size()) * (side + 4);
  for (std::size_t l = 0; l < maps.size(); ++l, y += side + 4) {
    sketch.text(kMargin, y + side / 2 + 4, fmt::format("layer {}", l + 1));
    for (std::size_t h = 0; h < maps[l].size(); ++h) {
      sketch.tile({left + static_cast<double>(h) * (side + 4), y, side, side}, "", square_png(maps[l][h], 0, most, ColourScale::viridis));
    }
    if (l < result["layers"].size()) sketch.text(right + 90, y + side / 2 + 4, layer_answer(result, result["layers"][l]));
  }
  sketch.scale({right + 8, top, 10, std::min(kTile, y - top - 4)}, 0, most, ColourScale::viridis, "attention, one scale");
  if (!result["layers"].empty()) {
    sketch.figure.add(Text{{right + 90, top - 6}, "what each layer would answer", 11, palette::kText3});
  }
  return y + kGap;
}

/// Means over heads by layer.
Expected<void> draw_distance(Sketch& sketch, const Box& box, const NamedArrays& arrays) {
  Plot plot{"clean and adversarial, by layer", "layer", "distance, 1 - CKA", {}, {}};
  const auto add = [&](const char* name, const char* label, std::size_t dimensions, bool from_one) -> Expected<void> {
    auto values = Values::of(arrays, name, dimensions);
    if (!values) return pass_on(values);
    Series series;
    series.label = label;
    series.colour = palette::kCategories[plot.series.size()];
    series.style = CurveStyle::markers;
    series.parts.emplace_back();
    for (std::int64_t l = 0; l < values->size(0); ++l) {
      double mean = 0;
      for (const float value : values->at(l)) mean += value / static_cast<double>(values->at(l).size());
      series.parts.back().push_back({static_cast<double>(l + 1), from_one ? 1 - mean : mean});
    }
    plot.series.push_back(std::move(series));
    return {};
  };
  if (auto ok = add("distance", "total variation", 2, false); !ok) return ok;
  if (auto ok = add("divergence", "Jensen-Shannon, bits", 2, false); !ok) return ok;
  if (auto ok = add("cka", "1 - CKA of the tokens", 1, true); !ok) return ok;
  draw_plot(sketch.figure, plot, box);
  return {};
}

}  // namespace

Expected<Figure> attention_figure(const nlohmann::json& result, const NamedArrays& arrays) {
  const bool attacked = arrays.contains("adversarial_attention");
  Sketch sketch;
  sketch.figure.width = 2 * kMargin + 4 * kTile + 3 * kGap + 80;
  sketch.title(attacked ? "Attention, clean and adversarial" : "Attention");
  double y = kFirstRow + kTileTop;
  if (auto drawn = draw_maps(sketch, y, result, arrays, ""); !drawn) return pass_on(drawn);
  y += kTile + kTileTop + kTileBottom;
  if (attacked) {
    if (auto drawn = draw_maps(sketch, y, result, arrays, "adversarial_"); !drawn) return pass_on(drawn);
    y += kTile + kTileTop + kTileBottom;
  }
  auto below = draw_grid(sketch, y + 6, result, arrays);
  if (!below) return pass_on(below);
  y = *below;
  if (attacked) {
    if (auto drawn = draw_distance(sketch, {kMargin, y, sketch.figure.width - 2 * kMargin, 230}, arrays); !drawn) return pass_on(drawn);
    y += 230 + kGap;
  }
  std::vector<std::string> lines = detail::caption_lines(result);
  std::string how = fmt::format("Read out {}; rollout: {} over heads, {} discarded.",
                                result["readout"] == "mean" ? "as the mean of the patches" : "from the class token",
                                result["rollout"].get<std::string>(), detail::percent(result["discard"]));
  if (result["class"].is_number()) how += " Gradient rollout and relevance are of " + detail::class_name(result, result["class"]) + ".";
  lines.push_back(how);
  sketch.caption(y + 6, lines);
  if (!sketch.error) return pass_on(sketch.error);
  return std::move(sketch.figure);
}

}  // namespace mimir
