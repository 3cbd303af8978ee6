#include "widgets/theme/palette.h"

#include "widgets/theme/theme.h"

namespace mimir {

QPalette palette_of(const Tokens& t) {
  QPalette palette;
  const auto set = [&palette](QPalette::ColorRole role, std::uint32_t colour, std::uint32_t disabled) {
    palette.setColor(QPalette::Active, role, Theme::colour(colour));
    palette.setColor(QPalette::Inactive, role, Theme::colour(colour));
    palette.setColor(QPalette::Disabled, role, Theme::colour(disabled));
  };
  set(QPalette::Window, t.canvas, t.canvas);
  set(QPalette::WindowText, t.text, t.disabled);
  set(QPalette::Base, t.field, t.surface);
  set(QPalette::AlternateBase, t.surface, t.surface);
  set(QPalette::Text, t.text, t.disabled);
  set(kCaptionText, t.text3, t.disabled);
  set(QPalette::Button, t.raised, t.surface);
  set(QPalette::ButtonText, t.text, t.disabled);
  set(QPalette::BrightText, t.danger, t.disabled);
  set(QPalette::ToolTipBase, t.raised, t.raised);
  set(QPalette::ToolTipText, t.text, t.text);
  set(QPalette::Highlight, t.selection, t.hover);
  set(QPalette::HighlightedText, t.text, t.disabled);
  set(QPalette::Link, t.link, t.disabled);
  set(kSecondaryText, t.text2, t.disabled);
  set(QPalette::Light, t.hover, t.hover);
  set(QPalette::Midlight, t.border, t.border);
  set(QPalette::Mid, t.control, t.control);
  set(QPalette::Dark, t.borderStrong, t.borderStrong);
  set(QPalette::Shadow, t.shadow, t.shadow);
  return palette;
}

}  // namespace mimir
