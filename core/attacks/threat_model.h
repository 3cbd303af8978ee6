#pragma once

#include <string>

#include "core/base/error.h"

namespace mimir {

enum class Norm { linf, l2 };
Expected<Norm> parse_norm(const std::string& name);
const char* norm_name(Norm norm);

/// What the attacker may do: a ball around the clean image, within the box [0,1].
struct ThreatModel {
  Norm norm = Norm::linf;
  double epsilon = 8.0 / 255;  ///< on the [0,1] scale
};

/// By how much an image in fp32 may be outside of its ball and count as on it; rounding makes about 3e-8.
inline constexpr double kBallTolerance = 1e-6;

}  // namespace mimir
