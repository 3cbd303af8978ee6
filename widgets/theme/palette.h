#pragma once

#include <QPalette>

#include "widgets/theme/tokens.h"

namespace mimir {

// Two roles that no control uses stand for the quieter texts, so that a label follows the theme with its palette.
inline constexpr QPalette::ColorRole kSecondaryText = QPalette::LinkVisited;
inline constexpr QPalette::ColorRole kCaptionText = QPalette::PlaceholderText;

/// Every role in all three groups.
QPalette palette_of(const Tokens& tokens);

}  // namespace mimir
