#pragma once

#include <QString>

#include "widgets/theme/tokens.h"

namespace mimir {

/// The one style sheet of the application, made from tokens. Variants are dynamic properties, set before the widget
/// is first shown (later: unpolish and polish):
///   QPushButton  kind = primary | danger | destructive | flat, size = s
///   QLabel       role = place | name | heading | secondary | label | caption | number | figure | caption-number
///   QLineEdit, QPlainTextEdit  state = error, mono = true
/// Combo and spin boxes, check boxes, radio buttons, sliders and progress bars are drawn by Style.
QString style_sheet(const Tokens& tokens);

}  // namespace mimir
