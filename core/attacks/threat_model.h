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

}  // namespace mimir
