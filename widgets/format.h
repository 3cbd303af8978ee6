#pragma once

#include <QString>

#include "core/base/parameter.h"

namespace mimir {

// Numbers and times as every panel writes them: true minus sign, narrow space between thousands, "NaN" and "∞" in
// words. The decimal sign is that of the user's language, except where a recipe is quoted.

/// What stands for a value that is missing.
inline const QString kMissing = QStringLiteral("—");

/// About `digits` significant digits: "0.0642", "12 500", "1.5×10⁻⁴", "NaN", "−∞".
QString number_text(double value, int digits = 4);
/// With exactly `decimals` digits behind the point, for columns.
QString fixed_text(double value, int decimals);
/// A share of 1 in percent: 0.5162 -> "51.62 %".
QString percent_text(double share, int decimals = 1);
/// Grey levels where they are meant: 8/255 -> "8/255", also below zero; else as number_text.
QString fraction_text(double value, int digits = 4);
/// Two parts at most: "41 s", "12 min 05 s", "2 h 46 min", "3 d 04 h". Negative counts as 0.
QString duration_text(double seconds);
/// "just now", "12 s ago", "3 min ago", "2 h ago", "5 days ago".
QString age_text(double seconds);
/// The day and minute in local time: "2026-11-25 19:04". `time`: seconds since 1970.
QString moment_text(double time);
/// "1.4 MB"; steps of 1000.
QString size_text(double bytes);

/// What the program says of a failure ("the folder is empty: /data") as a sentence of its own: with a full stop and, unless
/// it begins with what may be a name, a capital.
QString sentence_text(const std::string& message);

/// A recipe's value as the file spells it, apart from quotes: "8/255", "0.00015", "true", "natural, fgsm".
std::string recipe_text(const Parameter& parameter, const Value& value);

/// A metric's last part in words: "finetune/robust_accuracy" -> "Robust accuracy".
QString metric_title(const QString& metric);
/// "pretrain" -> "Pre-training"; unknown stages as they are.
QString stage_title(const QString& stage);

}  // namespace mimir
