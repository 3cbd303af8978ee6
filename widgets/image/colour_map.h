#pragma once

#include <QColor>
#include <array>

namespace mimir {

/// A table from a share of 0 to 1 to a colour, from resources/maps.
class ColourMap {
 public:
  static const ColourMap& viridis();  ///< magnitudes
  static const ColourMap& magma();    ///< errors

  /// `share` is clamped; NaN gives the first colour.
  QRgb at(double share) const;

 private:
  explicit ColourMap(const char* name);
  std::array<QRgb, 256> table_;
};

}  // namespace mimir
