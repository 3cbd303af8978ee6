#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <algorithm>

namespace mimir {

/// The longest time, in ms, in which the thread it lives on did not come back to its event loop: how late a 5 ms
/// timer fired. Watches from start() on.
class UiWatch : public QObject {
  Q_OBJECT

 public:
  explicit UiWatch(QObject* parent = nullptr) : QObject(parent) {
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(kEveryMs);
    connect(&timer_, &QTimer::timeout, this, [this] { longest_ = std::max(longest_, late()); });
  }

  void start() {
    longest_ = 0;
    since_.start();
    timer_.start();
  }
  /// Also counts what lasts at this moment.
  double longest_ms() {
    longest_ = std::max(longest_, late());
    return longest_;
  }

 private:
  static constexpr int kEveryMs = 5;
  double late() {
    const double passed = static_cast<double>(since_.nsecsElapsed()) / 1e6;
    since_.restart();
    return std::max(0.0, passed - kEveryMs);
  }

  QTimer timer_;
  QElapsedTimer since_;
  double longest_ = 0;
};

}  // namespace mimir
