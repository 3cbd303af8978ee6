#include "widgets/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "core/base/text.h"

namespace mimir {
namespace {

constexpr QChar kMinus(0x2212);
constexpr QChar kNarrowSpace(0x202F);

QString tr(const char* text) { return QCoreApplication::translate("mimir::Format", text); }

QString not_finite(double value) {
  if (std::isnan(value)) return QStringLiteral("NaN");
  return value > 0 ? QStringLiteral("∞") : QString(kMinus) + QStringLiteral("∞");
}

QString superscript(int exponent) {
  static const QString digits = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
  QString text = exponent < 0 ? QStringLiteral("⁻") : QString();
  for (const QChar digit : QString::number(std::abs(exponent))) text += digits[digit.digitValue()];
  return text;
}

/// Signs and groups as this program writes them, with the language's decimal sign.
QString dressed(double value, int decimals) {
  QString text = QString::number(std::abs(value), 'f', decimals);
  const auto point = text.indexOf(QLatin1Char('.'));
  const auto whole = point < 0 ? text.size() : point;
  if (point >= 0) text.replace(point, 1, QLocale().decimalPoint());
  if (whole > 4) {
    for (auto at = whole - 3; at > 0; at -= 3) text.insert(at, kNarrowSpace);
  }
  // What is rounded to nothing has no sign.
  const bool zero = std::all_of(text.begin(), text.end(), [](QChar c) { return !c.isDigit() || c == QLatin1Char('0'); });
  return value < 0 && !zero ? kMinus + text : text;
}

QString two_digits(long long value) { return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0')); }

}  // namespace

QString number_text(double value, int digits) {
  if (!std::isfinite(value)) return not_finite(value);
  if (value == 0) return QStringLiteral("0");
  const double size = std::abs(value);
  if (value == std::nearbyint(value) && size < 1e6) return dressed(value, 0);
  // As it is rounded, so that 9.9999 does not become 10.000.
  const QString scientific = QString::number(size, 'e', std::max(digits - 1, 0));
  const auto mark = scientific.indexOf(QLatin1Char('e'));
  const int exponent = scientific.mid(mark + 1).toInt();
  if (exponent >= -3 && exponent < 6) return dressed(value, std::max(digits - 1 - exponent, 0));
  QString mantissa = scientific.left(mark);
  while (mantissa.contains(QLatin1Char('.')) && (mantissa.endsWith(QLatin1Char('0')) || mantissa.endsWith(QLatin1Char('.')))) mantissa.chop(1);
  mantissa.replace(QLatin1Char('.'), QLocale().decimalPoint());
  return (value < 0 ? QString(kMinus) : QString()) + mantissa + QStringLiteral("×10") + superscript(exponent);
}

QString fixed_text(double value, int decimals) { return std::isfinite(value) ? dressed(value, decimals) : not_finite(value); }

QString percent_text(double share, int decimals) {
  return std::isfinite(share) ? dressed(share * 100, decimals) + kNarrowSpace + QLatin1Char('%') : not_finite(share);
}

QString fraction_text(double value, int digits) {
  const double size = std::abs(value), levels = std::nearbyint(size * 255);
  if (size > 0 && size < 1 && levels >= 1 && levels / 255 == size) return (value < 0 ? QString(kMinus) : QString()) + QStringLiteral("%1/255").arg(static_cast<int>(levels));
  return number_text(value, digits);
}

QString duration_text(double seconds) {
  if (!std::isfinite(seconds)) return kMissing;
  const auto whole = static_cast<long long>(std::max(seconds, 0.0));
  if (whole < 60) return tr("%1 s").arg(whole);
  if (whole < 3600) return tr("%1 min %2 s").arg(whole / 60).arg(two_digits(whole % 60));
  if (whole < 86400) return tr("%1 h %2 min").arg(whole / 3600).arg(two_digits(whole % 3600 / 60));
  return tr("%1 d %2 h").arg(whole / 86400).arg(two_digits(whole % 86400 / 3600));
}

QString age_text(double seconds) {
  if (!std::isfinite(seconds)) return kMissing;
  const auto whole = static_cast<long long>(std::max(seconds, 0.0));
  if (whole < 2) return tr("just now");
  if (whole < 60) return tr("%1 s ago").arg(whole);
  if (whole < 3600) return tr("%1 min ago").arg(whole / 60);
  if (whole < 86400) return tr("%1 h ago").arg(whole / 3600);
  const auto days = whole / 86400;
  return days == 1 ? tr("1 day ago") : tr("%1 days ago").arg(days);
}

QString moment_text(double time) {
  return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(time * 1000)).toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QString size_text(double bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < std::size(kUnits)) bytes /= 1000, ++unit;
  return dressed(bytes, unit == 0 || bytes >= 100 ? 0 : 1) + QLatin1Char(' ') + QLatin1String(kUnits[unit]);
}

QString sentence_text(const std::string& message) {
  QString text = QString::fromStdString(message).trimmed();
  if (text.isEmpty()) return text;
  static const QStringList kNoNames = QStringLiteral("a an it no nothing run stopped the there this").split(QLatin1Char(' '));
  if (kNoNames.contains(text.section(QLatin1Char(' '), 0, 0))) text[0] = text[0].toUpper();
  if (!QStringLiteral(".!?…").contains(text.back())) text += QLatin1Char('.');
  return text;
}

std::string recipe_text(const Parameter& parameter, const Value& value) {
  if (const double* number = std::get_if<double>(&value); number && parameter.unit == "of [0,1]") {
    const double levels = std::nearbyint(*number * 255);
    if (levels >= 1 && levels < 255 && levels / 255 == *number) return format_number(levels) + "/255";
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return join(*list, ", ");
  return format_value(value);
}

QString metric_title(const QString& metric) {
  const QStringList parts = metric.split(QLatin1Char('/'));
  QString title = parts.mid(parts.size() > 1 ? 1 : 0).join(QStringLiteral(" · "));
  title.replace(QLatin1Char('_'), QLatin1Char(' '));
  if (!title.isEmpty()) title[0] = title[0].toUpper();
  return title;
}

QString stage_title(const QString& stage) {
  if (stage == QLatin1String("pretrain")) return tr("Pre-training");
  if (stage == QLatin1String("finetune")) return tr("Fine-tuning");
  if (stage == QLatin1String("evaluate")) return tr("Evaluation");
  return stage;
}

}  // namespace mimir
