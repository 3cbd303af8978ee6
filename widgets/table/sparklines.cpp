#include "widgets/table/sparklines.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/store/run_reader.h"

namespace mimir {
namespace {

constexpr std::size_t kPoints = 48;

QString key_of(const QString& id, const std::string& metric) { return id + QLatin1Char('/') + QString::fromStdString(metric); }

}  // namespace

Sparkline make_sparkline(const std::vector<std::pair<double, double>>& points) {
  Sparkline sparkline;
  if (points.empty()) return sparkline;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const auto& [x, y] : points) {
    if (!std::isfinite(y)) continue;
    low = std::min(low, y);
    high = std::max(high, y);
  }
  const double from = points.front().first, width = std::max(points.back().first - from, 1e-12);
  bool open = false;
  for (const auto& [x, y] : points) {
    const double at = (x - from) / width;
    if (!std::isfinite(y)) {
      sparkline.problems.push_back(at);
      open = false;
      continue;
    }
    if (!open) sparkline.lines.emplace_back();
    open = true;
    sparkline.lines.back().emplace_back(at, high > low ? (y - low) / (high - low) : 0.5);
  }
  sparkline.first = points.front().second;
  sparkline.last = points.back().second;
  return sparkline;
}

std::shared_ptr<const Sparkline> Sparklines::get(const QString& id, const RunFolder& run, std::uint64_t revision, const std::string& metric) {
  Known& known = known_[key_of(id, metric)];
  if (known.asked != revision) {
    known.asked = revision;
    std::erase_if(waiting_, [&](const Wanted& wanted) { return wanted.id == id && wanted.metric == metric; });
    waiting_.push_back({id, run, revision, metric});
    read_next();
  }
  return known.line;
}

void Sparklines::read_next() {
  if (reading_ || waiting_.empty()) return;
  reading_ = true;
  Wanted wanted = std::move(waiting_.back());  // what was asked for last is in sight
  waiting_.pop_back();
  QThreadPool::globalInstance()->start([guard = QPointer<Sparklines>(this), wanted = std::move(wanted)] {
    std::vector<std::pair<double, double>> points;
    RunReader reader(wanted.run);
    if (const auto samples = reader.samples(wanted.metric, kPoints)) {
      for (const Point& point : *samples) points.emplace_back(static_cast<double>(point.step), point.value);
    }
    auto line = std::make_shared<const Sparkline>(make_sparkline(points));
    QMetaObject::invokeMethod(QCoreApplication::instance(), [guard, id = wanted.id, metric = wanted.metric, line = std::move(line)] {
      if (!guard) return;
      guard->reading_ = false;
      guard->known_[key_of(id, metric)].line = line;
      Q_EMIT guard->changed(id);
      guard->read_next();
    });
  });
}

}  // namespace mimir
