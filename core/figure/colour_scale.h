#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/figure/figure.h"

namespace mimir {

/// How values become colours in exported pictures.
enum class ColourScale {
  viridis,    ///< magnitudes: attention, relevance
  magma,      ///< errors
  diverging,  ///< signed, 0 in the middle: perturbations, differences
};

/// share 0 to 1, clamped; NaN gives the lowest colour. Viridis and magma are matplotlib's (CC0), the diverging one the light set
/// of the visual design, straight in OKLab between its five stops.
std::array<std::uint8_t, 3> scale_colour(ColourScale scale, double share);

/// values [height, width] as a PNG, `low` to `high` over the scale.
Expected<std::vector<std::byte>> map_png(std::span<const float> values, std::int64_t width, std::int64_t height, double low, double high,
                                         ColourScale scale);

/// image [channels, height, width] in [0,1], 1 or 3 channels, as a PNG: clamped and rounded.
Expected<std::vector<std::byte>> image_png(std::span<const float> image, std::int64_t channels, std::int64_t width, std::int64_t height);

/// The scale as an upright bar with its two ends (and 0, if signed) written beside it, and what it measures along it.
Expected<void> draw_scale(Figure& figure, const Box& box, double low, double high, ColourScale scale, const std::string& label);

}  // namespace mimir
