#pragma once

#include <QIcon>
#include <QLatin1String>
#include <cstdint>

#include "widgets/theme/tokens.h"

namespace mimir {

class Theme;

/// resources/icons/<name>.svg in the colour of a token as the theme is when it is drawn: a kept icon follows a switch
/// of the theme. Without a tint: text2, or text where the item is active or selected; disabled items take `disabled`.
/// On a filled button give &Tokens::onAccent, on one of kind danger &Tokens::danger.
/// The theme must outlive it. An unknown name draws nothing.
QIcon icon(const Theme& theme, QLatin1String name, std::uint32_t Tokens::* tint = nullptr);

/// Draws it at once into `rect`, in logical pixels.
void paint_icon(QPainter& painter, const QRectF& rect, QLatin1String name, const QColor& colour);

}  // namespace mimir
