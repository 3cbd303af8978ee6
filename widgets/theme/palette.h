#pragma once

#include <QPalette>

#include "widgets/theme/tokens.h"

namespace mimir {

/// Every role in all three groups.
QPalette palette_of(const Tokens& tokens);

}  // namespace mimir
