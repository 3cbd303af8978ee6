#include "widgets/form/number_text.h"

#include <QRegularExpression>
#include <QStringList>
#include <cmath>

#include "core/base/text.h"

namespace mimir {
namespace {

/// Recursive descent over + - * / ( ) and numbers; `at` moves forward, failing sets `bad`.
class Arithmetic {
 public:
  explicit Arithmetic(const QString& text) : text_(text.simplified().remove(QLatin1Char(' ')).toStdString()) {}

  std::optional<double> value() {
    if (text_.size() > 200) return std::nullopt;
    const double result = sum();
    if (bad_ || at_ != text_.size() || !std::isfinite(result)) return std::nullopt;
    return result;
  }

 private:
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  double sum() {
    double result = product();
    while (!bad_ && (next() == '+' || next() == '-')) {
      const bool plus = text_[at_++] == '+';
      const double other = product();
      result = plus ? result + other : result - other;
    }
    return result;
  }

  double product() {
    double result = factor();
    while (!bad_ && (next() == '*' || next() == '/')) {
      const bool times = text_[at_++] == '*';
      const double other = factor();
      result = times ? result * other : result / other;
    }
    return result;
  }

  double factor() {
    if (next() == '-') {
      ++at_;
      return -factor();
    }
    if (next() == '(') {
      ++at_;
      const double inner = sum();
      if (next() != ')') bad_ = true;
      ++at_;
      return inner;
    }
    const std::size_t begin = at_;
    const auto digits = [&] {
      while (next() >= '0' && next() <= '9') ++at_;
    };
    digits();
    if (next() == '.') {
      ++at_;
      digits();
    }
    if (at_ > begin && (next() == 'e' || next() == 'E')) {
      ++at_;
      if (next() == '+' || next() == '-') ++at_;
      digits();
    }
    const auto number = parse_number(text_.substr(begin, at_ - begin));
    if (!number) bad_ = true;
    return number.value_or(0);
  }

  std::string text_;
  std::size_t at_ = 0;
  bool bad_ = false;
};

}  // namespace

std::optional<double> evaluate_number(const QString& text) { return Arithmetic(text).value(); }

QString value_text(const FieldSchema& field, const Value& value) {
  if (const auto* number = std::get_if<double>(&value); number && field.on_unit_scale() && *number > 0) {
    const double levels = std::round(*number * 255);
    if (levels >= 1 && levels <= 255 && std::abs(levels / 255 - *number) < 1e-12) return QStringLiteral("%1/255").arg(levels);
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return QString::fromStdString(join(*list, ", "));
  QString text = QString::fromStdString(format_value(value));
  if (std::holds_alternative<double>(value)) text.replace(QLatin1String("e-0"), QLatin1String("e-"));  // 1e-5, as it is typed
  return text;
}

std::optional<QString> canonical_text(const FieldSchema& field, const QString& text) {
  const Parameter& p = field.parameter;
  const std::string typed = text.trimmed().toStdString();
  if (p.type == ParameterType::integer) {
    if (parse_integer(typed)) return text.trimmed();
    const auto number = evaluate_number(text);
    if (!number || *number != std::floor(*number) || std::abs(*number) > 9007199254740992.0) return std::nullopt;
    return QString::number(static_cast<qlonglong>(*number));
  }
  if (p.type == ParameterType::number) {
    const auto number = evaluate_number(text);
    if (!number) return std::nullopt;
    return parse_number(typed) ? text.simplified().remove(QLatin1Char(' ')) : QString::fromStdString(format_number(*number));
  }
  if (p.type == ParameterType::list) {
    QStringList items = text.split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (QString& item : items) item = item.trimmed();
    items.removeAll(QString());
    return items.join(QLatin1Char(','));
  }
  return parse_value(p, typed) ? std::optional(text.trimmed()) : std::nullopt;
}

std::optional<QString> likely_fraction(const FieldSchema& field, const QString& text) {
  if (!field.on_unit_scale()) return std::nullopt;
  static const QRegularExpression fraction(QStringLiteral("^\\s*(\\d+(?:\\.\\d+)?)\\s*/\\s*(\\d+)\\s*$"));
  static const QRegularExpression levels(QStringLiteral("^\\s*([2-9]|[1-9]\\d{1,2})\\s*$"));
  // One digit wrong, missing, doubled or two exchanged.
  static const QRegularExpression near(QStringLiteral("^(2?5?5|2\\d5|25\\d|\\d55|525|2555|2255|255\\d)$"));
  if (const auto match = fraction.match(text); match.hasMatch()) {
    const QString below = match.captured(2);
    const bool meant = below != QLatin1String("255") && below.size() > 1 && near.match(below).hasMatch();
    return meant ? std::optional(match.captured(1) + QLatin1String("/255")) : std::nullopt;
  }
  if (const auto match = levels.match(text); match.hasMatch() && match.captured(1).toInt() <= 255) {
    return match.captured(1) + QLatin1String("/255");
  }
  return std::nullopt;
}

}  // namespace mimir
