#pragma once

#include <QCoreApplication>
#include <QLatin1String>
#include <QString>

#include "core/store/run_condition.h"
#include "widgets/theme/theme.h"

class QPainter;

namespace mimir {

/// The five grounds of visual status; always shown as icon and word, never as a colour alone.
enum class Tone { running, ok, warning, danger, neutral };

struct StatusLook {
  Tone tone = Tone::neutral;
  QLatin1String icon;
  QString word;
  bool operator==(const StatusLook&) const = default;
};

/// How a run's status is shown everywhere: "Running", "Stopping", "Finished", "Diverged", …
StatusLook status_look(const RunCondition& condition);

QColor tone_colour(const Theme& theme, Tone tone);
/// The quiet ground below tone_colour.
QColor tone_ground(const Theme& theme, Tone tone);

/// Size of the pill that paint_status_pill draws, in logical px; 20 high.
QSize status_pill_size(const Theme& theme, const StatusLook& look);
/// For delegates: left-aligned and vertically centred in `rect`.
void paint_status_pill(QPainter& painter, const QRectF& rect, const Theme& theme, const StatusLook& look);

}  // namespace mimir
