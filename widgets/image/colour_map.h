#pragma once

#include <QColor>
#include <array>
#include <cstdint>

namespace mimir {

/// A table from a share of 0 to 1 to a colour.
class ColourMap {
 public:
  static const ColourMap& viridis();             ///< magnitudes
  static const ColourMap& magma();               ///< errors
  static const ColourMap& diverging(bool dark);  ///< signed values, zero in the middle; a theme's own, straight in OKLab

  /// `share` is clamped; NaN gives the first colour.
  QRgb at(double share) const;

 private:
  explicit ColourMap(const char* name);
  explicit ColourMap(const std::array<std::uint32_t, 5>& stops);
  std::array<QRgb, 256> table_;
};

}  // namespace mimir
