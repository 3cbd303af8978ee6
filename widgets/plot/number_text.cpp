#include "widgets/plot/number_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

namespace mimir {
namespace {

const QChar kMinus(0x2212);
const QChar kThin(0x202F);

QString superscript(int number) {
  static constexpr char16_t kDigits[] = u"⁰¹²³⁴⁵⁶⁷⁸⁹";
  QString text;
  const QString digits = QString::number(std::abs(number));
  if (number < 0) text += QChar(0x207B);
  for (const QChar digit : digits) text += QChar(kDigits[digit.digitValue()]);
  return text;
}

/// "-1234.5" as people read it.
QString localised(QString text) {
  qsizetype point = text.indexOf(QLatin1Char('.'));
  if (point < 0) point = text.size();
  const qsizetype start = text.startsWith(QLatin1Char('-')) ? 1 : 0;
  if (point < text.size()) text.replace(point, 1, QLocale().decimalPoint());
  if (point - start > 3) {
    for (qsizetype i = point - 3; i > start; i -= 3) text.insert(i, kThin);
  }
  if (start == 1) text[0] = kMinus;
  return text;
}

QString scientific(double value, int digits) {
  int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  double mantissa = value / std::pow(10.0, exponent);
  QString text = QString::number(mantissa, 'f', digits);
  if (std::abs(text.toDouble()) >= 10) {
    ++exponent;
    text = QString::number(mantissa / 10, 'f', digits);
  }
  while (text.contains(QLatin1Char('.')) && (text.endsWith(QLatin1Char('0')) || text.endsWith(QLatin1Char('.')))) {
    const bool point = text.endsWith(QLatin1Char('.'));
    text.chop(1);
    if (point) break;
  }
  return localised(text) + QChar(0xD7) + QStringLiteral("10") + superscript(exponent);
}

}  // namespace

QString value_text(double value, int digits) {
  if (std::isnan(value)) return QStringLiteral("NaN");
  if (std::isinf(value)) return value > 0 ? QStringLiteral("+∞") : QString(kMinus) + QStringLiteral("∞");
  const double size = std::abs(value);
  if (size == 0) return QStringLiteral("0");
  if (size < 1e-3 || size >= 1e7) return scientific(value, digits - 2);
  const int before = static_cast<int>(std::floor(std::log10(size))) + 1;  // digits before the point; <= 0 below 0.1
  return localised(QString::number(value, 'f', std::max(0, digits - before)));
}

QString tick_text(double value, double step) {
  const double size = std::max(std::abs(value), step);
  if (value == 0) return QStringLiteral("0");
  if (size < 1e-3 || size >= 1e12) return scientific(value, std::clamp(static_cast<int>(std::ceil(std::log10(size / step) - 0.01)), 0, 3));
  for (const auto& [unit, name] : {std::pair{1e9, "G"}, std::pair{1e6, "M"}, std::pair{1e3, "k"}}) {
    if (std::abs(value) >= std::max(unit, 1e4) && step >= unit / 100) {
      const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step / unit) - 1e-9)), 0, 2);
      return localised(QString::number(value / unit, 'f', decimals)) + kThin + QLatin1String(name);
    }
  }
  return localised(QString::number(value, 'f', std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6)));
}

QString count_text(qint64 value) { return localised(QString::number(value)); }

QString axis_duration_text(double seconds) {
  const auto all = static_cast<qint64>(std::llround(std::abs(seconds)));
  const QString sign = seconds < 0 && all > 0 ? QString(kMinus) : QString();
  const auto text = [](const char* source) { return QCoreApplication::translate("mimir::number_text", source); };
  if (all < 60) return sign + text("%1 s").arg(all);
  if (all < 3600) return sign + (all % 60 ? text("%1 min %2 s").arg(all / 60).arg(all % 60) : text("%1 min").arg(all / 60));
  if (all < 86400) return sign + (all / 60 % 60 ? text("%1 h %2 min").arg(all / 3600).arg(all / 60 % 60) : text("%1 h").arg(all / 3600));
  return sign + (all / 3600 % 24 ? text("%1 d %2 h").arg(all / 86400).arg(all / 3600 % 24) : text("%1 d").arg(all / 86400));
}

}  // namespace mimir
