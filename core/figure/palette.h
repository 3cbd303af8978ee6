#pragma once

#include <array>

namespace mimir::palette {

// The light set of the visual design; exported pictures use it whatever the window's theme.
inline constexpr const char* kCanvas = "#F1F3F6";
inline constexpr const char* kSurface = "#FFFFFF";
inline constexpr const char* kBorder = "#DCE1E8";
inline constexpr const char* kText = "#181B22";
inline constexpr const char* kText2 = "#454D5B";
inline constexpr const char* kText3 = "#5F6877";
inline constexpr const char* kAxis = "#9AA3B1";
inline constexpr const char* kGrid = "#E8EBF0";
inline constexpr const char* kDanger = "#BF2F2A";
inline constexpr const char* kClean = "#0B66A8";
inline constexpr const char* kAdversarial = "#B8430F";

/// Eight hues that stay apart under every colour deficiency.
inline constexpr std::array<const char*, 8> kCategories = {"#3745CB", "#9F4003", "#107A59", "#6D3F66",
                                                           "#9F9202", "#25A1AD", "#8A6DFD", "#E64976"};

inline constexpr double kRawOpacity = 0.28;  ///< of the line beneath a smoothed one

}  // namespace mimir::palette
