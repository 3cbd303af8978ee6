#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/figure/colour_scale.h"
#include "core/store/worker_protocol.h"

namespace mimir::detail {

// What the figures of attack, reconstruction and attention share.

inline constexpr double kMargin = 24;
inline constexpr double kTile = 168;  ///< side of a picture
inline constexpr double kGap = 16;
inline constexpr double kTileTop = 22;     ///< room for a title above a picture
inline constexpr double kTileBottom = 36;  ///< room for two lines below it

/// fp32 values of an answer's array; `at` picks one of its first dimension.
class Values {
 public:
  /// `defect` error unless the array is there, fp32, and has this many dimensions.
  static Expected<Values> of(const NamedArrays& arrays, const std::string& name, std::size_t dimensions);
  std::span<const float> all() const { return array_->as<float>(); }
  std::span<const float> at(std::int64_t index) const;
  std::int64_t size(std::size_t dimension) const { return array_->shape[dimension]; }
  float largest() const;

 private:
  explicit Values(const Array& array) : array_(&array) {}
  const Array* array_;
};

/// Draws the parts of one figure; the first failure is kept in `error` and the rest left out.
class Sketch {
 public:
  Figure figure;
  Expected<void> error = {};

  void title(const std::string& text);
  /// Caption at the foot: grey lines, broken to the width; the figure ends below them.
  void caption(double y, const std::vector<std::string>& lines);
  void tile(const Box& box, const std::string& title, const Expected<std::vector<std::byte>>& png, const std::vector<std::string>& below = {});
  void scale(const Box& box, double low, double high, ColourScale colours, const std::string& label);
  void text(double x, double y, const std::string& words, double size = 11);
};

/// [C, S, S] as a picture.
Expected<std::vector<std::byte>> picture_of(std::span<const float> image, std::int64_t side);

/// "cat", or "class 3".
std::string class_name(const nlohmann::json& result, const nlohmann::json& index);
/// "81.3 %", or "–".
std::string percent(const nlohmann::json& value);
std::string short_number(const nlohmann::json& value);

/// "8/255" where it is a whole number of levels.
std::string level_text(double value);

/// Lines about model, data, image and seed, and about the attack if there is one.
std::vector<std::string> caption_lines(const nlohmann::json& result);

}  // namespace mimir::detail
