#include "widgets/plot/plot_ticker.h"

#include <QCoreApplication>
#include <QDateTime>
#include <algorithm>
#include <cmath>

#include "core/figure/scale.h"
#include "widgets/format.h"

namespace mimir {
namespace {

constexpr double kTimeSteps[] = {1,    2,    5,     10,    15,    30,    60,     120,    300,     600,     900,
                                 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2419200};

double time_step(double length, int room) {
  for (const double step : kTimeSteps) {
    if (length / step <= room) return step;
  }
  return 2419200 * std::ceil(length / room / 2419200);
}

QDateTime local_time(double seconds) { return QDateTime::fromMSecsSinceEpoch(std::llround(seconds * 1000)); }

QString clock_text(double seconds, double step) {
  const QDateTime time = local_time(seconds);
  if (step >= 86400 || (time.time().hour() == 0 && time.time().minute() == 0 && time.time().second() == 0)) {
    return QLocale().toString(time.date(), QStringLiteral("d MMM"));
  }
  return QLocale().toString(time.time(), step < 60 ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
}

/// "0:30", "1:05:00", "5 min", "2 h", "1 h 30", "3 d": no longer than ticks that are `step` apart need.
QString duration_tick(double seconds, double step) {
  const auto text = [](const char* source) { return QCoreApplication::translate("mimir::PlotTicker", source); };
  const auto two = [](long long value) { return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0')); };
  if (seconds < 0) return QChar(0x2212) + duration_tick(-seconds, step);
  const long long whole = std::llround(seconds), minutes = whole / 60, hours = whole / 3600;
  if (whole == 0) return QStringLiteral("0");
  if (step < 60) return hours ? QStringLiteral("%1:%2:%3").arg(hours).arg(two(minutes % 60), two(whole % 60)) : QStringLiteral("%1:%2").arg(minutes).arg(two(whole % 60));
  if (whole % 86400 == 0 && step >= 43200) return text("%1 d").arg(whole / 86400);
  if (minutes % 60 == 0) return text("%1 h").arg(hours);
  return hours ? text("%1 h %2").arg(hours).arg(two(minutes % 60)) : text("%1 min").arg(minutes);
}

/// 1, 2 and 5 times powers of ten where few decades are shown, else powers; the rest become minor ones.
void logarithmic_ticks(const QCPRange& range, int room, QVector<double>& ticks, QVector<double>* minor) {
  const double decades = std::log10(range.upper / range.lower);
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / room)));
  std::vector<int> multiples = {1};
  if (decades * 3 <= room + 1) multiples = {1, 2, 5};
  else if (decades * 2 <= room + 1) multiples = {1, 3};
  const int first = static_cast<int>(std::floor(std::log10(range.lower)));
  const int last = static_cast<int>(std::ceil(std::log10(range.upper)));
  for (int exponent = first; exponent <= last; ++exponent) {
    for (int multiple = 1; multiple < 10; ++multiple) {
      const double value = multiple * std::pow(10.0, exponent);
      if (value < range.lower || value > range.upper) continue;
      const bool shown = exponent % stride == 0 && std::find(multiples.begin(), multiples.end(), multiple) != multiples.end();
      if (shown) ticks.append(value);
      else if (minor && decades < 6) minor->append(value);
    }
  }
}

}  // namespace

void PlotTicker::configure(TickKind kind, bool logarithmic, int room) {
  kind_ = kind;
  logarithmic_ = logarithmic;
  room_ = std::max(2, room);
}

void PlotTicker::generate(const QCPRange& range, const QLocale&, QChar, int, QVector<double>& ticks,
                          QVector<double>* sub_ticks, QVector<QString>* labels) {
  ticks.clear();
  if (sub_ticks) sub_ticks->clear();
  double step = 0;
  if (logarithmic_ && range.lower > 0) {
    logarithmic_ticks(range, room_, ticks, sub_ticks);
  }
  if (ticks.size() < 2) {  // also a logarithmic axis that shows less than a factor of two
    ticks.clear();
    if (kind_ == TickKind::number) {
      for (const double tick : round_ticks(range.lower, range.upper, room_)) ticks.append(tick);
      step = ticks.size() > 1 ? ticks[1] - ticks[0] : range.size();
    } else {
      step = time_step(range.size(), room_);
      const double shift = kind_ == TickKind::clock ? local_time(range.lower).offsetFromUtc() : 0;
      for (double tick = std::ceil((range.lower + shift) / step) * step - shift; tick <= range.upper; tick += step) ticks.append(tick);
    }
  }
  if (!labels) return;
  labels->clear();
  for (const double tick : ticks) {
    const double own = step > 0 ? step : std::pow(10.0, std::floor(std::log10(tick)));
    switch (kind_) {
      case TickKind::number: labels->append(tick_text(std::abs(tick) < own * 1e-9 ? 0 : tick, own)); break;
      case TickKind::duration: labels->append(duration_tick(tick, own)); break;
      case TickKind::clock: labels->append(clock_text(tick, own)); break;
    }
  }
}

QString tick_text(double value, double step) {
  const double size = std::max(std::abs(value), step);
  if (value == 0) return QStringLiteral("0");
  if (size < 1e-3 || size >= 1e12) return number_text(value, 1 + std::clamp(static_cast<int>(std::ceil(std::log10(size / step) - 0.01)), 0, 3));
  for (const auto& [unit, name] : {std::pair{1e9, "G"}, std::pair{1e6, "M"}, std::pair{1e3, "k"}}) {
    if (std::abs(value) >= std::max(unit, 1e4) && step >= unit / 100) {
      const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step / unit) - 1e-9)), 0, 2);
      return fixed_text(value / unit, decimals) + QChar(0x202F) + QLatin1String(name);
    }
  }
  return fixed_text(value, std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6));
}

QString x_text(double x, XKind kind) {
  switch (kind) {
    case XKind::epoch: return number_text(std::round(x * 100) / 100, x < 100 ? 3 : 4);
    case XKind::since_start: return duration_text(x);
    case XKind::wall_clock: return QLocale().toString(local_time(x), QStringLiteral("d MMM HH:mm:ss"));
    case XKind::step:
    case XKind::images: break;
  }
  return fixed_text(x, 0);
}

QString x_title(XKind kind) {
  const auto text = [](const char* source) { return QCoreApplication::translate("mimir::PlotTicker", source); };
  switch (kind) {
    case XKind::step: return text("optimiser step");
    case XKind::epoch: return text("epoch");
    case XKind::images: return text("images seen");
    case XKind::since_start: return text("time since start, without pauses");
    case XKind::wall_clock: return text("time of day");
  }
  return {};
}

}  // namespace mimir
