#pragma once

#include <array>
#include <cstdint>

namespace mimir {

/// The only place with colours, sizes and fonts. Colours are 0xRRGGBB; a test holds the contrasts, another that no
/// other source names a colour.
struct Tokens {
  std::uint32_t canvas;  ///< window, rail, bars
  std::uint32_t surface;  ///< cards, tables, plots
  std::uint32_t raised;  ///< buttons, menus, tooltips, group rows
  std::uint32_t sunken;  ///< log, notes, ground of segments
  std::uint32_t field;  ///< inside of inputs
  std::uint32_t hover;
  std::uint32_t pressed;
  std::uint32_t border;  ///< card edges and hairlines: decoration only
  std::uint32_t control;  ///< edge of buttons and chips
  std::uint32_t fieldLine;  ///< edge of inputs
  std::uint32_t borderStrong;  ///< check boxes, radio buttons, drop targets
  std::uint32_t track;  ///< ground of sliders and bars, scroll handle
  std::uint32_t text;
  std::uint32_t text2;  ///< labels, secondary
  std::uint32_t text3;  ///< captions and ticks; on `selection` take text2
  std::uint32_t disabled;
  std::uint32_t accent;  ///< slider fill, active place, progress, cursors
  std::uint32_t accentFill;  ///< primary button, checked box; its text is onAccent
  std::uint32_t accentFillHover;
  std::uint32_t onAccent;
  std::uint32_t accentSoft;  ///< active item, checked tool, selection bar
  std::uint32_t accentLine;
  std::uint32_t selection;
  std::uint32_t focus;  ///< focus ring
  std::uint32_t link;
  std::uint32_t axis;
  std::uint32_t grid;
  std::uint32_t crosshair;
  std::uint32_t hatchA;  ///< masked patches and "no value" cells: ground
  std::uint32_t hatchB;  ///< and lines
  std::uint32_t clean;  ///< one of the two states that every panel colours alike
  std::uint32_t adversarial;  ///< the other
  std::uint32_t shadow;
  std::uint32_t running;  ///< status: running, starting, information
  std::uint32_t runningSoft;
  std::uint32_t ok;  ///< finished, passed
  std::uint32_t okSoft;
  std::uint32_t warning;  ///< paused, lost, edited
  std::uint32_t warningSoft;
  std::uint32_t danger;  ///< failed, diverged, wrong, delete
  std::uint32_t dangerSoft;
  std::uint32_t neutral;  ///< queued, stopped, tag; its text is text2
  std::uint32_t neutralSoft;
  std::uint32_t dangerFill;  ///< destructive button of a confirmation, with white
  std::array<std::uint32_t, 8> runs;       ///< a run keeps its index everywhere; from 8 on the hues repeat with a dash
  std::array<std::uint32_t, 5> diverging;  ///< signed maps, at -1, -1/2, 0, 1/2, 1; linear in OKLab between
};

inline constexpr Tokens kDarkTokens{
  .canvas = 0x0E1014,
  .surface = 0x16191F,
  .raised = 0x1E222A,
  .sunken = 0x0A0C0F,
  .field = 0x12151A,
  .hover = 0x272C36,
  .pressed = 0x2F3541,
  .border = 0x262B34,
  .control = 0x333A46,
  .fieldLine = 0x616978,
  .borderStrong = 0x6B7484,
  .track = 0x323945,
  .text = 0xE8EBF0,
  .text2 = 0xB0B8C5,
  .text3 = 0x8B94A3,
  .disabled = 0x5D6573,
  .accent = 0x8E9BFF,
  .accentFill = 0x5562E0,
  .accentFillHover = 0x4B58D6,
  .onAccent = 0xFFFFFF,
  .accentSoft = 0x23284A,
  .accentLine = 0x4A55B8,
  .selection = 0x2B3160,
  .focus = 0xA9B3FF,
  .link = 0x9DB2FF,
  .axis = 0x4A5261,
  .grid = 0x222731,
  .crosshair = 0xC9D0DC,
  .hatchA = 0x20252E,
  .hatchB = 0x343B48,
  .clean = 0x5BB5F5,
  .adversarial = 0xFF8A5C,
  .shadow = 0x000000,
  .running = 0x5BB5F5,
  .runningSoft = 0x122636,
  .ok = 0x4CC38A,
  .okSoft = 0x12291F,
  .warning = 0xF0B429,
  .warningSoft = 0x2E2410,
  .danger = 0xFF7B72,
  .dangerSoft = 0x351A1B,
  .neutral = 0x8B94A3,
  .neutralSoft = 0x20242C,
  .dangerFill = 0xC93C37,
  .runs = {0x1A80FE, 0xFCB23F, 0xB9D8A1, 0xB57AA9, 0x898E08, 0x87D4D3, 0xB8ACFF, 0xE2617B},
  .diverging = {0x88C8FE, 0x3381CA, 0x1B2027, 0xBD5F31, 0xF6AF7E},
};

inline constexpr Tokens kLightTokens{
  .canvas = 0xF1F3F6,
  .surface = 0xFFFFFF,
  .raised = 0xFFFFFF,
  .sunken = 0xE9ECF1,
  .field = 0xFFFFFF,
  .hover = 0xEBEEF3,
  .pressed = 0xDFE3EA,
  .border = 0xDCE1E8,
  .control = 0xC9D0DA,
  .fieldLine = 0x838C9B,
  .borderStrong = 0x838C9B,
  .track = 0xD3D9E2,
  .text = 0x181B22,
  .text2 = 0x454D5B,
  .text3 = 0x5F6877,
  .disabled = 0xA3ABB8,
  .accent = 0x4350D3,
  .accentFill = 0x4652D6,
  .accentFillHover = 0x3A45C0,
  .onAccent = 0xFFFFFF,
  .accentSoft = 0xE9EBFC,
  .accentLine = 0xA9B1F0,
  .selection = 0xDDE1FB,
  .focus = 0x4350D3,
  .link = 0x3340C4,
  .axis = 0x9AA3B1,
  .grid = 0xE8EBF0,
  .crosshair = 0x3A414E,
  .hatchA = 0xE4E8EE,
  .hatchB = 0xC2C9D4,
  .clean = 0x0B66A8,
  .adversarial = 0xB8430F,
  .shadow = 0x8A94A6,
  .running = 0x0B66A8,
  .runningSoft = 0xE3F0FA,
  .ok = 0x14773F,
  .okSoft = 0xE2F4E9,
  .warning = 0x8A5A00,
  .warningSoft = 0xFCF1D6,
  .danger = 0xBF2F2A,
  .dangerSoft = 0xFCE8E6,
  .neutral = 0x5F6877,
  .neutralSoft = 0xEBEEF3,
  .dangerFill = 0xBF2F2A,
  .runs = {0x3745CB, 0x9F4003, 0x107A59, 0x6D3F66, 0x9F9202, 0x25A1AD, 0x8A6DFD, 0xE64976},
  .diverging = {0x114C8F, 0x61A0E0, 0xF4F5F7, 0xD98253, 0x822E02},
};

/// Lengths in px at 96 dpi and 100 % of the interface scale; gaps are 2 4 6 8 12 16 24 32 and nothing else.
namespace size {
inline constexpr int kMenuRow = 40;
inline constexpr int kRail = 176;
inline constexpr int kRailNarrow = 52;       ///< icons only, below kNarrowWindow
inline constexpr int kNarrowWindow = 1440;
inline constexpr int kContextRow = 48;
inline constexpr int kToolRow = 32;
inline constexpr int kStatusBar = 26;
inline constexpr int kGap = 8;               ///< between cards
inline constexpr int kCardPadding = 12;
inline constexpr int kCardRadius = 8;
inline constexpr int kCardHeader = 26;
inline constexpr int kButton = 30;
inline constexpr int kField = 28;
inline constexpr int kSegment = 22;
inline constexpr int kIndicator = 16;        ///< check boxes and radio buttons
inline constexpr int kHandle = 16;           ///< of a slider
inline constexpr int kProgress = 6;
inline constexpr int kRing = 2;              ///< of the focus
inline constexpr int kSmallButton = 26;
inline constexpr int kControlRadius = 6;
inline constexpr int kTableHeader = 32;
inline constexpr int kTableRow = 34;
inline constexpr int kListRow = 28;
inline constexpr int kSideColumn = 320;      ///< of Monitor
inline constexpr int kHistoryDetail = 308;
}  // namespace size

/// Text roles: px and weight.
struct FontRole {
  int px;
  int weight;
  bool mono;
};
namespace font {
inline constexpr FontRole kPlace{18, 600, false};
inline constexpr FontRole kFigure{18, 500, true};
inline constexpr FontRole kName{15, 600, false};
inline constexpr FontRole kHeading{13, 600, false};
inline constexpr FontRole kBody{13, 400, false};
inline constexpr FontRole kButton{13, 500, false};
inline constexpr FontRole kSegment{12, 500, false};
inline constexpr FontRole kLabel{12, 400, false};
inline constexpr FontRole kNumber{12, 400, true};
inline constexpr FontRole kCaption{11, 400, false};
inline constexpr FontRole kCaptionNumber{11, 400, true};
inline constexpr FontRole kTick{10, 400, true};
}  // namespace font

}  // namespace mimir
