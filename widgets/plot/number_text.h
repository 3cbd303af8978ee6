#pragma once

#include <QString>

namespace mimir {

// Numbers as plots show them: the locale's decimal point, U+2212 for minus, narrow spaces between thousands, 1.5×10⁻³.
// Files and commands never use these.

/// Of about `digits` significant digits: 0.06712, 1 245, 3.4×10⁻⁵, NaN, +∞.
QString value_text(double value, int digits = 4);
/// A tick of an axis whose ticks are `step` apart: as many decimals as the step needs; from 10 000 on "50 k", "1.5 M".
QString tick_text(double value, double step);
/// A whole number.
QString count_text(qint64 value);
/// "45 s", "12 min", "2 h 05 min", "3 d 4 h".
QString axis_duration_text(double seconds);

}  // namespace mimir
